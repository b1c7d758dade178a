import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compositesOf, type Field } from '../src/changes/composite.ts';
import type { ChangeKind } from '../src/changes/kind.ts';
import { MAX_BATCH } from '../src/changes/queue.ts';
import { deletionKind, editKind } from '../src/messages/edits.ts';
import { postKind } from '../src/messages/posts.ts';
import { planSettings, sessionSettings } from '../src/platform/pools.ts';
import { joinKind } from '../src/rooms/joins.ts';
import { capabilityCases } from './capabilities/all.ts';
import type { Posted } from './capabilities/cases.ts';
import { createDatabase, execute, queryRows, type TestDatabase } from './harness/database.ts';
import { type Explained, type Plan, PlanLog, stepsOf } from './harness/plans.ts';

// The work of a batch grows with the batch, not with the tables and not with its square. PostgreSQL counts the rows that
// each step of a plan has touched, also inside of functions. A connection keeps the plans that it made while the tables
// were empty, so the same is asked of one that planned then.

const batches = capabilityCases.flatMap(({ batches: own = [] }) => own);

const [MEMBERS, OTHERS, MESSAGES] = [MAX_BATCH, 2_000, 5_000];
/** Rows that one step may touch for each change: a group of reactions, say, or the room, the member and the user. */
const ROWS_PER_CHANGE = 8;

interface Change {
  readonly kind: ChangeKind;
  readonly status: string;
  /** The same number of changes as MAX_BATCH. */
  readonly batch: () => Field[][];
}

let database: TestDatabase;
let log: PlanLog;
let early: pg.Client;
let late: pg.Client;
let roomId: number;
let members: number[];
let others: number[];

beforeAll(async () => {
  database = await createDatabase();
  await PlanLog.begin(database.superuserUrl);
  early = await connect();
  await PlanLog.end(database.superuserUrl);
  await planWhileEmpty(early);
  await fill();
  await execute(database.superuserUrl, 'ANALYZE');
  log = await PlanLog.begin(database.superuserUrl);
  late = await connect();
});

afterAll(async () => {
  await Promise.all([early?.end(), late?.end()]);
  await database?.drop();
});

/** A connection with the settings of those that nodes make changes on. */
async function connect(): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: database.url,
    options: sessionSettings + planSettings,
  });
  await client.connect();
  return client;
}

function make(client: pg.Client, { parameter, type }: ChangeKind, changes: Field[][]) {
  const text = `SELECT status FROM make_changes(false, ${parameter} => $1::${type}[])`;
  return client.query<{ status: string }>({ name: parameter, text, values: [compositesOf(changes)] });
}

/** Every function runs once: one change of each kind, in the only room. */
async function planWhileEmpty(client: pg.Client): Promise<void> {
  const [owner, guest] = (await addUsers(2)) as [number, number];
  const room = await addRoom(owner);
  const first = (await make(client, postKind as ChangeKind, [post(room, owner)])).rows.length;
  expect(first).toBe(1);
  const [message] = await queryRows<{ seq: number }>(
    database.url,
    'SELECT room_seq::int AS seq FROM messages',
  );
  const seq = message?.seq ?? 0;
  for (const statement of batches.flatMap(({ before = [] }) => before))
    await queryRows(database.url, statement, [room]);
  const steps: [ChangeKind, Field[]][] = [
    [postKind as ChangeKind, post(room, owner, seq)],
    [editKind as ChangeKind, [room, seq, owner, 'edited', null]],
    ...batches.flatMap(({ kind, first }) =>
      first(room, { seq, author: owner }).map((change): [ChangeKind, Field[]] => [
        kind as ChangeKind,
        change,
      ]),
    ),
    [joinKind as ChangeKind, [room, guest, 10]],
    [deletionKind as ChangeKind, [room, seq, owner]],
  ];
  for (const [kind, change] of steps)
    expect((await make(client, kind, [change])).rows).toEqual([{ status: 'OK' }]);
}

async function addUsers(count: number): Promise<number[]> {
  const rows = await queryRows<{ id: number }>(
    database.url,
    `WITH person AS (INSERT INTO users (username, display_name) SELECT x, x FROM unnest($1::text[]) AS x RETURNING id),
       head AS (INSERT INTO account_heads (user_id) SELECT id FROM person)
     SELECT id::int FROM person`,
    [Array.from({ length: count }, () => randomUUID())],
  );
  return rows.map(({ id }) => id);
}

async function addRoom(owner: number): Promise<number> {
  const [room] = await queryRows<{ id: number }>(
    database.url,
    'SELECT room_id::int AS id FROM create_room($1, 1::smallint, $2, NULL, $2, $3)',
    [owner, randomUUID(), randomUUID()],
  );
  return room?.id ?? 0;
}

/** Many rows in every table that changes read or write. */
async function fill(): Promise<void> {
  [members, others] = [await addUsers(MEMBERS), await addUsers(OTHERS)];
  const owner = members[0] as number;
  roomId = await addRoom(owner);
  await queryRows(database.url, 'SELECT * FROM add_members($1, $2, $3::bigint[], 20::smallint)', [
    roomId,
    owner,
    members.slice(1),
  ]);
  for (let room = 0; room < 40; room++) {
    const id = await addRoom(others[room] as number);
    await queryRows(database.url, 'SELECT * FROM add_members($1, $2, $3::bigint[], 20::smallint)', [
      id,
      others[room],
      others.slice(room * 40, room * 40 + 40),
    ]);
  }
  for (let posted = 0; posted < MESSAGES; posted += MAX_BATCH)
    await make(
      early,
      postKind as ChangeKind,
      members.map((author) => post(roomId, author)),
    );
  for (const statement of batches.flatMap(({ fill: statements }) => statements))
    await queryRows(database.url, statement, [roomId]);
  messages = await queryRows<Posted>(
    database.url,
    `SELECT room_seq::int AS seq, author_id::int AS author FROM messages WHERE room_id = $1 ORDER BY room_seq`,
    [roomId],
  );
}

let messages: Posted[] = [];

/** Each message once. */
const nextMessages = (count = MAX_BATCH) => messages.splice(0, count);

const post = (room: number, author: number, quoted: number | null = null): Field[] => [
  room,
  author,
  randomUUID(),
  randomUUID(),
  'a message of usual length, so that a page has some',
  quoted,
];

const changeOf = (kind: unknown, status: string, batch: () => Field[][]): Change => ({
  kind: kind as ChangeKind,
  status,
  batch,
});

let repeated: Field[][] = [];

const changes: Record<string, Change> = {
  posts: changeOf(postKind, 'OK', () => (repeated = members.map((author) => post(roomId, author)))),
  'the same posts again': changeOf(postKind, 'REPLAYED', () => repeated),
  'posts that quote': changeOf(postKind, 'OK', () =>
    members.map((author, i) => post(roomId, author, messages[i]?.seq)),
  ),
  edits: changeOf(editKind, 'OK', () =>
    nextMessages().map(({ seq, author }) => [roomId, seq, author, 'edited', null]),
  ),
  'deletions of own messages': changeOf(deletionKind, 'OK', () =>
    nextMessages().map(({ seq, author }) => [roomId, seq, author]),
  ),
  'deletions of messages of others': changeOf(deletionKind, 'OK', () =>
    nextMessages().map(({ seq }) => [roomId, seq, members[0] as number]),
  ),
  joins: changeOf(joinKind, 'OK', () => others.splice(0, MAX_BATCH).map((user) => [roomId, user, 100])),
  'joins of members': changeOf(joinKind, 'SAME', () => members.map((user) => [roomId, user, 100])),
};

for (const { kind, full } of batches)
  for (const [what, batch] of Object.entries(full))
    changes[what] = changeOf(kind, 'OK', () => batch({ roomId, members, next: nextMessages }));

/** What grows with tables or with the square of the batch. */
function faultsOf({ 'Query Text': text, Plan: root }: Explained): string[] {
  return stepsOf(root)
    .filter((step) => isUnguided(step) || rowsTouchedBy(step) > MAX_BATCH * ROWS_PER_CHANGE)
    .map((step) => `${step['Node Type']} ${step['Relation Name'] ?? ''} ${rowsTouchedBy(step)}: ${text}`);
}

/** Reads a table from end to end. */
const isUnguided = (step: Plan) =>
  step['Relation Name'] !== undefined &&
  /^(Seq|Index|Index Only) Scan$/.test(step['Node Type']) &&
  !step['Index Cond'];

function rowsTouchedBy(step: Plan): number {
  const counts = [
    step['Actual Rows'],
    step['Rows Removed by Filter'],
    step['Rows Removed by Join Filter'],
    step['Rows Removed by Index Recheck'],
  ];
  const each = counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
  return Math.round(each * (step['Actual Loops'] ?? 1));
}

describe.each(Object.entries(changes))('%s', (_name, { kind, status, batch }) => {
  test.each([
    ['planned while the tables were empty', () => early],
    ['planned now', () => late],
  ])('%s: no step touches more rows than the batch needs', async (_when, client) => {
    const made = batch();
    expect(made).toHaveLength(MAX_BATCH);
    let answers: { status: string }[] = [];
    const plans = await log.during(async () => {
      answers = (await make(client(), kind, made)).rows;
    });
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([status]));
    expect(plans.length).toBeGreaterThan(0);
    expect(plans.flatMap(faultsOf)).toEqual([]);
  });
});
