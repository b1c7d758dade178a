import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { ChangeKind, ChangeOutcome, RoomChange } from '../src/changes/kind.ts';
import { makeChange } from '../src/changes/make-change.ts';
import { ChangeQueue, MAX_BATCH } from '../src/changes/queue.ts';
import type { Services } from '../src/context.ts';
import { readLog } from '../src/eventlog/log.ts';
import { type Deletion, deletionKind, type Edit, editedMessage, editKind } from '../src/messages/edits.ts';
import { type Post, postKind } from '../src/messages/posts.ts';
import { joinKind } from '../src/rooms/joins.ts';
import { createDatabase, queryRows, type TestDatabase } from './harness/database.ts';
import { startNode, type TestNode } from './harness/node.ts';
import { signUpAll } from './harness/people.ts';
import { type OpenServices, openServices } from './harness/services.ts';

// Concurrent changes of all kinds go to the database in one call.

let database: TestDatabase;
let services: OpenServices;
let other: OpenServices;
let node: Services;
const users: number[] = [];
const [OWNER, MAX_ROOMS] = [0, 1_000];

beforeAll(async () => {
  database = await createDatabase();
  [services, other] = await Promise.all([openServices(database.url), openServices(database.url)]);
  node = services.node;
  for (let i = 0; i < 12; i++) users.push(await addUser(`user${i}`));
});

afterAll(async () => {
  await Promise.all([services?.close(), other?.close()]);
  await database?.drop();
});

async function one<Row>(text: string, values: readonly unknown[] = []): Promise<Row> {
  return (await queryRows<Row>(database.url, text, values))[0] as Row;
}

let lastUser = 800_000;

async function addUser(name: string): Promise<number> {
  await queryRows(database.url, 'INSERT INTO users (id, username, display_name) VALUES ($1, $2, $2)', [
    ++lastUser,
    name,
  ]);
  return lastUser;
}

const userAt = (index: number) => users[index % users.length] as number;

/** A public room; the first user owns it, the next ones up to `members` are in it. */
async function addRoom(members = 1): Promise<number> {
  const { id } = await one<{ id: number }>(
    'SELECT room_id::int AS id FROM create_room($1, 1::smallint, $2, NULL, $2, $3)',
    [userAt(OWNER), randomUUID(), randomUUID()],
  );
  if (members > 1)
    await one('SELECT * FROM add_members($1, $2, $3::bigint[], 20::smallint)', [
      id,
      userAt(OWNER),
      users.slice(1, members),
    ]);
  return id;
}

const post = (
  roomId: number,
  authorId = userAt(OWNER),
  text = 'a message',
  key: string = randomUUID(),
): Post => ({
  roomId,
  authorId,
  key,
  fingerprint: randomUUID().replace(/./g, (digit) => (digit === '-' ? digit : '0')),
  text,
  replyToRoomSeq: null,
});
const edit = (roomId: number, roomSeq: number, text: string, actorId = userAt(OWNER)): Edit => ({
  roomId,
  roomSeq,
  actorId,
  text,
  expectedVersion: null,
});
const deletion = (roomId: number, roomSeq: number, actorId = userAt(OWNER)): Deletion => ({
  roomId,
  roomSeq,
  actorId,
});
const join = (roomId: number, userId: number, maxRooms = MAX_ROOMS) => ({ roomId, userId, maxRooms });

const make = <Change extends RoomChange>(kind: ChangeKind<Change>, change: Change, on = node) =>
  makeChange(on, kind, change);

async function addMessages(roomId: number, count: number): Promise<number[]> {
  const outcomes = await Promise.all(Array.from({ length: count }, () => make(postKind, post(roomId))));
  return outcomes.map(({ roomSeq }) => roomSeq);
}

const statusesOf = (outcomes: readonly ChangeOutcome[]) => outcomes.map(({ status }) => status);

/** Counts the database calls during `task`, and the changes in them. */
async function countCalls(task: () => Promise<unknown>) {
  const read = async () => {
    const { values } = await node.metrics.changeBatch.get();
    const valueOf = (name: string) => values.find(({ metricName }) => metricName?.endsWith(name))?.value ?? 0;
    return { calls: valueOf('_count'), changes: valueOf('_sum') };
  };
  const before = await read();
  await task();
  const after = await read();
  return { calls: after.calls - before.calls, changes: after.changes - before.changes };
}

interface LoggedEvent {
  readonly roomSeq: number;
  readonly kind: number;
  readonly subject: number;
}
const logOf = (roomId: number) =>
  queryRows<LoggedEvent>(
    database.url,
    'SELECT room_seq::int AS "roomSeq", kind, subject::int FROM room_events WHERE room_id = $1 ORDER BY room_seq',
    [roomId],
  );

describe('a batch of several kinds', () => {
  test('is one call; refused changes are outcomes beside those that are made, numbered without gaps', async () => {
    const [roomId, elsewhere] = [await addRoom(3), await addRoom()];
    const [first, second, third] = (await addMessages(roomId, 3)) as [number, number, number];
    const [stranger, guest] = [userAt(5), userAt(2)];
    let outcomes: ChangeOutcome[] = [];
    const counted = await countCalls(async () => {
      outcomes = await Promise.all([
        make(joinKind, join(roomId, stranger)),
        make(editKind, edit(roomId, second, 'by another', guest)),
        make(editKind, edit(roomId, first, 'edited')),
        make(postKind, post(roomId)),
        make(postKind, post(roomId, userAt(7))),
        make(deletionKind, deletion(roomId, third)),
        make(deletionKind, deletion(roomId, second, guest)),
        make(editKind, edit(roomId, 99, 'no such message')),
        make(joinKind, join(2_000_000, stranger)),
        make(joinKind, join(elsewhere, guest, 1)),
        make(postKind, post(elsewhere)),
      ]);
    });
    expect(counted).toEqual({ calls: 1, changes: 11 });
    expect(statusesOf(outcomes)).toEqual([
      ...[
        'OK',
        'NOT_AUTHOR',
        'OK',
        'OK',
        'NOT_FOUND',
        'OK',
        'FORBIDDEN',
        'NOT_FOUND',
        'NOT_FOUND',
        'NO_PLACE',
      ],
      'OK',
    ]);
    const [joined, , edited, posted, , deleted] = outcomes as [
      ...[ChangeOutcome, ChangeOutcome, ChangeOutcome, ChangeOutcome, ChangeOutcome, ChangeOutcome],
    ];
    const log = await logOf(roomId);
    expect(log.map(({ roomSeq }) => roomSeq)).toEqual(log.map((_, i) => i + 1));
    const logged = ({ roomSeq }: ChangeOutcome) => log[roomSeq - 1];
    expect(logged(posted)).toMatchObject({ kind: 5, subject: posted.roomSeq });
    expect(logged(edited)).toMatchObject({ kind: 6, subject: first });
    expect(logged(deleted)).toMatchObject({ kind: 7, subject: third });
    expect(logged(joined)).toMatchObject({ kind: 8, subject: stranger });
  });

  test('answers what is there already without an event', async () => {
    const roomId = await addRoom();
    const [message, other] = (await addMessages(roomId, 2)) as [number, number];
    const same = post(roomId);
    const outcomes = await Promise.all([
      make(postKind, same),
      make(postKind, same),
      make(postKind, { ...same, fingerprint: randomUUID() }),
      make(editKind, edit(roomId, message, 'the same')),
      make(editKind, edit(roomId, message, 'the same')),
      make(deletionKind, deletion(roomId, other)),
      make(deletionKind, deletion(roomId, other)),
      make(joinKind, join(roomId, userAt(3))),
      make(joinKind, join(roomId, userAt(3))),
    ]);
    expect(statusesOf(outcomes)).toEqual([
      ...['OK', 'REPLAYED', 'KEY_CONFLICT', 'OK', 'SAME', 'OK', 'SAME', 'OK', 'SAME'],
    ]);
    expect(outcomes[1]?.roomSeq).toBe(outcomes[0]?.roomSeq);
    // RoomCreated, MemberJoined, two messages, and the changes.
    expect(await logOf(roomId)).toHaveLength(4 + 4);
  });

  test('makes edits of one message one after the other', async () => {
    const roomId = await addRoom();
    const [message] = (await addMessages(roomId, 1)) as [number];
    let outcomes: ChangeOutcome[] = [];
    const edits = Array.from({ length: 20 }, (_, i) => edit(roomId, message, `text ${i}`));
    const counted = await countCalls(async () => {
      outcomes = await Promise.all(edits.map((each) => make(editKind, each)));
    });
    expect(counted).toEqual({ calls: 1, changes: 20 });
    expect(statusesOf(outcomes)).toEqual(outcomes.map(() => 'OK'));
    const numbers = outcomes.map(({ roomSeq }) => roomSeq);
    expect(numbers).toEqual(numbers.map((_, i) => (numbers[0] as number) + i));
    expect(outcomes.map((outcome, i) => editedMessage(edits[i] as Edit, outcome).version)).toEqual(
      outcomes.map((_, i) => i + 2),
    );
    const stored = await one('SELECT text, version FROM messages WHERE room_id = $1 AND room_seq = $2', [
      roomId,
      message,
    ]);
    expect(stored).toEqual({ text: 'text 19', version: 21 });
  });

  test('counts the rooms that a user joins in it', async () => {
    const user = await addUser('collector');
    const rooms = await Promise.all(Array.from({ length: 5 }, () => addRoom()));
    const outcomes = await Promise.all(rooms.map((roomId) => make(joinKind, join(roomId, user, 3))));
    expect(statusesOf(outcomes)).toEqual(['OK', 'OK', 'OK', 'NO_PLACE', 'NO_PLACE']);
    const granted = await queryRows<{ seq: number; roomId: number }>(
      database.url,
      'SELECT account_seq::int AS seq, room_id::int AS "roomId" FROM account_events WHERE user_id = $1 ORDER BY 1',
      [user],
    );
    expect(granted).toEqual(rooms.slice(0, 3).map((roomId, i) => ({ seq: i + 1, roomId })));
  });

  test('stores any text as it is', async () => {
    const roomId = await addRoom();
    const texts = ['"', '\\', '\\"', '{a,b}', '(1,"x")', "'; --", ' lines\nand\ttabs ', 'NULL', '🙂 é', ','];
    const alone = await make(postKind, post(roomId, userAt(OWNER), texts.join('')));
    const posted = await Promise.all(
      texts.map((text) => make(postKind, post(roomId, userAt(OWNER), text, `key ${text}`))),
    );
    await Promise.all(
      posted.map(({ roomSeq }, i) => make(editKind, edit(roomId, roomSeq, `${texts[i]}${texts[i]}`))),
    );
    const stored = await queryRows<{ text: string }>(
      database.url,
      'SELECT text FROM messages WHERE room_id = $1 ORDER BY seq',
      [roomId],
    );
    expect(alone.status).toBe('OK');
    expect(stored.map(({ text }) => text)).toEqual([texts.join(''), ...texts.map((text) => text + text)]);
  });
});

test('the event that is announced is the one that the log has', async () => {
  const [roomId, author] = [await addRoom(3), userAt(1)];
  const check = async <Change extends RoomChange>(kind: ChangeKind<Change>, change: Change) => {
    const outcome = await make(kind, change);
    const [logged] = await readLog(node.db.read, node.logFollower.registry, roomId, outcome.roomSeq - 1);
    // A new message is also marked as having no attached data.
    expect(kind.eventOf(change, outcome)).toMatchObject(logged as object);
    return outcome.roomSeq;
  };
  const quoted = await check(postKind, post(roomId, author, 'quoted'));
  const roomSeq = await check(postKind, { ...post(roomId, author), replyToRoomSeq: quoted });
  await check(editKind, edit(roomId, roomSeq, 'edited', author));
  await check(editKind, edit(roomId, roomSeq, 'edited again', author));
  await check(deletionKind, deletion(roomId, roomSeq));
  await check(deletionKind, deletion(roomId, quoted, author));
  await check(joinKind, join(roomId, userAt(8)));
});

describe('the queue', () => {
  test('takes a bounded part of each kind where several wait, in the order they came', async () => {
    const batches: string[][] = [];
    const made = { status: 'OK' } as ChangeOutcome;
    const queue = new ChangeQueue(async (batch) => {
      batches.push(batch.map(({ kind, change }) => `${kind.name} ${change.roomId}`));
      return batch.map(() => made);
    });
    const deadline = { isOver: false };
    const add = (kind: unknown, roomId: number) =>
      queue.add({ kind: kind as ChangeKind, change: { roomId }, deadline });
    await Promise.all(Array.from({ length: 300 }, (_, i) => [add(editKind, i), add(postKind, i)]).flat());
    const countOf = (name: string) =>
      batches.map((batch) => batch.filter((entry) => entry.startsWith(name)).length);
    expect(countOf('post').slice(0, 3)).toEqual([MAX_BATCH, 44, 0]);
    expect(countOf('edit').slice(0, 2)).toEqual([editKind.mixedLimit, editKind.mixedLimit]);
    for (const name of ['post', 'edit'])
      expect(batches.flat().filter((entry) => entry.startsWith(name))).toEqual(
        Array.from({ length: 300 }, (_, i) => `${name} ${i}`),
      );
  });
});

test('batches over several rooms on two nodes never wait for each other in a circle', async () => {
  const rooms = await Promise.all(Array.from({ length: 8 }, () => addRoom(users.length)));
  const messages = new Map<number, number[]>();
  for (const roomId of rooms) messages.set(roomId, await addMessages(roomId, 12));
  const open = await Promise.all(Array.from({ length: 30 }, () => addRoom()));
  const direct = await Promise.all(
    users.slice(1).map(async (user) => {
      const sql = 'SELECT room_id::int AS id FROM open_direct_room($1, ARRAY[$2::bigint])';
      return (await one<{ id: number }>(sql, [userAt(OWNER), user])).id;
    }),
  );
  // Each node processes rooms and users in its own order.
  const changesOf = (on: Services, order: <Item>(items: Item[]) => Item[]) => {
    const outcomes: Promise<ChangeOutcome>[] = [];
    for (const [i, roomId] of order([...rooms, ...open, ...direct]).entries()) {
      const target = messages.get(roomId);
      outcomes.push(make(postKind, post(roomId, userAt(OWNER)), on));
      if (target) outcomes.push(make(editKind, edit(roomId, target[i % 12] as number, `${i}`), on));
      if (target) outcomes.push(make(deletionKind, deletion(roomId, target[(i + 5) % 12] as number), on));
      for (const user of order(users.slice(4))) outcomes.push(make(joinKind, join(roomId, user), on));
    }
    return outcomes;
  };
  const outcomes = await Promise.all([
    ...changesOf(node, (items) => items),
    ...changesOf(other.node, (items) => items.toReversed()),
  ]);
  const expected = new Set(['OK', 'SAME', 'DELETED', 'NOT_FOUND']);
  expect(statusesOf(outcomes).filter((status) => !expected.has(status))).toEqual([]);
  const { deadlocks } = await one<{ deadlocks: number }>(
    'SELECT deadlocks::int FROM pg_stat_database WHERE datname = current_database()',
  );
  expect(deadlocks).toBe(0);
  for (const roomId of [...rooms, ...open]) {
    const numbers = (await logOf(roomId)).map(({ roomSeq }) => roomSeq);
    expect(numbers).toEqual(numbers.map((_, i) => i + 1));
  }
});

describe('announcements', () => {
  let shared: TestDatabase;
  let here: TestNode;
  let there: TestNode;

  beforeAll(async () => {
    shared = await createDatabase();
    const env = { HEAD_CHECK_MS: '10000' };
    const options = { databaseUrl: shared.url, redisUrl: inject('redisUrl'), env };
    [here, there] = await Promise.all([startNode(options), startNode(options)]);
  });

  afterAll(async () => {
    await Promise.all([here?.stop(), there?.stop()]);
    await shared?.drop();
  });

  async function readsOfThere() {
    const metrics = Object.entries(await there.metrics());
    const sumOf = (start: string) =>
      metrics.filter(([name]) => name.startsWith(start)).reduce((sum, [, count]) => sum + count, 0);
    return { logs: sumOf('parley_log_reads_total'), polls: sumOf('parley_head_checks_total') };
  }

  test('carry complete events of edits, deletions and joins: the other node reads no log', async () => {
    const { ada, bob, cleo } = await signUpAll(here, 'ada', 'bob', 'cleo');
    const roomId = await ada.createRoom('bridge');
    await bob.join(roomId);
    const feed = await ada.via(there).watch(roomId);
    await feed.next('StreamReady');
    const makeChanges = async (messageId: string) => {
      await bob.change('editMessage', { messageId, text: 'second' });
      await ada.change('deleteMessage', { messageId });
      await cleo.join(roomId);
      await ada.say(roomId, 'last');
      const edited = await feed.next('MessageEdited');
      expect(edited).toMatchObject({ message: { id: messageId, text: 'second', version: 2 } });
      const deleted = await feed.next('MessageDeleted');
      expect(deleted).toMatchObject({ message: { id: messageId, text: null } });
      const joined = await feed.next('MemberJoined');
      expect(joined).toMatchObject({ membership: { user: { displayName: 'cleo' } } });
      await feed.next('MessageCreated');
    };
    // A head poll may come before an announcement, and read the log: then all is done once more.
    for (let polls = 1; polls > 0; ) {
      await bob.say(roomId, 'first');
      const { message } = await feed.next('MessageCreated');
      const before = await readsOfThere();
      await makeChanges(message.id);
      const after = await readsOfThere();
      polls = after.polls - before.polls;
      if (polls === 0) expect(after.logs).toBe(before.logs);
      await cleo.change('leaveRoom', { roomId });
      await feed.next('MemberLeft');
    }
    feed.close();
  });
});
