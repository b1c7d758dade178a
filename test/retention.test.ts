import pg from 'pg';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { purgeAccounts } from '../src/accounts/retention.ts';
import { retainLogs, trimLogs } from '../src/eventlog/retention.ts';
import { MAX_CHANGES } from '../src/eventlog/streams/inbox-state.ts';
import { type Database, openDatabase } from '../src/platform/db.ts';
import { createLog, createMetrics } from '../src/platform/telemetry.ts';
import { createDatabase, type TestDatabase } from './harness/database.ts';
import { numberIn } from './harness/ids.ts';
import { startNode, type TestNode } from './harness/node.ts';
import { ask, type Person, signUp, signUpAll } from './harness/people.ts';

let database: TestDatabase;
let node: TestNode;
let client: pg.Client;

beforeAll(async () => {
  database = await createDatabase();
  node = await startNode({ databaseUrl: database.url });
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
});

afterAll(async () => {
  await client?.end();
  await node?.stop();
  await database?.drop();
});

/** Lets the first events of a room have happened long ago, and trims. */
async function trimBefore(roomId: string, roomSeq: number): Promise<number> {
  const inside = numberIn(roomId);
  await client.query(
    `UPDATE room_events SET created_at = created_at - interval '40 days' WHERE room_id = $1 AND room_seq < $2`,
    [inside, roomSeq],
  );
  return withDatabase((db) => trimLogs(db.tail, new Date(Date.now() - 30 * 86_400_000)));
}

async function withDatabase(task: (db: Database) => Promise<number>): Promise<number> {
  const db = openDatabase(database.url, 4, createLog('silent', 'test'), createMetrics());
  try {
    return await task(db);
  } finally {
    await db.close();
  }
}

test('a cursor from before the retained log is told so; history and keys stay', async () => {
  const { ada, bob } = await signUpAll(node, 'ada', 'bob');
  const roomId = await ada.createRoom('archive');
  await bob.join(roomId);
  const cursors = async () =>
    (await bob.ask('query ($id: ID!) { room(id: $id) { cursor } viewer { inboxCursor } }', { id: roomId }))
      .data;
  const old = await cursors();
  const input = { roomId, text: 'old', idempotencyKey: 'kept' };
  await ada.change('sendMessage', input);
  for (let i = 0; i < 9; i++) await ada.say(roomId, `${i}`);
  const young = await cursors();
  await ada.say(roomId, 'last');

  // Events 1 to 11 are old; the newest of them stays, to prove where an old snapshot stood.
  expect(await trimBefore(roomId, 12)).toBe(10);
  for (const feed of [
    await bob.watch(roomId, old.room.cursor),
    await bob.watchInbox(old.viewer.inboxCursor),
  ]) {
    expect(await feed.next()).toMatchObject({ __typename: 'ResyncRequired', resyncReason: 'CURSOR_EXPIRED' });
    feed.close();
  }
  for (const feed of [
    await bob.watch(roomId, young.room.cursor),
    await bob.watchInbox(young.viewer.inboxCursor),
  ]) {
    expect(await feed.texts(1)).toEqual(['last']);
    feed.close();
  }
  const page = await bob.ask(
    'query ($id: ID!) { room(id: $id) { events { nodes { roomSeq } } messages(first: 1) { nodes { text } } } }',
    { id: roomId },
  );
  expect(page.data.room.events.nodes.map((event: any) => event.roomSeq)).toEqual([11, 12, 13, 14]);
  expect(page.data.room.messages.nodes).toEqual([{ text: 'old' }]);
  expect(await ada.change('sendMessage', input, 'replayed')).toMatchObject({ replayed: true });
});

test('a room with nothing new never expires', async () => {
  const ada = await signUp(node, 'ada');
  const roomId = await ada.createRoom('silence');
  const { data } = await ada.ask('query ($id: ID!) { room(id: $id) { cursor } viewer { inboxCursor } }', {
    id: roomId,
  });
  await trimBefore(roomId, 99);
  for (const feed of [
    await ada.watch(roomId, data.room.cursor),
    await ada.watchInbox(data.viewer.inboxCursor),
  ]) {
    expect(await feed.next()).toMatchObject({ __typename: 'StreamReady', replayedCount: 0 });
    feed.close();
  }
});

// -- the own logs ------------------------------------------------------------------------------

const inboxCursor = async (person: Person): Promise<string> =>
  (await person.ask('{ viewer { inboxCursor } }')).data.viewer.inboxCursor;

/** Lets everything in a user's own log have happened long ago, and trims all logs. Returns the numbers that stay. */
async function trimOwnLog(person: Person): Promise<number[]> {
  const userId = numberIn(person.userId);
  await client.query(
    `UPDATE account_events SET created_at = created_at - interval '40 days' WHERE user_id = $1`,
    [userId],
  );
  await withDatabase((db) => trimLogs(db.tail, new Date(Date.now() - 30 * 86_400_000)));
  const { rows } = await client.query(
    'SELECT account_seq::int AS seq FROM account_events WHERE user_id = $1 ORDER BY 1',
    [userId],
  );
  return rows.map(({ seq }) => seq);
}

test('a cursor from before the retained own log is told so; one at its end never expires', async () => {
  const { ada } = await signUpAll(node, 'ada');
  const old = await inboxCursor(ada);
  for (let i = 0; i < 3; i++) await ada.createRoom(`room ${i}`);
  const between = await inboxCursor(ada);
  const live = await ada.watchInbox(between);
  await live.next('StreamReady');
  await ada.createRoom('the last');
  const present = await inboxCursor(ada);
  // The newest of the old ones stays.
  expect(await trimOwnLog(ada)).toEqual([4]);
  const late = await ada.watchInbox(old);
  expect(await late.next()).toMatchObject({ __typename: 'ResyncRequired', resyncReason: 'CURSOR_EXPIRED' });
  for (const [cursor, count] of [
    [between, 1],
    [present, 0],
  ] as const) {
    const feed = await ada.watchInbox(cursor);
    const ready = await feed.next('StreamReady');
    expect(feed.items.filter(({ __typename }) => __typename === 'RoomAccessGranted')).toHaveLength(count);
    expect(ready.cursor).toBeTruthy();
    feed.close();
  }
  const room = await ada.createRoom('after it');
  await live.next('RoomAccessGranted');
  expect((await live.next('RoomAccessGranted'))['room'].id).toBe(room);
  for (const feed of [late, live]) feed.close();
});

test('what was lost is known for ever: to streams of the room, and to who leaves again', async () => {
  const { ada, bob } = await signUpAll(node, 'ada', 'bob');
  const roomId = await ada.createRoom('revolving door');
  await bob.join(roomId);
  const cursor = (await bob.ask('query ($id: ID!) { room(id: $id) { cursor } }', { id: roomId })).data.room
    .cursor;
  const left = await bob.change('leaveRoom', { roomId });
  expect(left.__typename).toBe('LeaveRoomSuccess');
  for (let i = 0; i < 2; i++) await bob.createRoom(`another ${i}`);
  await trimOwnLog(bob);
  expect(await bob.change('leaveRoom', { roomId })).toEqual(left);
  await bob.join(roomId);
  const feed = await bob.watch(roomId, cursor);
  expect(await feed.next()).toMatchObject({ __typename: 'ResyncRequired', resyncReason: 'ACCESS_CHANGED' });
  feed.close();
});

test('an inbox opens behind thousands of events that change no access, and more than it undoes expire', async () => {
  const ada = await signUp(node, 'ada');
  await ada.createRoom('one');
  const userId = numberIn(ada.userId);
  const cursor = await inboxCursor(ada);
  const append = (kind: number, count: number) =>
    client.query(
      `WITH head AS (UPDATE account_heads SET last_account_seq = last_account_seq + $2::int WHERE user_id = $1
         RETURNING last_account_seq - $2::int AS after)
       INSERT INTO account_events (user_id, account_seq, kind, room_id, room_seq, created_at)
       SELECT $1, head.after + i, $3::smallint, CASE WHEN $3::smallint = 2 THEN 999999 END, 1, now() FROM head, generate_series(1, $2::int) i`,
      [userId, count, kind],
    );
  await append(99, 3_000);
  const room = await ada.createRoom('two');
  const feed = await ada.watchInbox(cursor);
  const granted = await feed.next('RoomAccessGranted');
  expect(granted['room'].id).toBe(room);
  await feed.next('StreamReady');
  expect(feed.items.filter(({ __typename }) => __typename === 'AccountEventUnavailable')).toHaveLength(3_000);
  feed.close();
  await append(2, MAX_CHANGES + 1);
  const late = await ada.watchInbox(cursor);
  expect(await late.next()).toMatchObject({ __typename: 'ResyncRequired', resyncReason: 'CURSOR_EXPIRED' });
  late.close();
});

test('a new epoch makes every cursor foreign, also for those who are connected', async () => {
  const ada = await signUp(node, 'ada');
  const roomId = await ada.createRoom('time');
  const { data } = await ada.ask('query ($id: ID!) { room(id: $id) { cursor } viewer { inboxCursor } }', {
    id: roomId,
  });
  const live = [await ada.watch(roomId), await ada.watchInbox()];
  for (const feed of live) await feed.next('StreamReady');
  await client.query('UPDATE incarnation SET epoch = gen_random_uuid(), rotated_at = now()');
  const foreign = { __typename: 'ResyncRequired', resyncReason: 'CURSOR_FOREIGN' };
  for (const feed of live) expect(await feed.next('ResyncRequired')).toMatchObject(foreign);
  for (const feed of [
    await ada.watch(roomId, data.room.cursor),
    await ada.watchInbox(data.viewer.inboxCursor),
  ]) {
    expect(await feed.next()).toMatchObject(foreign);
    feed.close();
  }
  const fresh = await ada.watchInbox((await ada.ask('{ viewer { inboxCursor } }')).data.viewer.inboxCursor);
  await fresh.next('StreamReady');
  await ada.say(roomId, 'again');
  expect(await fresh.texts(1)).toEqual(['again']);
  fresh.close();
});

// -- accounts ----------------------------------------------------------------------------------

const REFRESH = `mutation ($t: String!) { refreshSession(input: { refreshToken: $t }) { __typename
  ... on RefreshSessionSuccess { tokens { refreshToken } } } }`;

const purge = () =>
  withDatabase((db) =>
    purgeAccounts({
      sql: db.tail,
      log: createLog('silent', 'test'),
      metrics: createMetrics(),
      refreshTokenDays: 30,
    }),
  );

async function countOf(table: string, where = 'true'): Promise<number> {
  return (await client.query(`SELECT count(*)::int AS n FROM ${table} WHERE ${where}`)).rows[0].n;
}

const refresh = async (token: string) =>
  (await ask<any>(node.url, REFRESH, { t: token })).data.refreshSession;

const sessionsOf = ({ userId }: Person) => countOf('sessions', `user_id = ${numberIn(userId)}`);
const tokensOf = ({ userId }: Person) =>
  countOf('refresh_tokens t JOIN sessions s ON s.id = t.session_id', `s.user_id = ${numberIn(userId)}`);

/** Lets a person's tokens have been exchanged so many days ago. */
async function age({ userId }: Person, days: number): Promise<void> {
  await client.query(
    `UPDATE refresh_tokens SET rotated_at = rotated_at - make_interval(days => $2) WHERE session_id IN (SELECT id FROM sessions WHERE user_id = $1)`,
    [numberIn(userId), days],
  );
}

test('an exchanged refresh token reveals a theft while it could be used, and is gone after', async () => {
  const [young, old] = [await signUp(node, 'young'), await signUp(node, 'old')];
  const successors = [await refresh(young.refreshToken), await refresh(old.refreshToken)];
  await age(young, 29);
  await age(old, 31);
  await purge();
  expect(await tokensOf(young)).toBe(2);
  expect(await tokensOf(old)).toBe(1);

  const again = { __typename: 'InvalidCredentialsError' };
  expect(await refresh(young.refreshToken)).toMatchObject(again);
  expect(await refresh(successors[0].tokens.refreshToken), 'its session was ended').toMatchObject(again);
  expect(await refresh(old.refreshToken)).toMatchObject(again);
  expect((await refresh(successors[1].tokens.refreshToken)).__typename).toBe('RefreshSessionSuccess');
});

test('sessions that ended long ago are deleted with all their tokens; others stay', async () => {
  const [live, revoked, expired] = [
    await signUp(node, 'live'),
    await signUp(node, 'revoked'),
    await signUp(node, 'expired'),
  ];
  // More than one statement deletes.
  await client.query(
    `INSERT INTO refresh_tokens (hash, session_id, rotated_at)
     SELECT sha256(n::text::bytea), s.id, now() FROM generate_series(1, 2500) n, sessions s WHERE s.user_id = $1`,
    [numberIn(expired.userId)],
  );
  await revoked.ask('mutation { logout { __typename } }');
  await client.query(`UPDATE sessions SET expires_at = now() - interval '8 days' WHERE user_id = $1`, [
    numberIn(expired.userId),
  ]);
  expect(await purge()).toBe(2502);
  expect([await sessionsOf(live), await sessionsOf(revoked), await sessionsOf(expired)]).toEqual([1, 1, 0]);

  await client.query(`UPDATE sessions SET revoked_at = now() - interval '8 days' WHERE user_id = $1`, [
    numberIn(revoked.userId),
  ]);
  expect(await purge()).toBe(2);
  expect([await sessionsOf(live), await sessionsOf(revoked)]).toEqual([1, 0]);
});

test('one-time tokens are deleted when they were used or expired long ago', async () => {
  const kept = ['fresh', 'just used', 'for ever'];
  await client.query(
    `INSERT INTO one_time_tokens (hash, purpose, used_at, expires_at) VALUES
       ('fresh', 'invitation', NULL, now() + interval '1 day'),
       ('just used', 'invitation', now() - interval '6 days', now() + interval '1 day'),
       ('for ever', 'first-admin', NULL, NULL),
       ('used', 'first-admin', now() - interval '8 days', NULL),
       ('expired', 'invitation', NULL, now() - interval '8 days')`,
  );
  expect(await purge()).toBe(2);
  const { rows } = await client.query(
    `SELECT encode(hash, 'escape') AS name FROM one_time_tokens WHERE length(hash) < 32`,
  );
  expect(rows.map(({ name }) => name).toSorted((a, b) => a.localeCompare(b))).toEqual(
    kept.toSorted((a, b) => a.localeCompare(b)),
  );
});

// -- clocks ------------------------------------------------------------------------------------

const DAY_MS = 86_400_000;

/** One run of everything that deletes what is old, with what it logged and measured. */
async function retain() {
  const lines: { readonly msg: string }[] = [];
  const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const metrics = createMetrics();
  const valueOf = async (gauge: 'clockSkew' | 'retentionLag') =>
    (await metrics[gauge].get()).values[0]?.value ?? 0;
  const deleted = await withDatabase(
    async (db) =>
      (await retainLogs({ sql: db.tail, log, metrics, days: 30 })) +
      (await purgeAccounts({ sql: db.tail, log, metrics, refreshTokenDays: 30 })),
  );
  const warnings = [...new Set(lines.map(({ msg }) => msg))];
  return { deleted, warnings, skew: await valueOf('clockSkew'), lag: await valueOf('retentionLag') };
}

/** As if the last run had been so long ago by the clock of the database. */
const letTimePass = (interval: string) =>
  client.query(
    `UPDATE retention_clock SET observed_at = observed_at - $1::interval, trusted_at = trusted_at - $1::interval`,
    [interval],
  );

/** A room and a session that retention has to leave alone, and one event that it has to take. */
async function ageThings(): Promise<{ roomId: string; ada: Person }> {
  const ada = await signUp(node, 'ada');
  const roomId = await ada.createRoom('old and young');
  for (let i = 0; i < 5; i++) await ada.say(roomId, `${i}`);
  const at = `UPDATE room_events SET created_at = now() - $2::interval WHERE room_id = $1 AND room_seq`;
  await client.query(`${at} > 3`, [numberIn(roomId), '1 day']);
  await client.query(`${at} <= 3`, [numberIn(roomId), '29 days']);
  await client.query(`${at} <= 2`, [numberIn(roomId), '40 days']);
  return { roomId, ada };
}

const eventsOf = (roomId: string) => countOf('room_events', `room_id = ${numberIn(roomId)}`);

describe('what is old is judged by the clock of the database', () => {
  afterEach(async () => {
    vi.useRealTimers();
    await client.query('UPDATE retention_clock SET observed_at = now(), trusted_at = now()');
  });

  test.each([40, -40])('a node whose clock is %s days off deletes nothing, and says so', async (days) => {
    const { roomId, ada } = await ageThings();
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + days * DAY_MS });
    const { deleted, warnings, skew, lag } = await retain();
    expect(deleted).toBe(0);
    expect(warnings).toEqual(['the clocks of node and database differ: nothing old is deleted']);
    expect(Math.round(skew / 86_400)).toBe(days);
    expect(lag).toBe(0);
    expect([await eventsOf(roomId), await sessionsOf(ada)]).toEqual([7, 1]);
    vi.useRealTimers();
    expect((await retain()).warnings).toEqual([]);
    // The newest of the old ones proves where a snapshot stood.
    expect(await eventsOf(roomId)).toBe(6);
  });

  test('where that clock has jumped ahead, a day of the log goes each hour, and not all of it at once', async () => {
    const { roomId, ada } = await ageThings();
    // All was done a moment ago; then the clock jumped forty days ahead.
    await client.query(`UPDATE room_events SET created_at = now() - interval '40 days' WHERE room_id = $1`, [
      numberIn(roomId),
    ]);
    await client.query(`UPDATE sessions SET expires_at = now() - interval '10 days' WHERE user_id = $1`, [
      numberIn(ada.userId),
    ]);
    await letTimePass('40 days');
    const first = await retain();
    expect(first).toMatchObject({ deleted: 0, warnings: [expect.stringContaining('went ahead')] });
    expect(Math.round(first.lag / 86_400)).toBe(39);
    for (let hour = 1; hour <= 8; hour++) {
      await client.query(`UPDATE retention_clock SET observed_at = observed_at - interval '1 hour'`);
      expect((await retain()).deleted).toBe(0);
    }
    expect([await eventsOf(roomId), await sessionsOf(ada)]).toEqual([7, 1]);
    // It is right after all: what is old goes when the retention has caught up.
    for (let hour = 9; hour <= 40; hour++) {
      await client.query(`UPDATE retention_clock SET observed_at = observed_at - interval '1 hour'`);
      await retain();
    }
    expect([await eventsOf(roomId), await sessionsOf(ada)]).toEqual([1, 0]);
    expect((await retain()).lag).toBeLessThan(60);
  });

  test('runs of many nodes do not hurry it, and it never runs ahead', async () => {
    await letTimePass('40 days');
    for (let run = 0; run < 10; run++) await retain();
    expect(Math.round((await retain()).lag / 86_400)).toBe(39);
    await client.query(`UPDATE retention_clock SET trusted_at = now() + interval '40 days'`);
    expect((await retain()).lag).toBe(0);
  });
});
