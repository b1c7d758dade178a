import { randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { databaseFailure, sqlStates } from '../src/platform/database-failure.ts';
import { type Database, openDatabase, statement } from '../src/platform/db.ts';
import { migrate } from '../src/platform/migrate.ts';
import { createLog, createMetrics } from '../src/platform/telemetry.ts';
import { plain, readPage, rowsOf, spansOf } from './contract/readme/markdown.ts';
import { Postgres } from './faults/postgres.ts';
import { Link } from './faults/proxy.ts';
import { createDatabase, execute, queryRows, type TestDatabase } from './harness/database.ts';
import { startNode, type TestNode } from './harness/node.ts';
import { type Person, signUp } from './harness/people.ts';

// A failing database is UNAVAILABLE, whatever the reason: INTERNAL is for defects of the program.

const NO_LIMITS = Object.fromEntries(
  ['POSTS', 'CHANGES'].flatMap((what) => [
    [`${what}_PER_SECOND`, '100000'],
    [`${what}_BURST`, '100000'],
  ]),
);
const env = { ...NO_LIMITS, LOGINS_PER_MINUTE: '10000' };
const PASSWORD = 'correct horse battery';

/** One code of each entry of the table. */
const failing = Object.keys(sqlStates).map((state) => (state.length === 2 ? `${state}000` : state));
const others = ['57P01', '57P03', '58030', '53100', '40001', '40P01', '08006', 'XX001', 'XX002'];
const codes = [...new Set([...failing, ...others])];
/** One or two for each kind of failure. */
const kinds = ['08006', '57P01', '25006', '26000', '55P03', '53100', '40001', '57014', '58030', 'XX001'];
const mistakes = ['22012', '23502', '42P01', 'P0001'];

/** The answer to a client: the code of a refusal or of an error, or the type of the success. */
async function told(answer: Promise<{ data: any; errors: { extensions: { code: string } }[] }>) {
  const { data, errors } = await answer;
  const [success] = Object.values(data ?? {}) as { __typename?: string; code?: string }[];
  return errors[0]?.extensions.code ?? success?.code ?? success?.__typename;
}

const mutate = (person: Person, name: string, input: object) => {
  const Name = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  const text = `mutation ($input: ${Name}Input!) { ${name}(input: $input) { __typename ... on UserError { code } } }`;
  return told(person.ask(text, { input }));
};

test('docs/operations.md has the table of failures', () => {
  const documented = rowsOf(
    readPage('docs/operations.md'),
    'SQLSTATE',
    'failure',
    'what a node does',
  ).flatMap((row) => spansOf(row['SQLSTATE'] ?? '').map((state) => [state, plain(row['failure'])]));
  expect(Object.fromEntries(documented)).toEqual(sqlStates);
});

describe('a statement that PostgreSQL fails with', () => {
  let database: TestDatabase;
  let db: Database;

  beforeAll(async () => {
    database = await createDatabase('template0');
    db = openDatabase(database.url, 4, createLog('silent', 'test'), createMetrics());
    await execute(
      database.url,
      `CREATE FUNCTION fail(code TEXT) RETURNS INT LANGUAGE plpgsql AS $$ BEGIN
         RAISE EXCEPTION 'as asked' USING ERRCODE = code; END $$`,
    );
  });

  afterAll(async () => {
    await db?.close();
    await database?.drop();
  });

  const failWith = (code: string) => db.read.rows(statement('SELECT fail($1::text)'), [code]);

  test.each(codes)('%s is the database’s', async (code) => {
    const error = await failWith(code).catch((reason: unknown) => reason);
    expect(databaseFailure(error)).toBe(sqlStates[code] ?? sqlStates[code.slice(0, 2)]);
  });

  test.each(mistakes)('%s is a mistake', async (code) => {
    const error = await failWith(code).catch((reason: unknown) => reason);
    expect(databaseFailure(error)).toBe('mistake');
  });

  test('through Prisma is judged alike', async () => {
    for (const code of [...codes, ...mistakes]) {
      const error = await db.prisma
        .$queryRawUnsafe('SELECT fail($1)', code)
        .catch((reason: unknown) => reason);
      expect([code, databaseFailure(error)]).toEqual([
        code,
        sqlStates[code] ?? sqlStates[code.slice(0, 2)] ?? 'mistake',
      ]);
    }
  });
});

describe('clients of a node whose database fails', () => {
  let database: TestDatabase;
  let node: TestNode;
  let ada: Person;
  let bob: Person;
  let roomId: string;
  let messageId: string;

  beforeAll(async () => {
    database = await createDatabase();
    node = await startNode({ databaseUrl: database.url, env });
    [ada, bob] = [await signUp(node, 'ada'), await signUp(node, 'bob')];
    roomId = await ada.createRoom('faulty');
    messageId = (await ada.say(roomId, 'before')).message.id;
    await execute(database.url, SETUP);
  });

  afterAll(async () => {
    await node?.stop();
    await database?.drop();
  });

  // Everything durable that the operations below do fails with the code in `fault`, while there is one.
  const SETUP = `
    CREATE TABLE fault (code TEXT);
    CREATE FUNCTION fail() RETURNS TRIGGER LANGUAGE plpgsql AS $$ DECLARE c TEXT := (SELECT code FROM fault); BEGIN
      IF c IS NOT NULL THEN RAISE EXCEPTION 'as asked' USING ERRCODE = c; END IF; RETURN NEW; END $$;
    ${['messages', 'room_events', 'memberships', 'sessions', 'users']
      .map(
        (table) =>
          `CREATE TRIGGER fail BEFORE INSERT OR UPDATE ON ${table} FOR EACH ROW EXECUTE FUNCTION fail();`,
      )
      .join('\n')}
    CREATE OR REPLACE FUNCTION message_seq_at(p_room BIGINT, p_at TIMESTAMPTZ) RETURNS BIGINT LANGUAGE plpgsql STABLE AS $$ BEGIN
      IF EXISTS (SELECT FROM fault) THEN RAISE EXCEPTION 'as asked' USING ERRCODE = (SELECT code FROM fault); END IF;
      RETURN 1; END $$;`;

  const post = (idempotencyKey: string) =>
    mutate(ada, 'sendMessage', { roomId, text: 'a message', idempotencyKey });
  const page = () =>
    told(
      ada.ask(
        `query ($id: ID!) { room(id: $id) { messages(first: 1, around: { date: "2026-01-01T00:00:00Z" }) { nodes { id } } } }`,
        { id: roomId },
      ),
    );
  // `hall`: a room without other members. A change with the answer UNAVAILABLE may be made all the same, so each call
  // uses its own room.
  const changes = (key: string, hall: string) =>
    Promise.all([
      post(key),
      ...Array.from({ length: 3 }, () => post(randomUUID())),
      mutate(ada, 'editMessage', { messageId, text: randomUUID() }),
      mutate(ada, 'createRoom', { name: 'another', kind: 'PUBLIC', idempotencyKey: randomUUID() }),
      mutate(bob, 'joinRoom', { roomId: hall }),
      mutate(ada, 'updateProfile', name()),
      mutate(ada, 'login', login(ada)),
      mutate(ada, 'changePassword', { currentPassword: PASSWORD, newPassword: 'another horse battery' }),
    ]);
  const during = async <Result>(code: string, task: () => Promise<Result>) => {
    await execute(database.url, `INSERT INTO fault VALUES ('${code}')`);
    try {
      return await task();
    } finally {
      await execute(database.url, 'DELETE FROM fault');
    }
  };

  test.each(kinds)('with %s are told UNAVAILABLE, and the same call works later', async (code) => {
    const [key, hall] = [randomUUID(), await ada.createRoom('hall')];
    const answers = await during(code, async () => [...(await changes(key, hall)), await page()]);
    expect([...new Set(answers)]).toEqual(['UNAVAILABLE']);
    expect(await post(key)).toBe('SendMessageSuccess');
  });

  test('with a mistake are told INTERNAL', async () => {
    const hall = await ada.createRoom('hall');
    expect([...new Set(await during('22012', () => changes(randomUUID(), hall)))]).toEqual(['INTERNAL']);
  });

  test('a database that takes no changes for a while: every connection is made anew', async () => {
    const pids = async () =>
      (await queryRows<{ pid: number }>(database.url, `SELECT pid FROM ${POOLED}`)).map(({ pid }) => pid);
    const setReadOnly = (to: 'on' | 'off') =>
      execute(
        inject('databaseUrl'),
        `ALTER DATABASE ${nameIn(database.url)} SET default_transaction_read_only = ${to}`,
      );
    const hall = await ada.createRoom('hall');
    await setReadOnly('on');
    await execute(database.url, `SELECT pg_terminate_backend(pid) FROM ${POOLED}`);
    expect([...new Set(await changes(randomUUID(), hall))]).toEqual(['UNAVAILABLE']);
    const before = await pids();
    await setReadOnly('off');
    await expect.poll(() => post(randomUUID())).toBe('SendMessageSuccess');
    await expect.poll(async () => (await pids()).filter((pid) => before.includes(pid))).toEqual([]);
  });
});

/** The connections of the node's pools. */
const POOLED = `pg_stat_activity WHERE datname = current_database()
  AND application_name LIKE 'parley-%' AND application_name <> 'parley-node'`;
const nameIn = (url: string) => new URL(url).pathname.slice(1);

describe('a standby in the place of the primary', () => {
  let folder: string;
  let postgres: Postgres;
  let link: Link;
  let node: TestNode;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'parley-standby-'));
    chmodSync(folder, 0o711); // as root, PostgreSQL runs as another user
    mkdirSync(path.join(folder, 'pg'), { mode: 0o711 });
    postgres = await Postgres.start(path.join(folder, 'pg'));
    await migrate(postgres.url);
    link = await Link.start('postgres', postgres.port);
    const url = new URL(postgres.url);
    url.port = String(link.port);
    node = await startNode({ databaseUrl: url.href, env });
  });

  afterAll(async () => {
    await node?.stop();
    await link?.close();
    await postgres?.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  });

  test('refuses changes as UNAVAILABLE until it is promoted', async () => {
    const ada = await signUp(node, 'ada');
    const roomId = await ada.createRoom('failover');
    const key = randomUUID();
    const post = () => mutate(ada, 'sendMessage', { roomId, text: 'a message', idempotencyKey: key });

    await postgres.stopFast();
    writeFileSync(path.join(folder, 'pg/postgres/standby.signal'), '');
    await postgres.startAgain();
    link.target = { host: '127.0.0.1', port: postgres.port };
    const rooms = () => told(ada.ask('{ viewer { rooms(first: 1) { nodes { id } } } }'));
    await expect.poll(rooms).not.toBe('UNAVAILABLE');
    const answers = [
      await post(),
      await mutate(ada, 'login', login(ada)),
      await mutate(ada, 'updateProfile', name()),
    ];
    expect(answers).toEqual(['UNAVAILABLE', 'UNAVAILABLE', 'UNAVAILABLE']);
    // The head poll reads the position of the log as it is written, which a standby refuses (55000).
    await node.logged(
      ({ msg, failure }) => msg === 'reopening all connections to the database' && failure === 'standby',
    );

    await postgres.query('SELECT pg_promote()');
    await expect.poll(post).toBe('SendMessageSuccess');
    expect((await node.metrics())['parley_internal_errors_total']).toBe(0);
  });
});

const login = ({ username }: Person) => ({ usernameOrEmail: username, password: PASSWORD });
const name = () => ({ displayName: randomUUID() });
