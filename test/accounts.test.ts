import { createHash, createHmac } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createClient } from 'graphql-ws';
import { type JWTPayload, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import WebSocket from 'ws';
import { createFirstAdminToken } from '../src/accounts/invitations.ts';
import { openDatabase } from '../src/platform/db.ts';
import { createLog, createMetrics } from '../src/platform/telemetry.ts';
import { createDatabase, execute, type TestDatabase } from './harness/database.ts';
import { openFeed } from './harness/feed.ts';
import { startNode, type TestNode } from './harness/node.ts';

const SECRET = 'for tests only: 0123456789abcdefghijklmnopqrstuvwxyz';
const OTHER_SECRET = 'for tests, later: 0123456789abcdefghijklmnopqrstuvwxyz';
const PASSWORD = 'correct horse battery staple';

let database: TestDatabase;
let node: TestNode;

beforeAll(async () => {
  database = await createDatabase();
  node = await start();
});

afterAll(async () => {
  await node?.stop();
  await database?.drop();
});

/** A separate node for one test, or for all of them. */
function start(env: Record<string, string> = {}, databaseUrl = database.url): Promise<TestNode> {
  return startNode({ databaseUrl, redisUrl: inject('redisUrl'), env: { JWT_SECRET: SECRET, ...env } });
}

async function startForTest(env: Record<string, string>, databaseUrl?: string): Promise<TestNode> {
  const started = await start(env, databaseUrl);
  onTestFinished(async () => void (await started.stop()));
  return started;
}

async function freshDatabase(): Promise<string> {
  const fresh = await createDatabase();
  onTestFinished(() => fresh.drop());
  return fresh.url;
}

// -- a client ----------------------------------------------------------------------------------

interface Asking {
  token?: string;
  via?: TestNode;
  from?: string;
}

type Json = any;

interface Answer {
  status: number;
  data: Json;
  errors?: { message: string; extensions: { code: string } }[];
}

async function ask(
  query: string,
  variables: object = {},
  { token, via = node, from }: Asking = {},
): Promise<Answer> {
  const response = await fetch(via.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(from !== undefined && { 'x-forwarded-for': from }),
    },
    body: JSON.stringify({ query, variables }),
  });
  return { status: response.status, ...((await response.json()) as Omit<Answer, 'status'>) };
}

const ERROR = '... on UserError { code detail path }';
const TOKENS = 'tokens { accessToken accessTokenExpiresAt refreshToken }';

/** The answer of one mutation: its success, or its refusal. */
async function change(
  name: string,
  selection: string,
  input: object | null,
  asking: Asking = {},
): Promise<Json> {
  const Name = name.charAt(0).toUpperCase() + name.slice(1);
  const head = input ? `mutation($input: ${Name}Input!) { ${name}(input: $input)` : `mutation { ${name}`;
  const document = `${head} { __typename ${ERROR} ... on ${Name}Success { ${selection} } } }`;
  const { data, errors } = await ask(document, input ? { input } : {}, asking);
  if (errors) throw Object.assign(new Error(errors[0]?.message), { code: errors[0]?.extensions.code });
  return data[name];
}

interface Tokens {
  accessToken: string;
  accessTokenExpiresAt: string;
  refreshToken: string;
}

const VIEWER = 'viewer { user { id username displayName isDeleted } }';
const register = (input: object, asking?: Asking) => change('register', `${TOKENS} ${VIEWER}`, input, asking);
const login = (usernameOrEmail: string, password = PASSWORD, asking?: Asking) =>
  change('login', `${TOKENS} ${VIEWER}`, { usernameOrEmail, password }, asking);
const refresh = (refreshToken: string, asking?: Asking) =>
  change('refreshSession', TOKENS, { refreshToken }, asking);

interface Person {
  id: string;
  username: string;
  email: string;
  tokens: Tokens;
}

let people = 0;

function details(name = `person${++people}`) {
  return { username: name, email: `${name}@example.com`, password: PASSWORD };
}

async function person(via = node): Promise<Person> {
  const input = details();
  const { tokens, viewer } = await register(input, { via });
  return { id: viewer.user.id, username: input.username, email: input.email, tokens };
}

async function signIn({ username }: Person): Promise<Tokens> {
  return (await login(username)).tokens;
}

/** Whether that access token is still accepted. */
async function isAccepted(token: string, via = node): Promise<boolean> {
  const { data, errors } = await ask('{ viewer { user { id } } }', {}, { token, via });
  if (errors) expect(errors[0]?.extensions.code).toBe('UNAUTHENTICATED');
  return !errors && data.viewer !== null;
}

const SESSIONS =
  'query($first: Int, $after: String, $last: Int, $before: String) { viewer { sessions(first: $first, after: $after, last: $last, before: $before) { nodes { id isCurrent deviceName userAgent createdAt lastUsedAt } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }';

async function sessions(token: string, page: object = {}): Promise<Json> {
  return (await ask(SESSIONS, page, { token })).data.viewer.sessions;
}

// -- registering -------------------------------------------------------------------------------

describe('registering', () => {
  test('makes a person whom the tokens speak for', async () => {
    const { tokens, viewer, __typename } = await register({
      ...details('Ada_Lovelace'),
      displayName: '  Ada ☕  ',
    });
    expect(__typename).toBe('RegisterSuccess');
    expect(viewer.user).toMatchObject({ username: 'Ada_Lovelace', displayName: 'Ada ☕', isDeleted: false });
    const lasts = new Date(tokens.accessTokenExpiresAt).getTime() - Date.now();
    expect(lasts).toBeGreaterThan(890_000);
    expect(lasts).toBeLessThanOrEqual(901_000);

    const asking = { token: tokens.accessToken };
    const { data } = await ask(
      `query($id: ID!) { viewer { user { id } } node(id: $id) { __typename id ... on User { username } } user(id: $id) { username }
        userByName(username: "ADA_LOVELACE") { id } nobody: userByName(username: "nobody") { id } none: user(id: "nonsense") { id } }`,
      { id: viewer.user.id },
      asking,
    );
    expect(data).toEqual({
      viewer: { user: { id: viewer.user.id } },
      node: { __typename: 'User', id: viewer.user.id, username: 'Ada_Lovelace' },
      user: { username: 'Ada_Lovelace' },
      userByName: { id: viewer.user.id },
      nobody: null,
      none: null,
    });
  });

  test('uses the username where no display name is given', async () => {
    const input = details();
    expect((await register(input)).viewer.user.displayName).toBe(input.username);
  });

  test.each([
    ['username', 'ab'],
    ['username', 'a'.repeat(51)],
    ['username', 'with space'],
    ['username', 'ünicode'],
    ['username', 'a@b'],
    ['email', 'nonsense'],
    ['email', ''],
    ['email', `${'a'.repeat(250)}@example.com`],
    ['password', 'short12'],
    ['password', ' '.repeat(12)],
    ['password', 'x'.repeat(257)],
    ['displayName', '   '],
    ['displayName', '☕'.repeat(101)],
    ['username', 'nul\u0000nul'],
  ])('refuses the %s %j', async (field, value) => {
    const answer = await register({ ...details(), [field]: value });
    expect(answer).toMatchObject({
      __typename: 'ValidationError',
      code: 'VALIDATION',
      path: ['input', field],
    });
  });

  test.each([
    ['qwertyuiop', /common/],
    ['Password1', /common/],
    ['ｐａｓｓｗｏｒｄ１', /common/],
    ['Some-Person', /username/],
    ['some PERSON here', /display name/],
    ['hidden.name', /e-mail address/],
    ['Hidden.Name@example.com', /e-mail address/],
  ])('refuses the password %j and says why', async (password, why) => {
    const input = {
      username: 'some-person',
      displayName: 'Some person here',
      email: 'hidden.name@example.com',
    };
    const answer = await register({ ...input, password });
    expect(answer).toMatchObject({ code: 'VALIDATION', path: ['input', 'password'] });
    expect(answer.detail).toMatch(why);
  });

  test('takes what is just inside the limits', async () => {
    const username = 'n'.repeat(50);
    const answer = await register({
      ...details(username),
      password: '☕'.repeat(256),
      displayName: '☕'.repeat(100),
    });
    expect(answer.__typename).toBe('RegisterSuccess');
    expect((await login(username, '☕'.repeat(256))).__typename).toBe('LoginSuccess');
  });

  test('gives a name to one of those who want it at once, whatever the case', async () => {
    const spellings = ['Wanted', 'wanted', 'WANTED', 'wAnTeD', 'wanteD', 'WanteD'];
    const answers = await Promise.all(
      spellings.map((username, i) => register({ ...details(), username, email: `wanted${i}@example.com` })),
    );
    expect(answers.filter(({ __typename }) => __typename === 'RegisterSuccess')).toHaveLength(1);
    const refused = answers.filter(({ __typename }) => __typename !== 'RegisterSuccess');
    for (const refusal of refused)
      expect(refusal).toMatchObject({ code: 'CONFLICT', path: ['input', 'username'] });
  });

  test('gives an address to one account', async () => {
    const taken = await person();
    const answer = await register({ ...details(), email: taken.email.toUpperCase() });
    expect(answer).toMatchObject({ __typename: 'ConflictError', path: ['input', 'email'] });
  });
});

describe('invitations', () => {
  const mode = (REGISTRATION_MODE: string, url: string) => startForTest({ REGISTRATION_MODE }, url);

  /** The output of a node with that database at its start. */
  async function tokenOfFirstAdmin(url: string): Promise<string | null> {
    const db = openDatabase(url, 4, createLog('silent', 'test'), createMetrics());
    try {
      return await createFirstAdminToken({ db });
    } finally {
      await db.close();
    }
  }

  const isAdmin = async (url: string, username: string) => {
    // Fails with a division by zero unless there is such an administrator.
    const count = `SELECT count(*) FROM users WHERE username = '${username}' AND is_admin`;
    return execute(url, `SELECT 1 / (${count})`).then(
      () => true,
      () => false,
    );
  };

  test('the first administrator comes with the token of a start, once, in every mode', async () => {
    const url = await freshDatabase();
    const closed = await mode('closed', url);
    expect(await register(details('early'), { via: closed })).toMatchObject({
      __typename: 'PermissionDeniedError',
      path: ['input', 'inviteToken'],
    });
    // Each node has its own, and all of them are good.
    const inviteToken = await tokenOfFirstAdmin(url);
    const another = await tokenOfFirstAdmin(url);
    expect(another).not.toBe(inviteToken);

    const both = await Promise.all(
      ['one', 'two'].map((name) => register({ ...details(name), inviteToken }, { via: closed })),
    );
    const outcomes = both.map(({ __typename }) => __typename);
    expect(new Set(outcomes)).toEqual(new Set(['RegisterSuccess', 'PermissionDeniedError']));
    const first = both[0].__typename === 'RegisterSuccess' ? 'one' : 'two';
    expect(await isAdmin(url, first)).toBe(true);
    expect(await tokenOfFirstAdmin(url)).toBeNull();
    for (const spent of [inviteToken, another]) {
      const answer = await register({ ...details('three'), inviteToken: spent }, { via: closed });
      expect(answer.code).toBe('PERMISSION_DENIED');
    }
  });

  test('the token of the first administrator is good for a day, and the next start makes another', async () => {
    const url = await freshDatabase();
    const closed = await mode('closed', url);
    const late = await tokenOfFirstAdmin(url);
    await execute(url, "UPDATE one_time_tokens SET expires_at = expires_at - interval '1 day'");
    const answer = await register({ ...details('late'), inviteToken: late }, { via: closed });
    expect(answer.code).toBe('PERMISSION_DENIED');
    // As releases stored it that had no end for it.
    const endless = createHash('sha256').update('endless').digest('hex');
    await execute(
      url,
      `INSERT INTO one_time_tokens (hash, purpose) VALUES (decode('${endless}', 'hex'), 'first-admin')`,
    );
    const inviteToken = await tokenOfFirstAdmin(url);
    const old = await register({ ...details('old'), inviteToken: 'endless' }, { via: closed });
    expect(old.code).toBe('PERMISSION_DENIED');
    const made = await register({ ...details('boss'), inviteToken }, { via: closed });
    expect(made.__typename).toBe('RegisterSuccess');
  });

  test('the token of the first administrator is printed and kept in a file, and never logged', async () => {
    const url = await freshDatabase();
    const folder = mkdtempSync(path.join(tmpdir(), 'parley-first-admin-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const env = { NODE_ENV: 'production', REGISTRATION_MODE: 'closed', DATA_DIR: path.join(folder, 'data') };
    const file = path.join(folder, 'data', 'first-admin-token');
    const closed = await start(env, url);
    await expect.poll(() => closed.output()).toContain(file);
    const inviteToken = readFileSync(file, 'utf8').trim();
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const said = closed
      .output()
      .split('\n')
      .filter((line) => line.includes(inviteToken));
    expect(said.map((line) => line.trim())).toEqual([inviteToken]);
    expect(JSON.stringify(closed.log())).not.toContain(inviteToken);
    const made = await register({ ...details('boss'), inviteToken }, { via: closed });
    expect(made.__typename).toBe('RegisterSuccess');
    await closed.stop();
    const again = await startForTest(env, url);
    expect(existsSync(file)).toBe(false);
    expect(again.output()).not.toContain('inviteToken');
  });

  test('where the file cannot be written, the node starts and says so', async () => {
    const url = await freshDatabase();
    const folder = mkdtempSync(path.join(tmpdir(), 'parley-first-admin-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(path.join(folder, 'data'), 'a file');
    const without = await startForTest({ DATA_DIR: path.join(folder, 'data') }, url);
    await without.logged(({ msg }) => msg.startsWith('DATA_DIR: '));
    await expect.poll(() => without.output()).toContain('with this inviteToken');
  });

  test('a name that is taken does not use the token up', async () => {
    const url = await freshDatabase();
    const inviteToken = await tokenOfFirstAdmin(url);
    const open = await mode('open', url);
    await register(details('quicker'), { via: open });
    expect(await isAdmin(url, 'quicker')).toBe(false);
    expect((await register({ ...details('quicker'), inviteToken }, { via: open })).code).toBe('CONFLICT');
    expect((await register({ ...details('boss'), inviteToken }, { via: open })).__typename).toBe(
      'RegisterSuccess',
    );
    expect(await isAdmin(url, 'boss')).toBe(true);
  });

  test('a token that was given has to be good, also where none is needed', async () => {
    expect((await register({ ...details(), inviteToken: 'nonsense' })).code).toBe('PERMISSION_DENIED');
  });
});

// -- signing in --------------------------------------------------------------------------------

describe('signing in', () => {
  test('by name or address, whatever the case', async () => {
    const ada = await person();
    for (const name of [ada.username, ada.username.toUpperCase(), ada.email, ada.email.toUpperCase()]) {
      expect((await login(name)).viewer.user.id).toBe(ada.id);
    }
  });

  test('the new session is the current one in its own answer', async () => {
    const ada = await person();
    const { viewer } = await change('login', 'viewer { sessions { nodes { isCurrent } } }', {
      usernameOrEmail: ada.username,
      password: PASSWORD,
    });
    expect(viewer.sessions.nodes).toEqual([{ isCurrent: true }, { isCurrent: false }]);
  });

  test('says the same to everybody who may not', async () => {
    const [known, suspended, erased, imported] = [
      await person(),
      await person(),
      await person(),
      await person(),
    ];
    const update = (set: string, { username }: Person) =>
      execute(database.url, `UPDATE users SET ${set} WHERE username = '${username}'`);
    await update('suspended_at = now()', suspended);
    await update('deleted_at = now()', erased);
    await update('password_hash = NULL', imported);
    const answers = await Promise.all([
      login('nobody-at-all'),
      login('nobody@example.com'),
      login('☕'),
      login(known.username, 'wrong password'),
      login(known.email, 'wrong password'),
      login(suspended.username),
      login(erased.username),
      login(imported.username),
    ]);
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(answers[0]).toMatchObject({
      __typename: 'InvalidCredentialsError',
      code: 'INVALID_CREDENTIALS',
      path: null,
    });
  });

  test('takes as long for an unknown name as for a wrong password', async () => {
    const generous = await startForTest({ LOGINS_PER_MINUTE: '1000' });
    const known = await person();
    const time = async (name: string) => {
      const started = performance.now();
      await login(name, 'wrong password', { via: generous });
      return performance.now() - started;
    };
    const times: { known: number[]; unknown: number[] } = { known: [], unknown: [] };
    for (let i = 0; i < 30; i++) {
      times.known.push(await time(known.username));
      times.unknown.push(await time('nobody-at-all'));
    }
    // The shortest: others that use the machine make the rest longer.
    const shortest = [Math.min(...times.known), Math.min(...times.unknown)];
    const [quicker = 0, slower = 0] = shortest.toSorted((a, b) => a - b);
    // Without a hash the answer takes a tenth of the time.
    expect(quicker / slower).toBeGreaterThan(0.7);
  });

  test('a hash made more cheaply is replaced when its owner signs in', async () => {
    const ada = await person();
    // Of the same password, with 8 MiB and one pass.
    const weak = '$argon2id$v=19$m=8192,t=1,p=1$';
    const { hash } = await import('@node-rs/argon2');
    const stored = await hash(PASSWORD, { memoryCost: 8_192, timeCost: 1, parallelism: 1 });
    expect(stored.startsWith(weak)).toBe(true);
    await execute(
      database.url,
      `UPDATE users SET password_hash = '${stored}' WHERE username = '${ada.username}'`,
    );
    const both = await Promise.all([login(ada.username), login(ada.username)]);
    expect(both.map(({ __typename }) => __typename)).toEqual(['LoginSuccess', 'LoginSuccess']);
    const count = `SELECT count(*) FROM users WHERE username = '${ada.username}' AND password_hash LIKE '%m=19456,t=2,p=1%'`;
    await execute(database.url, `SELECT 1 / (${count})`);
    expect((await login(ada.username)).__typename).toBe('LoginSuccess');
  });

  test.each([
    ['usernameOrEmail', ''],
    ['usernameOrEmail', 'x'.repeat(256)],
    ['password', 'x'.repeat(257)],
  ])('refuses the %s %j before anything is computed', async (field, value) => {
    const input = { usernameOrEmail: 'nobody', password: PASSWORD, [field]: value };
    expect(await change('login', TOKENS, input)).toMatchObject({
      code: 'VALIDATION',
      path: ['input', field],
    });
  });
});

describe('limits', () => {
  test('of one account from one address; the owner gets in from another', async () => {
    const strict = await startForTest({ LOGINS_PER_MINUTE: '3', TRUST_PROXY: 'true' });
    const ada = await person();
    const attack = () => login(ada.username, 'wrong password', { via: strict, from: '192.0.2.1' });
    const answers = [];
    for (let i = 0; i < 40; i++) answers.push(await attack());
    expect(answers.filter(({ code }) => code === 'INVALID_CREDENTIALS')).toHaveLength(3);
    expect(answers.at(-1)).toMatchObject({ __typename: 'RateLimitedError' });
    expect((await login(ada.username.toUpperCase(), PASSWORD, { via: strict, from: '192.0.2.1' })).code).toBe(
      'RATE_LIMITED',
    );
    expect((await login(ada.username, PASSWORD, { via: strict, from: '198.51.100.7' })).__typename).toBe(
      'LoginSuccess',
    );
  });

  test('of one address over many accounts; a whole IPv6 network is one', async () => {
    const strict = await startForTest({ LOGINS_PER_MINUTE: '1', TRUST_PROXY: 'true' });
    // At once: the limit recovers while passwords are compared.
    const attempts = Array.from({ length: 12 }, (_, i) =>
      login(`nobody${i}`, PASSWORD, { via: strict, from: `2001:db8:0:1::${i + 1}` }),
    );
    const codes: string[] = (await Promise.all(attempts)).map(({ code }) => code);
    expect(codes.toSorted()).toEqual([
      ...Array(10).fill('INVALID_CREDENTIALS'),
      ...Array(2).fill('RATE_LIMITED'),
    ]);
    expect((await login('nobody99', PASSWORD, { via: strict, from: '2001:db8:0:2::1' })).code).toBe(
      'INVALID_CREDENTIALS',
    );
  });

  test('of registrations from one address, but not from this machine', async () => {
    const strict = await startForTest({ REGISTRATIONS_PER_HOUR: '2', TRUST_PROXY: 'true' });
    const from = async (address: string) =>
      (await register(details(), { via: strict, from: address })).__typename;
    expect([await from('192.0.2.1'), await from('192.0.2.1'), await from('192.0.2.1')]).toEqual([
      'RegisterSuccess',
      'RegisterSuccess',
      'RateLimitedError',
    ]);
    for (let i = 0; i < 4; i++) expect(await from('127.0.0.1')).toBe('RegisterSuccess');
  });

  test('of refreshes in one session', async () => {
    let { refreshToken } = (await person()).tokens;
    let answer = await refresh(refreshToken);
    let refreshes = 0;
    // One more is allowed each second: a client that does nothing else is refused soon after the sixtieth.
    for (; answer.__typename === 'RefreshSessionSuccess' && refreshes < 1_000; refreshes++) {
      refreshToken = answer.tokens.refreshToken;
      answer = await refresh(refreshToken);
    }
    expect(refreshes).toBeGreaterThanOrEqual(60);
    expect(answer).toMatchObject({ __typename: 'RateLimitedError', code: 'RATE_LIMITED' });
  });
});

// -- access tokens -----------------------------------------------------------------------------

describe('access tokens', () => {
  const kid = (accessToken: string): string =>
    JSON.parse(Buffer.from(accessToken.split('.')[0] ?? '', 'base64url').toString()).kid;
  const claims = (accessToken: string): JWTPayload =>
    JSON.parse(Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString());

  interface Forgery {
    header?: object;
    payload?: object;
    without?: string;
    secret?: string;
  }

  /** Signed by hand, so that anything can be wrong with it. */
  function forge(genuine: string, { header, payload, without = '', secret = SECRET }: Forgery): string {
    const claimed = Object.fromEntries(
      Object.entries({ ...claims(genuine), ...payload }).filter(([name]) => name !== without),
    );
    const parts = [{ alg: 'HS256', typ: 'at+jwt', kid: kid(genuine), ...header }, claimed];
    const signed = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
  }

  const ago = (seconds: number) => Math.floor(Date.now() / 1000) - seconds;
  const forgeries: [string, (genuine: string) => string | Promise<string>][] = [
    [
      'no algorithm',
      (g) =>
        `${forge(g, { header: { alg: 'none' } })
          .split('.')
          .slice(0, 2)
          .join('.')}.`,
    ],
    [
      'another algorithm of the family',
      (g) =>
        new SignJWT(claims(g))
          .setProtectedHeader({ alg: 'HS512', typ: 'at+jwt', kid: kid(g) })
          .sign(Buffer.from(SECRET.padEnd(64, ' '))),
    ],
    ['another key', (g) => forge(g, { secret: OTHER_SECRET })],
    ['an unknown key id', (g) => forge(g, { header: { kid: 'ffffffff' } })],
    ['no key id', (g) => forge(g, { header: { kid: undefined } })],
    ['another audience', (g) => forge(g, { payload: { aud: 'elsewhere' } })],
    ['another issuer', (g) => forge(g, { payload: { iss: 'elsewhere' } })],
    ['another type', (g) => forge(g, { header: { typ: 'JWT' } })],
    ['its time long over', (g) => forge(g, { payload: { exp: ago(31) } })],
    ['no end', (g) => forge(g, { without: 'exp' })],
    ['no session', (g) => forge(g, { without: 'sid' })],
    ['a subject that is no number', (g) => forge(g, { payload: { sub: 'admin' } })],
    ['a subject that is a fraction', (g) => forge(g, { payload: { sub: '1.5' } })],
    ['a subject beyond whole numbers', (g) => forge(g, { payload: { sub: '9999999999999999' } })],
    ['an end that is a fraction', (g) => forge(g, { payload: { exp: ago(-600) + 0.5 } })],
    [
      'a key of its own to be fetched',
      (g) => forge(g, { header: { jku: 'http://127.0.0.1:1/keys' }, secret: OTHER_SECRET }),
    ],
    ['a header that must be understood', (g) => forge(g, { header: { crit: ['magic'], magic: true } })],
    [
      'a changed subject',
      (g) => g.replace(/\.[^.]+\./, `.${forge(g, { payload: { sub: '1' } }).split('.')[1]}.`),
    ],
    ['a great length', (g) => forge(g, { payload: { filler: 'x'.repeat(3_000) } })],
    ['nothing to do with tokens', () => 'garbage'],
    ['dots only', () => '..'],
  ];

  test('one made by hand like ours is accepted, so what follows proves something', async () => {
    const { accessToken } = (await person()).tokens;
    expect(await isAccepted(forge(accessToken, {}))).toBe(true);
    expect(await isAccepted(forge(accessToken, { payload: { exp: ago(-60) } }))).toBe(true);
  });

  test.each(forgeries)('with %s is refused', async (_what, make) => {
    const { accessToken } = (await person()).tokens;
    const { status, errors } = await ask(
      '{ viewer { user { id } } }',
      {},
      { token: await make(accessToken) },
    );
    expect(errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
    expect(status).toBe(401);
  });

  test('without one there is no viewer, and what needs one says so', async () => {
    const { data } = await ask('{ viewer { user { id } } }');
    expect(data).toEqual({ viewer: null });
    const ada = await person();
    const { data: found } = await ask('query($id: ID!) { node(id: $id) { id } }', { id: ada.id });
    expect(found).toEqual({ node: null });
    for (const field of [`user(id: "${ada.id}")`, `userByName(username: "${ada.username}")`]) {
      expect((await ask(`{ ${field} { id } }`)).errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
    }
    const changed = change('changePassword', '__typename', {
      currentPassword: PASSWORD,
      newPassword: PASSWORD,
    });
    await expect(changed).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    await expect(change('logout', 'sessionId', null)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  test('of the secret before are good where it is still known, and only there', async () => {
    const { accessToken } = (await person()).tokens;
    const rotated = await startForTest({ JWT_SECRET: OTHER_SECRET, JWT_SECRET_PREVIOUS: SECRET });
    const forgetful = await startForTest({ JWT_SECRET: OTHER_SECRET });
    expect(await isAccepted(accessToken, rotated)).toBe(true);
    expect(await isAccepted(accessToken, forgetful)).toBe(false);
  });
});

// -- refresh tokens ----------------------------------------------------------------------------

describe('refreshing', () => {
  /** Moves all exchanges so far into the past. */
  const later = (seconds: number) =>
    execute(database.url, `UPDATE refresh_tokens SET rotated_at = rotated_at - interval '${seconds} s'`);

  const refused = {
    __typename: 'InvalidCredentialsError',
    code: 'INVALID_CREDENTIALS',
    path: ['input', 'refreshToken'],
  };

  test('gives new tokens of the same session', async () => {
    const ada = await person();
    const { tokens } = await refresh(ada.tokens.refreshToken);
    expect(tokens.refreshToken).not.toBe(ada.tokens.refreshToken);
    expect(await isAccepted(tokens.accessToken)).toBe(true);
    expect((await sessions(tokens.accessToken)).nodes).toMatchObject([{ isCurrent: true }]);
    expect((await refresh(tokens.refreshToken)).__typename).toBe('RefreshSessionSuccess');
  });

  test('at once from many places gives the same pair, on every node', async () => {
    const { refreshToken } = (await person()).tokens;
    const other = await startForTest({});
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, i) => refresh(refreshToken, { via: i % 2 ? node : other })),
    );
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(await refresh(refreshToken)).toEqual(answers[0]);
    expect((await refresh(answers[0].tokens.refreshToken)).__typename).toBe('RefreshSessionSuccess');
  });

  test('with a token from before the last ends the session, also within the time for repeats', async () => {
    const ada = await person();
    const second = (await refresh(ada.tokens.refreshToken)).tokens;
    const third = (await refresh(second.refreshToken)).tokens;
    expect(await isAccepted(third.accessToken)).toBe(true);
    expect(await refresh(ada.tokens.refreshToken)).toMatchObject(refused);
    expect(await isAccepted(third.accessToken)).toBe(false);
    expect(await refresh(third.refreshToken)).toMatchObject(refused);
    expect((await login(ada.username)).__typename).toBe('LoginSuccess');
  });

  test('with the token before the last one, too late, ends the session and no other', async () => {
    const ada = await person();
    const elsewhere = await signIn(ada);
    const next = (await refresh(ada.tokens.refreshToken)).tokens;
    await later(11);
    expect(await refresh(ada.tokens.refreshToken)).toMatchObject(refused);
    expect(await refresh(next.refreshToken)).toMatchObject(refused);
    expect(await isAccepted(next.accessToken)).toBe(false);
    expect(await isAccepted(elsewhere.accessToken)).toBe(true);
  });

  test.each([
    ['nonsense', 'nonsense'],
    ['nothing', ''],
    ['one that was never given out', 'A'.repeat(43)],
    ['a great length', 'A'.repeat(50_000)],
  ])('with %s is refused', async (_what, token) => {
    expect(await refresh(token)).toMatchObject(refused);
  });

  test('is refused once the session has expired, and keeps it alive until then', async () => {
    const ada = await person();
    const days = (count: number) =>
      execute(database.url, `UPDATE sessions SET expires_at = expires_at - interval '${count} days'`);
    await days(29);
    const next = (await refresh(ada.tokens.refreshToken)).tokens;
    await days(29);
    const last = (await refresh(next.refreshToken)).tokens;
    await days(31);
    expect(await refresh(last.refreshToken)).toMatchObject(refused);
    expect((await sessions(last.accessToken)).nodes).toEqual([]);
  });

  test('is refused to whoever is suspended', async () => {
    const ada = await person();
    await execute(database.url, `UPDATE users SET suspended_at = now() WHERE username = '${ada.username}'`);
    expect(await refresh(ada.tokens.refreshToken)).toMatchObject(refused);
  });

  test('while the secret changes repeats, or fails, but ends nothing', async () => {
    const rotated = await startForTest({ JWT_SECRET: OTHER_SECRET, JWT_SECRET_PREVIOUS: SECRET });
    const [ada, grace] = [await person(), await person()];
    const before = await refresh(ada.tokens.refreshToken);
    expect((await refresh(ada.tokens.refreshToken, { via: rotated })).tokens.refreshToken).toBe(
      before.tokens.refreshToken,
    );

    const after = await refresh(grace.tokens.refreshToken, { via: rotated });
    expect(await refresh(grace.tokens.refreshToken)).toMatchObject(refused);
    expect((await refresh(after.tokens.refreshToken, { via: rotated })).__typename).toBe(
      'RefreshSessionSuccess',
    );
  });

  test('the token of a socket takes a fresh one of the same session, over the socket', async () => {
    const [ada, eve] = [await person(), await person()];
    const elsewhere = await signIn(ada);
    const headers = { Authorization: `Bearer ${ada.tokens.accessToken}` };
    const socket = createClient({
      url: node.wsUrl,
      webSocketImpl: WebSocket,
      connectionParams: headers,
      retryAttempts: 0,
    });
    onTestFinished(() => socket.dispose());
    const swap = async (accessToken: string): Promise<Json> => {
      const query = `mutation($accessToken: String!) { refreshStreamAuth(input: { accessToken: $accessToken }) {
        __typename ${ERROR} ... on RefreshStreamAuthSuccess { accessTokenExpiresAt } } }`;
      for await (const { data } of socket.iterate<Json>({ query, variables: { accessToken } }))
        return data?.refreshStreamAuth;
    };
    const { tokens } = await refresh(ada.tokens.refreshToken);
    expect(await swap(tokens.accessToken)).toEqual({
      __typename: 'RefreshStreamAuthSuccess',
      accessTokenExpiresAt: tokens.accessTokenExpiresAt,
    });
    for (const token of [eve.tokens.accessToken, elsewhere.accessToken, 'nonsense']) {
      expect(await swap(token)).toMatchObject({
        code: 'INVALID_CREDENTIALS',
        path: ['input', 'accessToken'],
      });
    }

    const overHttp = change(
      'refreshStreamAuth',
      'accessTokenExpiresAt',
      { accessToken: tokens.accessToken },
      {
        token: tokens.accessToken,
      },
    );
    expect(await overHttp).toMatchObject({ __typename: 'ConflictError', code: 'CONFLICT' });
  });
});

// -- sessions ----------------------------------------------------------------------------------

describe('sessions', () => {
  test('are listed newest first, in pages', async () => {
    const ada = await person();
    const all = [ada.tokens, await signIn(ada), await signIn(ada), await signIn(ada)];
    const token = ada.tokens.accessToken;
    const list = await sessions(token);
    expect(list.nodes.map((one: Json) => one.isCurrent)).toEqual([false, false, false, true]);
    expect(list.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: false });
    const ids = list.nodes.map((one: Json) => one.id);

    const first = await sessions(token, { first: 3 });
    expect(first.nodes.map((one: Json) => one.id)).toEqual(ids.slice(0, 3));
    expect(first.pageInfo.hasNextPage).toBe(true);
    const rest = await sessions(token, { first: 3, after: first.pageInfo.endCursor });
    expect(rest.nodes.map((one: Json) => one.id)).toEqual(ids.slice(3));
    expect(rest.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
    const last = await sessions(token, { last: 2 });
    expect(last.nodes.map((one: Json) => one.id)).toEqual(ids.slice(2));
    const middle = await sessions(token, { last: 1, before: last.pageInfo.startCursor });
    expect(middle.nodes.map((one: Json) => one.id)).toEqual([ids[1]]);

    const bad = await ask(SESSIONS, { after: 'nonsense' }, { token });
    expect(bad.errors?.[0]?.extensions.code).toBe('VALIDATION');
    expect(all).toHaveLength(4);
  });

  test('show the device that signed in, as it calls itself', async () => {
    const ada = await person();
    const unnamed = (await sessions(ada.tokens.accessToken)).nodes[0];
    expect(unnamed).toMatchObject({ deviceName: null, userAgent: expect.stringMatching(/./) });
    const input = { usernameOrEmail: ada.username, password: PASSWORD };
    const document =
      'mutation($input: LoginInput!) { login(input: $input) { ... on LoginSuccess { viewer { sessions(first: 1) { nodes { deviceName userAgent } } } } ... on UserError { code path } } }';
    const signInAs = async (deviceName: string, userAgent: string) => {
      const response = await fetch(node.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'user-agent': userAgent },
        body: JSON.stringify({ query: document, variables: { input: { ...input, deviceName } } }),
      });
      return ((await response.json()) as Json).data.login;
    };
    const { viewer } = await signInAs("  Ada's phone ☕ ", 'Parley/1 '.repeat(50));
    expect(viewer.sessions.nodes).toEqual([
      { deviceName: "Ada's phone ☕", userAgent: 'Parley/1 '.repeat(50).slice(0, 200) },
    ]);
    for (const deviceName of ['x'.repeat(101), 'a\u0000b', '\u202e\u200b'])
      expect(await signInAs(deviceName, 'x')).toEqual({ code: 'VALIDATION', path: ['input', 'deviceName'] });
  });

  test('are nodes for their owner alone', async () => {
    const [ada, eve] = [await person(), await person()];
    const { id } = (await sessions(ada.tokens.accessToken)).nodes[0];
    const document = 'query($id: ID!) { node(id: $id) { __typename id ... on Session { isCurrent } } }';
    const seenBy = async (token?: string) =>
      (await ask(document, { id }, { ...(token && { token }) })).data.node;
    expect(await seenBy(ada.tokens.accessToken)).toEqual({ __typename: 'Session', id, isCurrent: true });
    expect(await seenBy(eve.tokens.accessToken)).toBeNull();
    expect(await seenBy()).toBeNull();
  });

  test('are ended by their owner, here at once and on every node soon', async () => {
    const other = await startForTest({});
    const ada = await person();
    const lost = await signIn(ada);
    expect(await isAccepted(lost.accessToken, other)).toBe(true);
    const { id } = (await sessions(lost.accessToken)).nodes.find((one: Json) => one.isCurrent);
    const revoke = () =>
      change('revokeSession', 'sessionId', { sessionId: id }, { token: ada.tokens.accessToken });
    expect(await revoke()).toEqual({ __typename: 'RevokeSessionSuccess', sessionId: id });
    expect(await isAccepted(lost.accessToken)).toBe(false);
    await expect.poll(() => isAccepted(lost.accessToken, other)).toBe(false);
    expect((await refresh(lost.refreshToken)).code).toBe('INVALID_CREDENTIALS');
    expect(await revoke()).toEqual({ __typename: 'RevokeSessionSuccess', sessionId: id });
    expect((await sessions(ada.tokens.accessToken)).nodes).toHaveLength(1);

    const started = await startForTest({});
    expect(await isAccepted(lost.accessToken, started)).toBe(false);
  });

  test('of others are not there', async () => {
    const [ada, eve] = [await person(), await person()];
    const { id } = (await sessions(ada.tokens.accessToken)).nodes[0];
    for (const sessionId of [id, 'nonsense', ada.id, '']) {
      const answer = await change(
        'revokeSession',
        'sessionId',
        { sessionId },
        { token: eve.tokens.accessToken },
      );
      expect(answer).toMatchObject({ __typename: 'NotFoundError', path: ['input', 'sessionId'] });
    }
    expect(await isAccepted(ada.tokens.accessToken)).toBe(true);
  });

  test('end all at once, with or without this one, and so do their streams', async () => {
    const ada = await person();
    const [phone, tablet] = [await signIn(ada), await signIn(ada)];
    const all = (input: object, { accessToken: token }: Tokens) =>
      change('logoutAllSessions', 'endedCount', input, { token });
    const feed = await openFeed(
      node.wsUrl,
      phone.accessToken,
      'subscription { inbox { __typename ... on StreamClosed { closeReason } } }',
      {},
      'inbox',
    );
    await feed.next('StreamReady');
    expect(await all({}, ada.tokens)).toMatchObject({ endedCount: 2 });
    expect(await feed.next('StreamClosed')).toMatchObject({ closeReason: 'SESSION_ENDED' });
    for (const { accessToken } of [phone, tablet]) expect(await isAccepted(accessToken)).toBe(false);
    expect(await isAccepted(ada.tokens.accessToken)).toBe(true);
    const again = await signIn(ada);
    expect(await all({ includingThis: true }, again)).toMatchObject({ endedCount: 2 });
    expect(await isAccepted(again.accessToken)).toBe(false);
    expect((await refresh(ada.tokens.refreshToken)).code).toBe('INVALID_CREDENTIALS');
  });

  test('end by signing out', async () => {
    const ada = await person();
    const token = ada.tokens.accessToken;
    const { id } = (await sessions(token)).nodes[0];
    expect(await change('logout', 'sessionId', null, { token })).toEqual({
      __typename: 'LogoutSuccess',
      sessionId: id,
    });
    expect(await isAccepted(token)).toBe(false);
    expect((await refresh(ada.tokens.refreshToken)).code).toBe('INVALID_CREDENTIALS');
  });
});

describe('changing the password', () => {
  const changePassword = (token: string, currentPassword: string, newPassword: string) =>
    change('changePassword', 'viewer { user { id } }', { currentPassword, newPassword }, { token });

  test('ends the other sessions, and keeps this one', async () => {
    const ada = await person();
    const others = [await signIn(ada), await signIn(ada)];
    const answer = await changePassword(ada.tokens.accessToken, PASSWORD, 'another long password');
    expect(answer.viewer.user.id).toBe(ada.id);
    for (const { accessToken, refreshToken } of others) {
      expect(await isAccepted(accessToken)).toBe(false);
      expect((await refresh(refreshToken)).code).toBe('INVALID_CREDENTIALS');
    }
    expect(await isAccepted(ada.tokens.accessToken)).toBe(true);
    expect((await refresh(ada.tokens.refreshToken)).__typename).toBe('RefreshSessionSuccess');
    expect((await login(ada.username)).code).toBe('INVALID_CREDENTIALS');
    expect((await login(ada.username, 'another long password')).__typename).toBe('LoginSuccess');
  });

  test('leaves no session that began with the old one at the same moment', async () => {
    const generous = await startForTest({ LOGINS_PER_MINUTE: '1000' });
    const ada = await person();
    const [changed, ...logins] = await Promise.all([
      changePassword(ada.tokens.accessToken, PASSWORD, 'another long password'),
      ...Array.from({ length: 10 }, () => login(ada.username, PASSWORD, { via: generous })),
    ]);
    expect(changed).toMatchObject({ __typename: 'ChangePasswordSuccess' });
    for (const { __typename, tokens } of logins) {
      if (__typename === 'LoginSuccess')
        expect((await refresh(tokens.refreshToken)).code).toBe('INVALID_CREDENTIALS');
    }
    expect((await sessions(ada.tokens.accessToken)).nodes).toHaveLength(1);
  });

  test('needs the current one, and cannot be used to guess it', async () => {
    const { accessToken } = (await person()).tokens;
    // At once: the limit recovers while passwords are compared.
    const guesses = Array.from({ length: 12 }, () =>
      changePassword(accessToken, 'wrong password', 'another long password'),
    );
    const codes: string[] = (await Promise.all(guesses)).map(({ code }) => code);
    expect(codes.toSorted()).toEqual([
      ...Array(10).fill('INVALID_CREDENTIALS'),
      ...Array(2).fill('RATE_LIMITED'),
    ]);
  });

  test('keeps what an account has from before a rule, and refuses it as a new one', async () => {
    const ada = await person();
    const { hash } = await import('@node-rs/argon2');
    const stored = await hash('iloveyou', { memoryCost: 19_456, timeCost: 2, parallelism: 1 });
    const where = `WHERE username = '${ada.username}'`;
    await execute(database.url, `UPDATE users SET password_hash = '${stored}' ${where}`);
    expect((await login(ada.username, 'iloveyou')).__typename).toBe('LoginSuccess');
    const refused = await changePassword(ada.tokens.accessToken, 'iloveyou', ada.username.toUpperCase());
    expect(refused).toMatchObject({ code: 'VALIDATION', path: ['input', 'newPassword'] });
    expect((await changePassword(ada.tokens.accessToken, 'iloveyou', PASSWORD)).__typename).toBe(
      'ChangePasswordSuccess',
    );
  });

  test.each(['short', ' '.repeat(10), 'x'.repeat(257), 'iloveyou'])('refuses %j', async (newPassword) => {
    const { accessToken } = (await person()).tokens;
    expect(await changePassword(accessToken, PASSWORD, newPassword)).toMatchObject({
      __typename: 'ValidationError',
      path: ['input', 'newPassword'],
    });
  });
});

test('no password and no token is ever logged', async () => {
  const talkative = await startForTest({ LOG_LEVEL: 'debug' });
  const via = { via: talkative };
  const ada = await person(talkative);
  const { tokens } = await refresh(ada.tokens.refreshToken, via);
  await refresh(tokens.refreshToken, via);
  await refresh(ada.tokens.refreshToken, via);
  await login(ada.username, 'a wrong password', via);
  await register({ ...details(ada.username), inviteToken: 'an invitation' }, via);
  await ask('{ viewer { user { id } } }', {}, { ...via, token: `${tokens.accessToken}x` });
  await talkative.logged(({ msg }) => msg.startsWith('an exchanged refresh token came back'));
  const secrets = [...Object.values(ada.tokens), ...Object.values<string>(tokens)].filter(
    (text) => text.length > 30,
  );
  expect(secrets).toHaveLength(4);
  for (const secret of [...secrets, PASSWORD, 'a wrong password', 'an invitation', SECRET]) {
    expect(talkative.output()).not.toContain(secret);
  }
});
