import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runAdmin } from './harness/admin.ts';
import { createDatabase, type TestDatabase } from './harness/database.ts';
import { dumpDatabase } from './harness/dump.ts';
import { columnFates, countOf, personalColumns } from './harness/erased-columns.ts';
import { openFeed } from './harness/feed.ts';
import { numberIn } from './harness/ids.ts';
import { startNode, type TestNode } from './harness/node.ts';
import { ask, type Person, signUp } from './harness/people.ts';
import { codeOf } from './harness/totp.ts';

// Accounts that are deleted: what is left of their users in the API, and in a dump of the database.

const PASSWORD = 'correct horse battery';
const WORD = 'Zyxomatic';
const PATIENCE = { timeout: 60_000, interval: 50 };

let database: TestDatabase;
let node: TestNode;
let client: pg.Pool;
let bob: Person;

beforeAll(async () => {
  database = await createDatabase();
  node = await startNode({ databaseUrl: database.url });
  client = new pg.Pool({ connectionString: database.url });
  bob = await signUp(node, 'bob');
});

afterAll(async () => {
  await client?.end();
  await node?.stop();
  await database?.drop();
});

const DELETED = 'user { username displayName isDeleted }';
const close = (person: Person, input: object = {}) =>
  person.change('deleteAccount', { proof: { password: PASSWORD }, ...input }, DELETED);

async function rows<Row>(sql: string, ...values: unknown[]): Promise<Row[]> {
  return (await client.query(sql, values)).rows;
}

/** Waits for the first round of an erasure. */
const erased = ({ userId }: Person) =>
  expect
    .poll(() => rows('SELECT is_again FROM erasures WHERE user_id = $1', numberIn(userId)), PATIENCE)
    .toEqual([{ is_again: true }]);

/** Runs the second round now, and waits for it. */
async function erasedAgain({ userId }: Person): Promise<void> {
  await erased({ userId } as Person);
  await rows("UPDATE erasures SET requested_at = now() - interval '2 minutes'");
  await rows(
    "SELECT jobs.add_job('erase-account', json_build_object('userId', $1::bigint))",
    numberIn(userId),
  );
  const left = () => rows('SELECT FROM erasures WHERE user_id = $1', numberIn(userId));
  await expect.poll(left, PATIENCE).toEqual([]);
}

/** The tables of the database, also those of jobs, whose rows contain one of the texts in upper or lower case. */
async function tablesWith(...texts: string[]): Promise<string[]> {
  const pattern = new RegExp(texts.join('|'), 'i');
  const { tables } = await dumpDatabase(database.url);
  const jobs = await rows<{ row: string }>('SELECT j::text AS row FROM jobs._private_jobs j');
  const dumped = [...tables, { name: 'jobs', rows: jobs.map(({ row }) => row) }];
  return dumped.filter((table) => table.rows.some((row) => pattern.test(row))).map(({ name }) => name);
}

const DELETIONS = `subscription ($id: ID!) { room(id: $id) { __typename
  ... on MessageCreated { message { text } }
  ... on MessageDeleted { reason actor { username isDeleted } message { text author { displayName isDeleted } } } } }`;

const BLOCKS = `subscription { inbox { __typename ... on BlockChanged { user { isDeleted } isBlocked } } }`;

const roleOf = async (person: Person, roomId: string, of: Person) => {
  const { data } = await person.ask(
    'query ($id: ID!) { room(id: $id) { isArchived members(first: 10) { nodes { role user { id } } } } }',
    { id: roomId },
  );
  const member = data.room?.members?.nodes.find(({ user }: any) => user.id === of.userId);
  return data.room && { isArchived: data.room.isArchived, role: member?.role ?? null };
};

const shown = async (person: Person, id: string) => {
  const { data } = await person.ask(
    'query ($id: ID!) { node(id: $id) { ... on Message { text deletedAt author { displayName isDeleted } } } }',
    { id },
  );
  return data.node;
};

const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();

/** What takes a job, an administrator, an app or another system. */
async function fillByStatements(id: number): Promise<void> {
  for (const sql of [
    "INSERT INTO totp_secrets (user_id, secret) VALUES ($1, '\\x00')",
    "INSERT INTO recovery_codes (user_id, hash) VALUES ($1, '\\x00')",
    `INSERT INTO passkeys (user_id, credential_id, public_key, counter, name, is_synced, domain)
       VALUES ($1, '\\x00', '\\x00', 0, 'key of ${WORD}', false, 'localhost')`,
    "INSERT INTO oidc_requests (hash, issuer, redirect_uri, user_id, expires_at) VALUES ('\\x00', 'corp', '/', $1, now())",
    "INSERT INTO custom_emojis (name, created_by) VALUES ('theirs', $1)",
    'INSERT INTO renames (user_id, after_room_id) VALUES ($1, 0)',
    "INSERT INTO known_networks (user_id, hash) VALUES ($1, '\\x00')",
  ])
    await rows(sql, id);
  await rows(
    'UPDATE users SET new_email = $2, direct_messages_from = 1, addable_by = 1 WHERE id = $1',
    id,
    `${WORD}@example.org`,
  );
  await rows('UPDATE sessions SET user_agent = $2 WHERE user_id = $1', id, WORD);
}

/** How many rows have something of the user in the columns that are to be erased. */
async function toBeErased({ userId, username }: Person): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const place of await personalColumns(client))
    if (columnFates[place.table]?.[place.column] === 'erased')
      counts[`${place.table}.${place.column}`] = await countOf(client, place, numberIn(userId), [
        WORD,
        username,
      ]);
  return counts;
}

test('the fate of every column that can hold the id of a user, or a text, is written down', async () => {
  const columns = await personalColumns(client);
  const found = columns.map(({ table, column }) => `${table}.${column}`);
  const known = Object.entries(columnFates).flatMap(([table, fates]) =>
    Object.keys(fates).map((column) => `${table}.${column}`),
  );
  expect(known.sort()).toEqual(found.sort());
});

/** Leaves the word in everything that a user can fill. Returns what others look at afterwards. */
async function fillEverything(ada: Person, cid: Person) {
  const more = { idempotencyKey: randomUUID() };
  const hall = await ada.createRoom('the hall');
  await bob.join(hall);
  const { message } = await ada.say(hall, `${WORD} first`);
  await ada.change('editMessage', { messageId: message.id, text: `${WORD} edited` });
  const kept = await bob.say(hall, `hello @${ada.username}, and *@${ada.username}*`);
  await bob.change('editMessage', { messageId: kept.message.id, text: `again @${ada.username}!` });
  const quote = await bob.say(hall, 'a quote', { replyToId: message.id });
  const corner = await bob.createRoom('the corner', 'PRIVATE');
  const forward = await bob.change(
    'forwardMessage',
    { messageId: message.id, roomId: corner, idempotencyKey: randomUUID() },
    'message { id }',
  );
  await ada.change('addReaction', { messageId: kept.message.id, emoji: '👍' });
  await bob.change('pinMessage', { messageId: message.id });
  await ada.change('saveMessage', { messageId: kept.message.id }, 'accountSeq');
  await ada.change('saveDraft', { roomId: hall, text: WORD, ...more }, 'accountSeq');
  await ada.change('updateRoomPreferences', { roomId: hall, folder: WORD }, '__typename');
  await ada.change('createPoll', {
    roomId: hall,
    question: `${WORD}?`,
    options: [`${WORD} yes`, 'no'],
    ...more,
  });
  await ada.change('sendMessage', {
    roomId: hall,
    text: 'here',
    idempotencyKey: randomUUID(),
    location: { latitude: 1, longitude: 2, label: WORD },
    metadata: [{ key: 'note', value: { text: WORD } }],
  });
  const reply = await bob.change(
    'sendMessage',
    { roomId: hall, text: 'a reply', threadRootId: message.id, idempotencyKey: randomUUID() },
    'message { id thread { id } }',
  );
  const [thread] = await rows<{ count: string }>('SELECT count(*) FROM threads');
  expect(Number(thread?.count)).toBe(1);
  const { data } = await ada.ask('query ($id: ID!) { node(id: $id) { ... on Message { thread { id } } } }', {
    id: message.id,
  });
  await ada.change('renameThread', { threadId: data.node.thread.id, title: WORD });
  const opened = await ada.change('openDirectRoom', { userIds: [bob.userId] }, 'room { id }');
  const direct: string = opened.room.id;
  await ada.say(direct, `${WORD} to bob`);
  await bob.say(direct, 'to ada');
  await ada.change('updateRoomPreferences', { roomId: direct, folder: WORD }, '__typename');
  const notes = await ada.createRoom('notes', 'PRIVATE');
  await ada.say(notes, `${WORD} to myself`);
  const open = await ada.createRoom('open to all');
  const left = await bob.createRoom('left before');
  await ada.join(left);
  await bob.change('updateRoomSettings', { roomId: left, slowModeSeconds: 60 });
  await ada.say(left, `${WORD} and gone`);
  const deny = { target: { userId: ada.userId }, changes: [{ permission: 'ADD_REACTIONS', effect: 'DENY' }] };
  await bob.change('setRoomPermissionOverride', { roomId: left, ...deny });
  await bob.change('timeoutMember', { roomId: left, userId: ada.userId, until: inAnHour(), reason: WORD });
  await ada.change('leaveRoom', { roomId: left });
  const guarded = await bob.createRoom('by request');
  await bob.change('updateRoomSettings', { roomId: guarded, joinPolicy: 'REQUEST' });
  await ada.change('requestToJoin', { roomId: guarded, text: WORD }, 'room { id }');
  const takenBack = await bob.createRoom('by request as well');
  await bob.change('updateRoomSettings', { roomId: takenBack, joinPolicy: 'REQUEST' });
  await ada.change('requestToJoin', { roomId: takenBack }, 'room { id }');
  await ada.change('cancelJoinRequest', { roomId: takenBack }, 'room { id }');
  await bob.change('banUser', { roomId: corner, userId: ada.userId, reason: WORD });
  await ada.change('blockUser', { userId: cid.userId }, 'accountSeq');
  await cid.change('blockUser', { userId: ada.userId }, 'accountSeq');
  await ada.change('updateProfile', { displayName: `Dr. ${WORD}` }, '__typename');
  const login = `mutation ($input: LoginInput!) { login(input: $input) { __typename } }`;
  const device = { usernameOrEmail: ada.username, password: PASSWORD, deviceName: `${WORD}'s phone` };
  await ask(node.url, login, { input: device });
  const id = numberIn(ada.userId);
  await rows(
    "INSERT INTO identities (user_id, issuer, subject, display_name, email) VALUES ($1, 'corp', $2, $2, $2)",
    id,
    WORD,
  );
  await rows(
    "INSERT INTO one_time_tokens (hash, purpose, user_id, email) VALUES ($1::bytea, 'verify', $2, $3)",
    WORD,
    id,
    `${ada.username}@example.org`,
  );
  await fillByStatements(id);
  await rows(
    `SELECT add_mail('notice-mail', json_build_object('userId', $1::bigint, 'email', $2::text), $2::text),
       add_mail('reset-mail', json_build_object('usernameOrEmail', $2::text), 'reset ' || $2::text)`,
    id,
    `${ada.username}@example.org`,
  );
  return { hall, corner, direct, notes, open, left, message, kept, quote, forward, reply };
}

test('a user deletes the account with all messages, and nothing of it is left in the database', async () => {
  const [ada, cid] = [await signUp(node, 'ada'), await signUp(node, 'cid')];
  const place = await fillEverything(ada, cid);
  const { hall, direct, message, kept, forward } = place;
  expect(await tablesWith(WORD, ada.username)).toEqual(
    expect.arrayContaining(['users', 'messages', 'message_revisions', 'drafts', 'memberships', 'jobs']),
  );
  const before = await toBeErased(ada);
  expect(Object.keys(before).filter((column) => before[column] === 0)).toEqual([]);
  const [adas, cids, bobs] = [
    await ada.watchInbox(),
    await openFeed(node.wsUrl, cid.token, BLOCKS, {}, 'inbox'),
    await openFeed(node.wsUrl, bob.token, DELETIONS, { id: hall }, 'room'),
  ];
  for (const feed of [adas, cids, bobs]) await feed.next('StreamReady');

  const wrong = await close(ada, { proof: { password: 'wrong' }, erasesMessages: true });
  expect(wrong).toMatchObject({ code: 'INVALID_CREDENTIALS', path: ['input', 'proof', 'password'] });
  const { data } = await bob.ask('query ($id: ID!) { user(id: $id) { isDeleted } }', { id: ada.userId });
  expect(data.user.isDeleted).toBe(false);

  const name = `~deleted-${numberIn(ada.userId)}`;
  const gone = { username: name, displayName: 'Deleted user', isDeleted: true };
  expect(await close(ada, { erasesMessages: true })).toEqual({
    __typename: 'DeleteAccountSuccess',
    user: gone,
  });
  expect((await adas.next('StreamClosed'))['closeReason']).toBe('SESSION_ENDED');
  expect((await ada.ask('{ viewer { user { id } } }')).errors[0]?.extensions.code).toBe('UNAUTHENTICATED');
  await bobs.next('MemberLeft');
  expect(await cids.next('BlockChanged')).toMatchObject({ user: { isDeleted: true }, isBlocked: false });
  cids.close();
  await erasedAgain(ada);
  expect(await tablesWith(WORD, ada.username)).toEqual([]);
  const after = await toBeErased(ada);
  expect(Object.keys(after).filter((column) => after[column] !== 0)).toEqual([]);
  expect(await rows('SELECT * FROM users WHERE id = $1', numberIn(ada.userId))).toMatchObject([
    { email_verified_at: null, password_hash: null, direct_messages_from: 0, addable_by: 0 },
  ]);

  expect(await shown(bob, message.id)).toMatchObject({
    text: null,
    author: { isDeleted: true },
  });
  expect(await shown(bob, forward.message.id)).toMatchObject({ text: null, author: { isDeleted: false } });
  // Nobody has moderated it.
  expect(
    await rows(`SELECT FROM audit_log WHERE actor_id = $1 AND action = 'delete'`, numberIn(ada.userId)),
  ).toEqual([]);
  expect((await shown(bob, kept.message.id)).text).toBe(`again @deleted-${numberIn(ada.userId)}!`);
  expect(await roleOf(bob, hall, bob)).toEqual({ isArchived: false, role: 'OWNER' });
  // Nobody else was in these rooms, one of them public.
  for (const room of [place.notes, place.open])
    expect(
      await rows('SELECT deleted_at IS NOT NULL AS gone FROM rooms WHERE id = $1', numberIn(room)),
    ).toEqual([{ gone: true }]);
  // A short text could be guessed from a digest.
  expect(
    await rows(
      'SELECT DISTINCT fingerprint FROM messages WHERE author_id = $1 AND text IS NULL',
      numberIn(ada.userId),
    ),
  ).toEqual([{ fingerprint: '00000000-0000-0000-0000-000000000000' }]);
  // The direct room stays, with the deleted user.
  expect(await roleOf(bob, direct, ada)).toEqual({ isArchived: false, role: 'MEMBER' });
  await bob.say(hall, 'the end');
  const deletions = [];
  for (let item = await bobs.next(); item['message']?.text !== 'the end'; item = await bobs.next())
    if (item.__typename === 'MessageDeleted') deletions.push(item);
  bobs.close();
  const author = { displayName: 'Deleted user', isDeleted: true };
  const deletion = {
    __typename: 'MessageDeleted',
    reason: 'ACCOUNT_DELETED',
    actor: { username: name, isDeleted: true },
    message: { text: null, author },
  };
  expect(deletions).toEqual([deletion, deletion, deletion]);
  const { data: log } = await bob.ask(
    'query ($id: ID!) { room(id: $id) { messages(last: 20) { nodes { text reactions { emoji } } } } }',
    { id: hall },
  );
  expect(log.room.messages.nodes.map(({ text }: any) => text)).toContain('a quote');
  expect(JSON.stringify(log)).not.toContain('👍');

  const again = await ask<any>(
    node.url,
    'mutation ($input: RegisterInput!) { register(input: $input) { __typename ... on RegisterSuccess { viewer { user { id } } } } }',
    { input: { username: ada.username, email: `${ada.username}@example.org`, password: PASSWORD } },
  );
  expect(again.data.register.viewer.user.id).not.toBe(ada.userId);
}, 120_000);

test('messages stay without a name, and a room goes to the member with the highest role', async () => {
  const [eve, cyd, dan] = [await signUp(node, 'eve'), await signUp(node, 'cyd'), await signUp(node, 'dan')];
  const room = await eve.createRoom('a club', 'PRIVATE');
  await eve.change('addMembers', { roomId: room, userIds: [dan.userId] });
  await eve.change('addMembers', { roomId: room, userIds: [cyd.userId], role: 'ADMIN' });
  const { message } = await eve.say(room, 'I was here');
  const feed = await cyd.watch(room);
  await feed.next('StreamReady');
  expect(await close(eve)).toMatchObject({ user: { isDeleted: true } });
  await feed.next('MemberUpdated');
  await feed.next('MemberLeft');
  feed.close();
  expect(await roleOf(dan, room, cyd)).toEqual({ isArchived: false, role: 'OWNER' });
  await erased(eve);
  expect(await shown(dan, message.id)).toEqual({
    text: 'I was here',
    deletedAt: null,
    author: { displayName: 'Deleted user', isDeleted: true },
  });
  expect(await tablesWith(`${eve.username}@example.org`)).toEqual([]);
});

/** Runs statements in a transaction that is rolled back. */
async function tentatively(work: (sql: pg.PoolClient) => Promise<void>): Promise<void> {
  const sql = await client.connect();
  try {
    await sql.query('BEGIN');
    await work(sql);
  } finally {
    await sql.query('ROLLBACK');
    sql.release();
  }
}

const READ = `SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::int AS read FROM pg_stat_xact_user_tables
  WHERE relname IN ('memberships', 'users')`;

test('the heir of a large room is found without reading its members', async () => {
  const ivy = await signUp(node, 'ivy');
  const room = numberIn(await ivy.createRoom('a large one'));
  await rows(
    "INSERT INTO users (username, display_name) SELECT 'bulk' || n, 'Bulk' FROM generate_series(1, 3000) n",
  );
  await rows(
    `INSERT INTO memberships (room_id, user_id, role, permission_bits, from_room_seq, joined_at)
      SELECT $1, u.id, 20, 1, 1, now() - u.id * interval '1 second' FROM users u WHERE u.username LIKE 'bulk%'`,
    room,
  );
  await rows("UPDATE users SET suspended_at = now() WHERE username = 'bulk3000'");
  await tentatively(async (sql) => {
    await sql.query('SELECT FROM room_heads WHERE room_id = $1 FOR NO KEY UPDATE', [room]);
    await sql.query('SELECT take_out_erased($1, $2)', [room, numberIn(ivy.userId)]);
    const heirs = await sql.query(
      'SELECT u.username FROM memberships m JOIN users u ON u.id = m.user_id WHERE m.room_id = $1 AND m.role = 50',
      [room],
    );
    expect(heirs.rows).toEqual([{ username: 'bulk2999' }]);
  });
  await tentatively(async (sql) => {
    const readRows = async () => (await sql.query<{ read: number }>(READ)).rows[0]?.read as number;
    const before = await readRows();
    await sql.query('SELECT take_out_erased($1, $2)', [room, numberIn(ivy.userId)]);
    expect((await readRows()) - before).toBeLessThan(100);
  });
});

test('a deletion locks few rooms, and waits for no change of administrators', async () => {
  const jan = await signUp(node, 'jan');
  for (let i = 0; i < 12; i++) await jan.join(await bob.createRoom(`room ${i} of many`));
  const id = numberIn(jan.userId);
  await tentatively(async (sql) => {
    await sql.query("SELECT pg_advisory_xact_lock(hashtextextended('server roles', 0))");
    await tentatively(async (other) => {
      await other.query("SET LOCAL lock_timeout = '5s'");
      const closed = await other.query('SELECT status, room_ids FROM close_account($1, $1, false)', [id]);
      expect(closed.rows[0].status).toBe('OK');
      expect(closed.rows[0].room_ids).toHaveLength(10);
    });
  });
  await tentatively(async (sql) => {
    // The deletion of a room is the last step of its transaction.
    await sql.query(
      'UPDATE memberships SET role = 50 WHERE user_id = $1 AND room_id = (SELECT min(room_id) FROM memberships WHERE user_id = $1)',
      [id],
    );
    await sql.query(
      'DELETE FROM memberships WHERE user_id <> $1 AND room_id = (SELECT min(room_id) FROM memberships WHERE user_id = $1)',
      [id],
    );
    const closed = await sql.query('SELECT room_ids FROM close_account($1, $1, false)', [id]);
    expect(closed.rows[0].room_ids).toHaveLength(1);
    const left = await sql.query('SELECT count(*)::int FROM leave_erased_rooms($1)', [id]);
    expect(left.rows).toEqual([{ count: 10 }]);
  });
});

test('a slow first round is followed by the second one, and a deleted user joins nothing', async () => {
  const kay = await signUp(node, 'kay');
  const [id, room] = [numberIn(kay.userId), numberIn(await bob.createRoom('not for the deleted'))];
  await tentatively(async (sql) => {
    await sql.query('SELECT close_account($1, $1, true)', [id]);
    const joined = await sql.query(
      'SELECT o.status FROM make_changes(false, p_joins => ARRAY[ROW($2::bigint, $1::bigint, 1000)::room_join]) o',
      [id, room],
    );
    expect(joined.rows).toEqual([{ status: 'NOT_FOUND' }]);
    await sql.query("UPDATE erasures SET requested_at = now() - interval '2 minutes' WHERE user_id = $1", [
      id,
    ]);
    const count = "SELECT count(*)::int FROM jobs._private_jobs j WHERE j.payload ->> 'userId' = $1::text";
    await sql.query('DELETE FROM jobs._private_jobs');
    await sql.query('SELECT finish_erasure($1)', [id]);
    expect((await sql.query('SELECT is_again FROM erasures WHERE user_id = $1', [id])).rows).toEqual([
      { is_again: true },
    ]);
    expect((await sql.query(count, [id])).rows).toEqual([{ count: 1 }]);
    await sql.query('SELECT finish_erasure($1)', [id]);
    expect((await sql.query('SELECT FROM erasures WHERE user_id = $1', [id])).rows).toEqual([]);
    expect((await sql.query(count, [id])).rows).toEqual([{ count: 1 }]);
  });
});

test('nobody edits a message while a mention in it is erased', async () => {
  const lea = await signUp(node, 'lea');
  const room = await bob.createRoom('of mentions');
  await lea.join(room);
  await bob.say(room, `hi @${lea.username}`);
  const id = numberIn(lea.userId);
  await tentatively(async (sql) => {
    await sql.query('INSERT INTO erasures (user_id, username, erases_messages) VALUES ($1, $2, false)', [
      id,
      lea.username,
    ]);
    expect((await sql.query('SELECT erase_mentions_of($1, 100) AS n', [id])).rows).toEqual([{ n: '1' }]);
    const [busy] = await rows<{ rooms: string[] }>(
      'SELECT lock_rooms(ARRAY[$1::bigint], true) AS rooms',
      numberIn(room),
    );
    expect(busy?.rooms.map(Number)).toEqual([numberIn(room)]);
  });
});

test('a user without a password needs a recent sign-in', async () => {
  const fay = await signUp(node, 'fay');
  const id = numberIn(fay.userId);
  await rows('UPDATE users SET password_hash = NULL WHERE id = $1', id);
  await rows("UPDATE sessions SET created_at = now() - interval '11 minutes' WHERE user_id = $1", id);
  expect(await close(fay)).toMatchObject({ code: 'INVALID_CREDENTIALS', path: null });
  await rows("UPDATE sessions SET created_at = now() - interval '9 minutes' WHERE user_id = $1", id);
  expect(await close(fay, { proof: null })).toMatchObject({ user: { isDeleted: true } });
});

test('an account with an app is deleted with a code of it, also without a password', async () => {
  const [gil, hal] = [await signUp(node, 'gil'), await signUp(node, 'hal')];
  for (const person of [gil, hal]) {
    const { secret } = await person.change('beginTotp', { proof: { password: PASSWORD } }, 'secret');
    const made = await person.change('confirmTotp', { code: codeOf(secret) }, 'recoveryCodes');
    const password = person === gil ? PASSWORD : null;
    if (!password) await rows('UPDATE users SET password_hash = NULL WHERE id = $1', numberIn(person.userId));
    const without = await close(person, { proof: { password } });
    expect(without).toMatchObject({ code: 'INVALID_CREDENTIALS', path: ['input', 'proof', 'code'] });
    const code: string = made.recoveryCodes[0];
    expect(await close(person, { proof: { password, code } })).toMatchObject({ user: { isDeleted: true } });
  }
});

test('administrators delete accounts, but not the last administrator', async () => {
  const [root, other, user] = [
    await signUp(node, 'root'),
    await signUp(node, 'other'),
    await signUp(node, 'user'),
  ];
  const remove = (by: Person, who: Person) => by.change('deleteUser', { userId: who.userId }, DELETED);
  expect(await remove(user, other)).toMatchObject({ code: 'PERMISSION_DENIED' });
  await rows('UPDATE users SET is_admin = true WHERE id = $1', numberIn(root.userId));
  expect(await close(root)).toMatchObject({ code: 'CONFLICT' });
  // The own account takes the proof of deleteAccount.
  expect(await remove(root, root)).toMatchObject({ code: 'CONFLICT', path: ['input', 'userId'] });
  expect(await remove(root, other)).toMatchObject({ user: { isDeleted: true } });
  expect(await remove(root, other)).toMatchObject({ code: 'NOT_FOUND' });
  const env = { DATABASE_URL: database.url };
  const last = await runAdmin(['delete-user', '--username', root.username], { env });
  expect(last.err).toContain('last administrator');
  const done = await runAdmin(['delete-user', '--username', user.username, '--erase-messages'], { env });
  expect([done.code, done.out]).toEqual([0, 'deleted; a node erases the rest\n']);
  const ended = async () => (await user.ask('{ viewer { user { id } } }')).errors[0]?.extensions.code;
  await expect.poll(ended, PATIENCE).toBe('UNAUTHENTICATED');
});

test('another node continues after a crash', async () => {
  const gus = await signUp(node, 'gus');
  const rooms = [await bob.createRoom('one'), await bob.createRoom('two'), await bob.createRoom('three')];
  for (const room of rooms) {
    await gus.join(room);
    for (let i = 0; i < 40; i++) await gus.say(room, `${WORD} ${i}`);
    await gus.change('leaveRoom', { roomId: room });
  }
  const ofRoom = async (room: string) => {
    const sql =
      'SELECT count(*)::int AS left FROM messages WHERE room_id = $1 AND author_id = $2 AND text IS NOT NULL';
    return (await rows<{ left: number }>(sql, numberIn(room), numberIn(gus.userId)))[0]?.left;
  };
  const left = () => Promise.all(rooms.map(ofRoom));
  const holder = new pg.Client(database.url);
  await holder.connect();
  await holder.query('BEGIN');
  await holder.query('SELECT FROM room_heads WHERE room_id = $1 FOR UPDATE', [numberIn(rooms[1] as string)]);
  expect(await close(gus, { erasesMessages: true })).toMatchObject({ user: { isDeleted: true } });
  await expect.poll(left, PATIENCE).toEqual([0, 40, 40]);
  await node.kill();
  await holder.query('ROLLBACK');
  await holder.end();
  node = await startNode({ databaseUrl: database.url });
  bob = bob.via(node);
  await expect.poll(left, PATIENCE).toEqual([0, 0, 0]);
  const events = await rows(
    `SELECT room_id, subject FROM room_events WHERE kind = 7 AND actor_id = $1 GROUP BY room_id, subject HAVING count(*) > 1`,
    numberIn(gus.userId),
  );
  expect(events).toEqual([]);
}, 120_000);
