import { availableParallelism } from 'node:os';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { createDatabase, queryRows, type TestDatabase } from './harness/database.ts';
import { startNode, type TestNode } from './harness/node.ts';

// Attempts to guess passwords are slowed down, with any spelling and address; the owner can sign in meanwhile.

const PASSWORD = 'correct horse battery staple';
const HOME = '198.51.100.7';
// The buckets of one try fill up within a minute, those of ten within six seconds for each: no test takes so long.
const LIMIT = 1;
// Of the account and of a network, over all networks and all accounts.
const WIDE = 10 * LIMIT;

let database: TestDatabase;
let node: TestNode;
let other: TestNode;

beforeAll(async () => {
  database = await createDatabase();
  const options = {
    databaseUrl: database.url,
    redisUrl: inject('redisUrl'),
    env: { LOGINS_PER_MINUTE: String(LIMIT), TRUST_PROXY: 'true', NODE_ENV: 'test' },
  };
  [node, other] = await Promise.all([startNode(options), startNode(options)]);
});

afterAll(async () => {
  await Promise.all([node?.stop(), other?.stop()]);
  await database?.drop();
});

const REGISTER =
  'mutation ($input: RegisterInput!) { register(input: $input) { __typename ... on RegisterSuccess { tokens { refreshToken } } ... on UserError { code } } }';
const LOGIN =
  'mutation ($input: LoginInput!) { login(input: $input) { __typename ... on LoginSuccess { viewer { user { username } } } ... on UserError { code detail path } } }';
const REFRESH =
  'mutation ($input: RefreshSessionInput!) { refreshSession(input: $input) { __typename ... on RefreshSessionSuccess { tokens { refreshToken } } ... on UserError { code } } }';

async function mutate(via: TestNode, from: string, query: string, input: object): Promise<any> {
  const response = await fetch(via.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': from },
    body: JSON.stringify({ query, variables: { input } }),
  });
  const { data, errors } = (await response.json()) as { data: Record<string, unknown>; errors?: unknown };
  expect(errors).toBeUndefined();
  return Object.values(data)[0];
}

const login = (name: string, password: string, from: string, via = node) =>
  mutate(via, from, LOGIN, { usernameOrEmail: name, password });

/** The code of a refusal, or the type of the success. */
async function outcome(name: string, password: string, from: string, via = node): Promise<string> {
  const answer = await login(name, password, from, via);
  return answer.code ?? answer.__typename;
}

let people = 0;

/** A user who has registered at home. */
async function resident(): Promise<{ name: string; email: string; refreshToken: string }> {
  const name = `kim-${++people}`;
  const email = `kim-${people}@example.com`;
  const input = { username: name, email, password: PASSWORD };
  const { tokens } = await mutate(node, HOME, REGISTER, input);
  return { name, email, refreshToken: tokens.refreshToken };
}

let networks = 0;
/** A network that was never used. */
const elsewhere = () => `2001:db8:${(++networks).toString(16)}:1::1`;

const guesses: Promise<string>[] = [];
afterEach(() => Promise.all(guesses.splice(0)));

/**
 * Wrong passwords from many networks at once. Resolves, with all their outcomes, as soon as strangers are refused wherever they come
 * from: the refusals come at once, but each password takes its time, and meanwhile the limits recover.
 */
async function besiege(name: string, via = node): Promise<{ readonly all: Promise<string[]> }> {
  const besiegers = Array.from({ length: 3 * WIDE }, () => outcome(name, 'wrong password', elsewhere(), via));
  guesses.push(...besiegers);
  await Promise.any(
    besiegers.map(async (guess) => {
      if ((await guess) !== 'RATE_LIMITED') throw new Error(`anybody may guess the password of ${name}`);
    }),
  );
  return { all: Promise.all(besiegers) };
}

describe('guessing one account', () => {
  test('is limited for each of its names, in any spelling, and does not show that they belong together', async () => {
    const { name, email } = await resident();
    const from = elsewhere();
    for (const each of [name, email, `not-${email}`]) {
      const outcomes: string[] = [];
      for (const spelling of [each, each.toUpperCase(), each])
        outcomes.push(await outcome(spelling, 'wrong password', from));
      expect(outcomes).toEqual(['INVALID_CREDENTIALS', 'RATE_LIMITED', 'RATE_LIMITED']);
    }
    for (const each of [name, email]) expect(await outcome(each, PASSWORD, from)).toBe('RATE_LIMITED');
  });

  test('is limited over all networks under all its names together', async () => {
    const { name, email } = await resident();
    await besiege(name);
    expect(await outcome(email, PASSWORD, elsewhere())).toBe('RATE_LIMITED');
  });

  test.each([
    ['a capital I with a dot', (name: string) => name.replace('i', 'İ')],
    ['a dotless i', (name: string) => name.replace('i', 'ı')],
    ['the sign for kelvins', (name: string) => name.replace('k', '\u212a')],
    ['wide letters', (name: string) => name.replace('m', 'ｍ')],
  ])('%s is another name', async (_what, spell) => {
    const { name } = await resident();
    expect(await outcome(spell(name), PASSWORD, HOME)).toBe('INVALID_CREDENTIALS');
  });

  test('from many networks is limited, and looks alike where there is no such account', async () => {
    const { name } = await resident();
    const twice = async (who: string, from = elsewhere()) => [
      await outcome(who, 'wrong password', from),
      await outcome(who, 'wrong password', from),
    ];
    for (const who of [name, 'nobody-at-all']) {
      expect(await twice(who)).toEqual(['INVALID_CREDENTIALS', 'RATE_LIMITED']);
      const { all } = await besiege(who);
      expect(await twice(who)).toEqual(['RATE_LIMITED', 'RATE_LIMITED']);
      const tried = (await all).filter((code) => code === 'INVALID_CREDENTIALS');
      expect(1 + tried.length).toBeLessThanOrEqual(WIDE + 1);
    }
  });
});

describe('the owner, while others guess', () => {
  test('gets in from a network that the account was used from, on every node', async () => {
    const { name, email } = await resident();
    for (const [via, spelling] of [
      [node, name],
      [other, email],
    ] as const) {
      await besiege(name, via);
      expect(await outcome(spelling, PASSWORD, elsewhere(), via)).toBe('RATE_LIMITED');
      expect(await outcome(spelling, PASSWORD, HOME, via)).toBe('LoginSuccess');
    }
  });

  test('gets in where others at the same network try many accounts', async () => {
    const { name } = await resident();
    const from = elsewhere();
    expect(await outcome(name, PASSWORD, from)).toBe('LoginSuccess');
    for (let i = 0; i < WIDE; i++) await login(`nobody-${i}`, 'wrong password', from);
    expect(await outcome('nobody-else', 'wrong password', from)).toBe('RATE_LIMITED');
    expect(await outcome(name, PASSWORD, from)).toBe('LoginSuccess');
  });

  test('gets in from where a session was refreshed', async () => {
    const { name, refreshToken } = await resident();
    const from = elsewhere();
    const refreshed = await mutate(node, from, REFRESH, { refreshToken });
    expect(refreshed.__typename).toBe('RefreshSessionSuccess');
    await besiege(name);
    // All of an IPv6 network is the same client.
    expect(await outcome(name, PASSWORD, from.replace('::1', '::2'))).toBe('LoginSuccess');
  });

  test('is told of a wrong password as everybody else, and can try only so often', async () => {
    const { name } = await resident();
    await besiege(name);
    expect(await outcome(name, 'wrong password', HOME)).toBe('RATE_LIMITED');
    expect(await outcome(name, PASSWORD, HOME)).toBe('RATE_LIMITED');
  });
});

test('known networks are few for each account, and hashes', async () => {
  const { name } = await resident();
  const used: string[] = [];
  // Inserted as past sessions; a session or two of them would fill the limit of the account.
  const hash = `decode(md5(i::text), 'hex'), now() - i * interval '1 hour'`;
  await queryRows(
    database.url,
    `INSERT INTO known_networks SELECT id, ${hash} FROM users, generate_series(1, 30) AS i WHERE username = $1`,
    [name],
  );
  for (let i = 0; i < 2; i++) {
    used.push(elsewhere());
    expect(await outcome(name, PASSWORD, used[i] as string)).toBe('LoginSuccess');
  }
  const rows = await queryRows<{ hash: Buffer }>(
    database.url,
    'SELECT hash FROM known_networks k JOIN users u ON u.id = k.user_id WHERE username = $1',
    [name],
  );
  expect(rows).toHaveLength(20);
  for (const { hash } of rows) expect(hash).toHaveLength(16);
  await besiege(name);
  expect(await outcome(name, PASSWORD, (used[0] as string).replace('::1', '::9'))).toBe('LoginSuccess');
});

test('a flood of sign-ins is refused for what it is, and people who are signed in are served', {
  timeout: 120_000,
}, async () => {
  const { refreshToken } = await resident();
  // At its start, a node may have waited for the migrations of the other.
  const linesBefore = node.log().length;
  // At most three hashes at once, and a hundred for each of them that wait.
  const size = 101 * Math.max(1, Math.min(availableParallelism() - 1, 3)) + 50;
  const flood = Array.from({ length: size }, (_, i) => login(`flood-${i}`, 'wrong password', '127.0.0.1'));
  const [refreshed, ...answers] = await Promise.all([
    mutate(node, HOME, REFRESH, { refreshToken }),
    ...flood,
  ]);
  expect(refreshed.__typename).toBe('RefreshSessionSuccess');
  const refused = answers.filter(({ code }) => code !== 'INVALID_CREDENTIALS');
  expect(refused.length).toBeGreaterThan(0);
  expect(new Set(refused.map(({ code, detail }) => `${code}: ${detail}`))).toEqual(
    new Set(['UNAVAILABLE: Too many users are signing in right now.']),
  );
  const lines = node.log().slice(linesBefore);
  expect(lines.filter(({ msg }) => msg.includes('database'))).toEqual([]);
});
