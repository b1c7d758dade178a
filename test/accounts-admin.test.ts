import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type Ran, runAdmin } from './harness/admin.ts';
import { createDatabase, type TestDatabase } from './harness/database.ts';
import { startNode, type TestNode } from './harness/node.ts';

let database: TestDatabase;
let node: TestNode;

beforeAll(async () => {
  database = await createDatabase();
  const env = { REGISTRATION_MODE: 'invite' };
  node = await startNode({ databaseUrl: database.url, redisUrl: inject('redisUrl'), env });
});

afterAll(async () => {
  await node?.stop();
  await database?.drop();
});

/** The command line as an operator runs it, beside the node. */
function admin(args: string[], input = ''): Promise<Ran> {
  return runAdmin(args, { env: { DATABASE_URL: database.url }, input });
}

type Json = any;

async function ask(query: string, variables: object, token?: string): Promise<Json> {
  const response = await fetch(node.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ query, variables }),
  });
  return response.json();
}

async function login(usernameOrEmail: string, password: string): Promise<Json> {
  const document = `mutation($input: LoginInput!) { login(input: $input) {
    __typename ... on LoginSuccess { tokens { accessToken } viewer { user { id } } } } }`;
  return (await ask(document, { input: { usernameOrEmail, password } })).data.login;
}

const whoIs = async (token: string) =>
  (await ask('{ viewer { user { id username displayName } } }', {}, token)).data?.viewer?.user;

const passwordIn = (out: string) => /^password: (\S+)$/m.exec(out)?.[1] ?? '';

test('explains itself', async () => {
  expect(await admin([])).toMatchObject({ code: 2, out: expect.stringContaining('create-user') });
  expect(await admin(['help'])).toMatchObject({ code: 0, err: '' });
});

test.each([
  [['frobnicate']],
  [['create-user', '--username', 'someone']],
  [['create-user', '--nonsense']],
  [['import-users']],
  [['create-invite', '--days', 'many']],
])('does not understand %j', async (args) => {
  const { code, out, err } = await admin(args);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toMatch(/^parley admin: .+\n/);
});

test('makes users who can sign in', async () => {
  const given = await admin([
    'create-user',
    '--username',
    'root',
    '--email',
    'root@example.com',
    '--password',
    'a good password',
    '--admin',
  ]);
  expect(given).toMatchObject({ code: 0, err: '' });
  expect((await login('root', 'a good password')).__typename).toBe('LoginSuccess');

  const { out } = await admin(['create-user', '--username', 'ada', '--email', 'ada@example.com']);
  const { viewer } = await login('ada@example.com', passwordIn(out));
  expect(out).toContain(`created ada, id ${viewer.user.id}`);
});

test.each([
  [['--username', 'ROOT', '--email', 'other@example.com'], 'username: This username is taken.'],
  [['--username', 'x', '--email', 'x@example.com'], /^parley admin: username: A username must have/],
  [['--username', 'someone', '--email', 'nonsense'], 'email: The e-mail address is not valid.'],
  [
    ['--username', 'someone', '--email', 's@example.com', '--password', 'short'],
    /^parley admin: password: A password must have/,
  ],
])('refuses to make %j in one line', async (options, complaint) => {
  const { code, out, err } = await admin(['create-user', ...options]);
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(err).toMatch(complaint);
  expect(err.trim().split('\n')).toHaveLength(1);
});

test('what ends sessions reaches the node within two seconds', async () => {
  const { out } = await admin(['create-user', '--username', 'grace', '--email', 'grace@example.com']);
  const password = passwordIn(out);
  const endedBy = async (args: string[]) => {
    const { tokens } = await login('grace', password);
    expect(await whoIs(tokens.accessToken)).toMatchObject({ username: 'grace' });
    expect(await admin(args)).toMatchObject({ code: 0, out: expect.stringContaining('1 session ended') });
    await expect.poll(() => whoIs(tokens.accessToken), { timeout: 2_000, interval: 20 }).toBeUndefined();
  };
  await endedBy(['revoke-sessions', '--username', 'grace']);
  await endedBy(['suspend-user', '--username', 'GRACE']);
  expect((await login('grace', password)).__typename).toBe('InvalidCredentialsError');
  await admin(['restore-user', '--username', 'grace@example.com']);
  await endedBy(['reset-password', '--username', 'grace', '--password', 'another password']);
  expect((await login('grace', password)).__typename).toBe('InvalidCredentialsError');
  expect((await login('grace', 'another password')).__typename).toBe('LoginSuccess');
  expect(await admin(['revoke-sessions', '--username', 'nobody'])).toMatchObject({
    code: 1,
    err: 'parley admin: There is no user nobody.\n',
  });
});

test('makes invitations, each for one person', async () => {
  const inviteToken = (await admin(['create-invite', '--days', '1'])).out.trim();
  const register = async (username: string, token?: string) => {
    const input = {
      username,
      email: `${username}@example.com`,
      password: 'a good password',
      inviteToken: token,
    };
    const document = 'mutation($input: RegisterInput!) { register(input: $input) { __typename } }';
    return (await ask(document, { input })).data.register.__typename;
  };
  expect(await register('uninvited')).toBe('PermissionDeniedError');
  expect(await register('invited', inviteToken)).toBe('RegisterSuccess');
  expect(await register('uninvited', inviteToken)).toBe('PermissionDeniedError');
});

test('imports many people, signed in', async () => {
  const names = Array.from({ length: 2_500 }, (_, i) => `import${i}`);
  const lines = names
    .map((username) => JSON.stringify({ username, displayName: `Number ${username}` }))
    .join('\n');
  const { code, out } = await admin(['import-users', '-'], lines);
  expect(code).toBe(0);
  const people = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(people.map(({ username }) => username)).toEqual(names);
  for (const { username, userId, accessToken } of [people[0], people[1_234], people[2_499]]) {
    expect(await whoIs(accessToken)).toEqual({ id: userId, username, displayName: `Number ${username}` });
  }
  const document = 'mutation($input: RefreshSessionInput!) { refreshSession(input: $input) { __typename } }';
  const refreshed = await ask(document, { input: { refreshToken: people[2_000].refreshToken } });
  expect(refreshed.data.refreshSession.__typename).toBe('RefreshSessionSuccess');
});

test.each([
  [
    'a name that is taken',
    '{"username":"fresh1"}\n{"username":"Import7"}',
    'Import7: This username is taken.',
  ],
  [
    'a name given twice',
    '{"username":"fresh1"}\n{"username":"FRESH1"}',
    'entry 2: FRESH1: This username occurs twice.',
  ],
  [
    'a bad name',
    '{"username":"fresh1"}\n{"username":"not good"}',
    /^parley admin: entry 2: username: A username must have/,
  ],
  ['no JSON', '{"username":"fresh1"}\n\nnonsense', 'line 3 is not'],
])('imports nobody when there is %s', async (_what, lines, complaint) => {
  const { code, out, err } = await admin(['import-users', '-'], lines);
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(err).toMatch(complaint);
  const { accessToken } = (await login('root', 'a good password')).tokens;
  expect((await ask('{ userByName(username: "fresh1") { id } }', {}, accessToken)).data).toEqual({
    userByName: null,
  });
});

test('gives the database a new epoch', async () => {
  const epochs = [await admin(['rotate-epoch']), await admin(['rotate-epoch'])].map(({ out }) => out);
  expect(epochs[0]).toMatch(/[0-9a-f-]{36}/);
  expect(epochs[1]).not.toBe(epochs[0]);
});
