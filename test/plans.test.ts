import { afterAll, beforeAll, expect, test } from 'vitest';
import { MIN_LIFETIME } from '../src/rooms/lifetime.ts';
import { allOf, attachedCases, capabilityCases, satelliteCases, storedRows } from './capabilities/all.ts';
import { sayPoll } from './capabilities/polls.ts';
import { createDatabase, execute, type TestDatabase } from './harness/database.ts';
import { Mailbox, tokenIn } from './harness/mailbox.ts';
import { startNode, type TestNode } from './harness/node.ts';
import { type Person, signUp } from './harness/people.ts';
import { type Explained, type Plan, PlanLog, stepsOf } from './harness/plans.ts';

// Whatever is asked of one room reads by an index, and only the partition that the room lives in.

// One row, and one for each kind of event: read as a whole, also in the background.
const SMALL = new Set(['incarnation', 'room_statistics']);
// Pages of the directory walk it in its order; whoever searches reads on until the page is full. Expiries are read from the first.
const WALKED = new Set(['rooms_directory_idx', 'message_expiries_expires_at_idx']);

let database: TestDatabase;
let node: TestNode;
let mailbox: Mailbox;
let log: PlanLog;
let ada: Person;
let bob: Person;
let roomId: string;
let messageId: string;

beforeAll(async () => {
  database = await createDatabase();
  for (const rows of storedRows) await execute(database.url, rows);
  const first = await startNode({ databaseUrl: database.url });
  ada = await signUp(first, 'ada');
  bob = await signUp(first, 'bob');
  roomId = await ada.createRoom('planned');
  for (let i = 0; i < 12; i++) await ada.createRoom(`another ${i}`);
  await ada.change('addMembers', { roomId, userIds: [bob.userId] });
  for (let i = 0; i < 5; i++) await ada.say(roomId, `line ${i}`);
  messageId = (await sayPoll(ada, roomId, 'the last')).message.id;
  for (const { attach } of attachedCases) for (const person of [ada, bob]) await attach(person, messageId);
  for (const { beneath } of capabilityCases) await beneath?.(ada, roomId, messageId);
  await first.stop();
  log = await PlanLog.begin(database.superuserUrl);
  mailbox = await Mailbox.open();
  const env = {
    SMTP_URL: mailbox.url,
    MAIL_FROM: 'parley@example.org',
    PUBLIC_URL: 'https://chat.example.org/',
  };
  node = await startNode({ databaseUrl: database.url, env });
  [ada, bob] = [ada.via(node), bob.via(node)];
});

afterAll(async () => {
  await node?.stop();
  await mailbox?.close();
  await database?.drop();
});

// What a node does in the background, whenever it likes: log consumers read many rooms.
const MANY_ROOMS = 'AS x(room_id, after, until, ord)';
const partition = /^(messages|room_events|message_revisions)_p\d+$/;

/** What is wrong with it: scans without an index or a condition, a second partition, and compilation. */
function faultsOf({ 'Query Text': text, Plan: root, JIT }: Explained): string[] {
  const scans = stepsOf(root).filter((each) => each['Node Type'].endsWith('Scan') && reads(each));
  const partitions = new Map<string, Set<string>>();
  for (const scan of scans) {
    const name = scan['Relation Name'] ?? '';
    const parent = partition.exec(name)?.[1];
    if (parent) partitions.set(parent, (partitions.get(parent) ?? new Set()).add(name));
  }
  const faults = scans.filter(isUnguided).map((scan) => `${scan['Node Type']} of ${scan['Relation Name']}`);
  for (const [parent, { size }] of partitions)
    if (size > 1 && !text.includes(MANY_ROOMS)) faults.push(`${size} partitions of ${parent}`);
  if (JIT) faults.push('compiled');
  return faults.map((fault) => `${fault}: ${text}`);
}

const reads = (scan: Plan) => scan['Relation Name'] !== undefined && !SMALL.has(scan['Relation Name']);

function isUnguided(scan: Plan): boolean {
  // The rows of these were found by an index scan below them, or before.
  if (['Bitmap Heap Scan', 'Tid Scan'].includes(scan['Node Type'])) return false;
  return scan['Index Cond'] === undefined && !WALKED.has(scan['Index Name'] ?? '');
}

const query =
  (document: string, variables: object = {}) =>
  async () => {
    const { errors } = await ada.ask(document, { id: roomId, message: messageId, ...variables });
    expect(errors).toEqual([]);
  };
const HISTORY =
  'nodes { seq text author { displayName } replyTo { text } room { name viewerMembership { role } } }';
const history = (args: string, variables = '$id: ID!') =>
  query(`query (${variables}) { room(id: $id) { messages(${args}) { ${HISTORY} } } }`);
async function lastCursor(document: string): Promise<string> {
  const { data } = await ada.ask(document);
  return JSON.stringify(data).match(/"endCursor":"([^"]+)"/)?.[1] ?? '';
}

const operations: Record<string, () => Promise<unknown>> = {
  'the newest messages': history('last: 3'),
  'messages around a number': history('around: { seq: 3 }'),
  'messages around a date': history('around: { date: "2026-01-01T00:00:00Z" }'),
  'messages around a message': history('around: { messageId: $message }', '$id: ID!, $message: ID!'),
  'messages around the first unread': history('around: { firstUnread: true }'),
  'a message by its id': query(
    'query ($message: ID!) { node(id: $message) { id ... on Message { text author { username } } } }',
  ),
  'all that is attached to a page': query(
    `query ($id: ID!) { room(id: $id) { messages(last: 3) { nodes { thread { title }
      ${satelliteCases.map(({ selection }) => selection).join(' ')} } } } }`,
  ),
  members: query(
    'query ($id: ID!) { room(id: $id) { members(first: 1) { nodes { role user { displayName } } } } }',
  ),
  'the last members': query('query ($id: ID!) { room(id: $id) { members(last: 1) { nodes { role } } } }'),
  'a room with its position': query('query ($id: ID!) { room(id: $id) { name cursor lastRoomSeq } }'),
  'the log of a room': query(
    'query ($id: ID!) { room(id: $id) { events(first: 5) { nodes { roomSeq actor { displayName } } } } }',
  ),
  'the log of an inbox': query('{ viewer { inboxCursor } inboxEvents(first: 5) { nodes { __typename } } }'),
  'my rooms': query(
    '{ viewer { rooms(first: 5) { nodes { name memberCount lastMessageSeq viewerMembership { readSeq } } } } }',
  ),
  'my next rooms': async () => {
    const after = await lastCursor('{ viewer { rooms(first: 1) { pageInfo { endCursor } } } }');
    await query('query ($after: String) { viewer { rooms(first: 5, after: $after) { nodes { name } } } }', {
      after,
    })();
  },
  'the directory': query('{ rooms(first: 5) { nodes { name memberCount } } }'),
  'the next page of the directory': async () => {
    const after = await lastCursor('{ rooms(first: 1) { pageInfo { endCursor } } }');
    await query('query ($after: String) { rooms(first: 5, after: $after) { nodes { name } } }', { after })();
  },
  'searching the directory': query('{ rooms(first: 5, query: "plan") { nodes { name } } }'),
  'searching the directory in vain': query('{ rooms(query: "nowhere") { nodes { name } } }'),
  'a post': () => ada.say(roomId, 'planned'),
  'a quote': () => ada.say(roomId, 'planned', { replyToId: messageId }),
  'an edit': () => ada.change('editMessage', { messageId, text: 'edited' }),
  'a deletion': async () =>
    ada.change('deleteMessage', { messageId: (await ada.say(roomId, 'short')).message.id }),
  'messages that expire': async () => {
    const feed = await ada.watch(roomId);
    await feed.next('StreamReady');
    await ada.change('updateRoom', { roomId, messageLifetimeSeconds: MIN_LIFETIME });
    await Promise.all(['one', 'two', 'three'].map((text) => ada.say(roomId, text)));
    await ada.change('sendMessage', {
      roomId,
      text: 'four',
      threadRootId: messageId,
      idempotencyKey: 'four',
    });
    await ada.change('updateRoom', { roomId, messageLifetimeSeconds: 0 });
    for (let i = 0; i < 4; i++) await feed.next('MessageDeleted');
    feed.close();
  },
  'another name': () => ada.change('updateRoom', { roomId, name: 'planned again' }),
  'another role': () => ada.change('changeMemberRole', { roomId, userId: bob.userId, role: 'MODERATOR' }),
  'coming and going': async () => {
    await bob.change('leaveRoom', { roomId });
    await bob.join(roomId);
  },
  'an account, its address and its password': async () => {
    const mia = await signUp(node, 'mia');
    const [email, newEmail] = [`${mia.username}@example.org`, `${mia.username}@example.net`];
    const password = 'correct horse battery';
    const verify = async (address: string) =>
      mia.change('verifyEmail', { token: tokenIn(await mailbox.next(address)) }, 'email');
    await verify(email);
    await mia.change('login', { usernameOrEmail: email, password }, '__typename');
    await mia.change('changeEmail', { newEmail, password }, 'viewer { email newEmail }');
    await verify(newEmail);
    await mia.change('logoutAllSessions', {}, 'endedCount');
    await mia.change('requestPasswordReset', { usernameOrEmail: newEmail }, 'isAccepted');
    const token = tokenIn(await mailbox.next(newEmail));
    const answer = await mia.change('resetPassword', { token, newPassword: 'a better password' }, 'username');
    expect(answer).toMatchObject({ username: mia.username });
  },
  'a stream of a room, from its start': () => replayed(ada, (after) => ada.watch(roomId, after)),
  'a stream of an inbox': () => replayed(ada, (after) => ada.watchInbox(after)),
};

for (const [what, plan] of Object.entries(allOf('plans')))
  operations[what] = typeof plan === 'string' ? query(plan) : () => plan({ ada, bob, roomId, messageId });

/** A stream, and the same again from its first position on. */
async function replayed(
  person: Person,
  open: (after?: string) => ReturnType<Person['watch']>,
): Promise<void> {
  const first = await open();
  const { cursor } = (await first.next('StreamReady')) as unknown as { cursor: string };
  await person.say(roomId, 'missed');
  first.close();
  const second = await open(cursor);
  await second.next('MessageCreated');
  second.close();
}

test.each(Object.entries(operations))('%s: by an index, in one partition', async (_name, operation) => {
  const plans = await log.during(operation);
  expect(plans.length).toBeGreaterThan(0);
  expect(plans.flatMap(faultsOf)).toEqual([]);
});

test('what few rooms contain is found by the index over parts of their texts', async () => {
  const plans = await log.during(query('{ rooms(query: "nowhere") { nodes { name } } }'));
  const scans = plans
    .flatMap(({ Plan: root }) => stepsOf(root))
    .filter((each) => each['Index Name'] === 'rooms_search_idx');
  // Without a condition, the whole index would be read.
  expect(scans.map((scan) => scan['Index Cond'])).toEqual([expect.stringContaining('@>')]);
});
