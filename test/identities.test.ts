import { createHash, createHmac } from 'node:crypto';
import { exportJWK, exportSPKI, importJWK, UnsecuredJWT } from 'jose';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadSettings } from '../src/config.ts';
import { publishedKeys } from '../src/identities/keys.ts';
import { runAdmin } from './harness/admin.ts';
import { createDatabase, execute, queryRows, type TestDatabase } from './harness/database.ts';
import { numberIn } from './harness/ids.ts';
import { KeyServer, newSigningKey, type SigningKey, sign } from './harness/issuer.ts';
import { startNode, type TestNode } from './harness/node.ts';
import { type Person, ask as request, signUp } from './harness/people.ts';
import { PASSWORD } from './harness/sdk.ts';
import { codeOf } from './harness/totp.ts';

// Users of other systems: tokens of issuers, ids that administrators assign, and the administrators themselves.

let database: TestDatabase;
let node: TestNode;
let server: KeyServer;
let env: Record<string, string>;
/** Its public key is in the settings. */
let shopKey: SigningKey;
/** Its public keys are published. */
let corpKey: SigningKey;
let rsaKey: SigningKey;
let rsaPem: string;

const SHOP = 'https://shop.example.org';
const CORP = 'https://corp.example.org';

beforeAll(async () => {
  [database, server] = await Promise.all([createDatabase(), KeyServer.open()]);
  [shopKey, corpKey, rsaKey] = await Promise.all([
    newSigningKey('shop-1'),
    newSigningKey('corp-1'),
    newSigningKey('rsa-1', 'RS256'),
  ]);
  rsaPem = await exportSPKI((await importJWK(rsaKey.jwk, 'RS256')) as never);
  server.answers.set('/corp', [corpKey.jwk]);
  server.answers.set('/huge', new Response(JSON.stringify({ keys: [], more: 'x'.repeat(100_000) })));
  server.answers.set('/moved', new Response(null, { status: 302, headers: { location: '/corp' } }));
  server.answers.set('/page', new Response('<html>'));
  server.answers.set('/gone', new Response('{"keys":[]}', { status: 404 }));
  const elsewhere = (name: string) => ({
    name,
    issuer: `https://${name}.example.org`,
    audience: 'parley',
    jwksUrl: server.url(`/${name}`),
  });
  const ISSUERS = JSON.stringify([
    { name: 'shop', displayName: 'The shop', issuer: SHOP, audience: 'parley', keys: [shopKey.jwk, rsaPem] },
    {
      ...elsewhere('corp'),
      usernames: 'exact',
      usernamePrefix: 'corp-',
      linksVerifiedEmail: true,
      maxTokenAgeSeconds: 600,
      claims: { username: 'login' },
    },
    { name: 'closed', issuer: 'closed', audience: 'parley', keys: [shopKey.jwk], createsUsers: false },
    elsewhere('huge'),
    elsewhere('moved'),
    elsewhere('page'),
    elsewhere('gone'),
    { ...elsewhere('down'), jwksUrl: 'http://127.0.0.1:1/keys' },
  ]);
  env = { ISSUERS, LOGINS_PER_MINUTE: '100000', REGISTRATION_MODE: 'open' };
  node = await startNode({ databaseUrl: database.url, env });
});

afterAll(async () => {
  await node?.stop();
  server?.close();
  await database?.drop();
});

async function change(name: string, fields: string, input: object, token?: string): Promise<any> {
  const Name = name.charAt(0).toUpperCase() + name.slice(1);
  const document = `mutation ($input: ${Name}Input!) { ${name}(input: $input) { __typename ... on ${Name}Success { ${fields} } ... on UserError { code detail path } } }`;
  const { data, errors } = await request<any>(node.url, document, { input }, token);
  expect(errors).toEqual([]);
  return data[name];
}

const SIGNED_IN = `isNew tokens { accessToken refreshToken } viewer { user { id username displayName } email isEmailVerified
  serverRole identities { issuer displayName subject email lastUsedAt } }`;

const login = (token: string) => change('loginWithToken', SIGNED_IN, { token });
const asShop = async (claims: object) => login(await sign(shopKey, { iss: SHOP, ...claims }));
const asCorp = async (claims: object) => login(await sign(corpKey, { iss: CORP, ...claims }));

describe('a token of an issuer', () => {
  test('creates the user at first sight, and signs the same user in later', async () => {
    const first = await asShop({ sub: 'u1', preferred_username: 'ada', name: 'Ada Lovelace' });
    expect(first).toMatchObject({
      isNew: true,
      viewer: {
        user: { username: 'ada', displayName: 'Ada Lovelace' },
        email: null,
        serverRole: 'USER',
        identities: [{ issuer: 'shop', displayName: 'The shop', subject: 'u1', email: null }],
      },
    });
    const again = await asShop({ sub: 'u1', preferred_username: 'other', name: 'Ada Lovelace' });
    expect(again).toMatchObject({ isNew: false, viewer: { user: first.viewer.user } });
    const { refreshToken } = again.tokens;
    const renewed = await change('refreshSession', 'tokens { accessToken }', { refreshToken });
    expect(renewed.__typename).toBe('RefreshSessionSuccess');
    expect(await asShop({ sub: 'U1', name: 'Another' })).toMatchObject({ isNew: true });
  });

  test('takes over a display name that the issuer has changed, and no other', async () => {
    const nameNow = async (claims: object) =>
      (await asShop({ sub: 'named', ...claims })).viewer.user.displayName;
    const { tokens } = await asShop({ sub: 'named', name: 'From there' });
    await change(
      'updateProfile',
      'viewer { user { id } }',
      { displayName: 'Chosen here' },
      tokens.accessToken,
    );
    expect(await nameNow({ name: 'From there' })).toBe('Chosen here');
    expect(await nameNow({})).toBe('Chosen here');
    expect(await nameNow({ name: 'Married' })).toBe('Married');
    // The rooms of the user learn of it by a job.
    await expect.poll(() => queryRows(database.url, 'SELECT user_id FROM renames')).toEqual([]);
  });

  test('creates one user, however many arrive at once', async () => {
    const token = await sign(shopKey, { iss: SHOP, sub: 'crowd', preferred_username: 'crowd' });
    const answers = await Promise.all(Array.from({ length: 100 }, () => login(token)));
    expect(new Set(answers.map(({ viewer }) => viewer.user.id)).size).toBe(1);
    expect(answers.filter(({ isNew }) => isNew)).toHaveLength(1);
  });

  test('can be signed by any of the keys, also one without an id', async () => {
    expect(await login(await sign(rsaKey, { iss: SHOP, sub: 'rsa' }))).toMatchObject({ isNew: true });
    const token = await sign(shopKey, { iss: SHOP, sub: 'rsa' }, { kid: undefined });
    expect(await login(token)).toMatchObject({ isNew: false });
  });

  const now = () => Math.floor(Date.now() / 1000);
  const wrong: Record<string, () => string | Promise<string>> = {
    'no token': () => 'nonsense',
    'a huge one': () => sign(shopKey, { iss: SHOP, sub: 'u1', more: 'x'.repeat(9_000) }),
    'an unknown issuer': () => sign(shopKey, { iss: 'https://elsewhere.example.org', sub: 'u1' }),
    'an issuer that is no text': () => sign(shopKey, { iss: 7 as never, sub: 'u1' }),
    'another audience': () => sign(shopKey, { iss: SHOP, sub: 'u1', aud: 'another' }),
    'an expired one': () => sign(shopKey, { iss: SHOP, sub: 'u1', exp: now() - 60 }),
    'one without an end': () => sign(shopKey, { iss: SHOP, sub: 'u1', exp: undefined as never }),
    'one that is not valid yet': () => sign(shopKey, { iss: SHOP, sub: 'u1', nbf: now() + 120 }),
    'one that was issued long ago': () => sign(corpKey, { iss: CORP, sub: 'u1', iat: now() - 700 }),
    'no algorithm': () =>
      new UnsecuredJWT({ sub: 'u1' }).setIssuer(SHOP).setAudience('parley').setExpirationTime('5m').encode(),
    'the public key as a shared secret': () => {
      const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
      const claims = { iss: SHOP, sub: 'u1', aud: 'parley', exp: now() + 300 };
      const text = `${part({ alg: 'HS256', kid: 'rsa-1' })}.${part(claims)}`;
      return `${text}.${createHmac('sha256', rsaPem).update(text).digest('base64url')}`;
    },
    'the key of another issuer': () => sign(shopKey, { iss: CORP, sub: 'u1' }, { kid: 'corp-1' }),
    'an unknown key': () => sign({ ...corpKey, kid: 'corp-9' }, { iss: CORP, sub: 'u1' }),
    'a changed text': async () => {
      const [head, , end] = (await sign(shopKey, { iss: SHOP, sub: 'u1' })).split('.');
      const claims = { iss: SHOP, sub: 'u2', aud: 'parley', exp: now() + 300 };
      return `${head}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${end}`;
    },
    'no subject': () => sign(shopKey, { iss: SHOP }),
    'a subject with other characters': () => sign(shopKey, { iss: SHOP, sub: 'u\u00001' }),
    'an unknown header that must be understood': () =>
      sign(shopKey, { iss: SHOP, sub: 'u1' }, { crit: ['limits'], limits: 'none' }),
  };
  test.each(Object.keys(wrong))('%s is refused', async (name) => {
    const answer = await login(await (wrong[name] as () => Promise<string>)());
    expect(answer).toMatchObject({ code: 'INVALID_CREDENTIALS', path: ['input', 'token'] });
    expect(answer.detail).not.toBe('');
  });

  test.each(['down', 'huge', 'moved', 'page', 'gone'])(
    'cannot be verified while its keys are %s',
    async (name) => {
      const token = await sign(corpKey, { iss: `https://${name}.example.org`, sub: 'u1' });
      const both = [await login(token), await login(token)];
      for (const answer of both) expect(answer).toMatchObject({ code: 'UNAVAILABLE' });
      // The second one was not asked for.
      expect(server.requests.get(`/${name}`)).toBe(name === 'down' ? undefined : 1);
    },
  );

  test('is verified by keys that have replaced others', async () => {
    server.answers.set('/rotating', [corpKey.jwk]);
    const keys = publishedKeys(server.url('/rotating'), 0);
    const find = ({ algorithm, kid }: SigningKey) =>
      keys({ alg: algorithm, kid }, { payload: '', signature: '' });
    await find(corpKey);
    const next = await newSigningKey('corp-2');
    server.answers.set('/rotating', [next.jwk]);
    await find(next);
    await expect(find(corpKey)).rejects.toThrow(/no applicable key/);
    const patient = publishedKeys(server.url('/rotating'));
    const read = { algorithm: 'ES256', kid: 'corp-2' } as SigningKey;
    await patient({ alg: read.algorithm, kid: read.kid }, { payload: '', signature: '' });
    const before = server.requests.get('/rotating');
    for (const kid of ['a', 'b', 'c'])
      await expect(patient({ alg: 'ES256', kid }, { payload: '', signature: '' })).rejects.toThrow();
    expect(server.requests.get('/rotating')).toBe(before);
  });
});

describe('the claims of an issuer', () => {
  const usernameOf = async (sub: string, claims: object) =>
    (await asShop({ sub, ...claims })).viewer.user.username;

  test('give a username that users can have', async () => {
    expect(await usernameOf('n1', { preferred_username: 'Grace.Hopper@navy.example' })).toBe('Grace-Hopper');
    expect(await usernameOf('n2', { preferred_username: 'grace hopper' })).toBe('grace-hopper-2');
    expect(await usernameOf('n3', { preferred_username: 'José Müller' })).toBe('Jose-Muller');
    expect(await usernameOf('n4', { preferred_username: 'x'.repeat(200) })).toBe('x'.repeat(50));
    for (const [sub, name] of [
      ['n5', 'здравствуйте'],
      ['n6', 'guest-abcdefghijklmnop'],
      ['n7', ''],
      ['n8', 7],
    ] as const)
      expect(await usernameOf(sub, { preferred_username: name })).toMatch(/^user-[0-9a-f]{12}$/);
    expect(await usernameOf('n9', { preferred_username: 'admins' })).toBe('admins-2');
  });

  test('are refused if the settings want exactly these names', async () => {
    expect((await asCorp({ sub: 'e1', login: 'kay' })).viewer.user.username).toBe('corp-kay');
    expect(await asCorp({ sub: 'e2', login: 'KAY' })).toMatchObject({ code: 'CONFLICT' });
    for (const name of ['not a name', '', undefined, 'x'.repeat(60)])
      expect(await asCorp({ sub: 'e3', login: name })).toMatchObject({
        code: 'VALIDATION',
        path: ['input', 'token'],
      });
    // Who is a user already, is not in need of a name.
    for (const name of ['not a name', undefined])
      expect(await asCorp({ sub: 'e1', login: name })).toMatchObject({
        isNew: false,
        viewer: { user: { username: 'corp-kay' } },
      });
  });

  test('give every new user a name, also if others have taken all that can be foreseen', async () => {
    const code = createHash('sha256').update(`${SHOP}\nforeseen`).digest('hex').slice(0, 12);
    const names = ['foreseen', ...[2, 3, 4, 5, 6, 7, 8, 9].map((n) => `foreseen-${n}`), `user-${code}`];
    await execute(
      database.url,
      `INSERT INTO users (username, display_name) SELECT n, n FROM unnest('{${names.join()}}'::text[]) AS x(n)`,
    );
    expect(await usernameOf('foreseen', { preferred_username: 'foreseen' })).toMatch(/^user-[0-9a-f]{12}$/);
  });

  test('that no user can have count as missing', async () => {
    const claims = {
      preferred_username: 'plain',
      name: 'A\u0000B\u202e',
      email: 'no address',
      email_verified: true,
    };
    expect(await asShop({ sub: 'c1', ...claims })).toMatchObject({
      viewer: { user: { displayName: 'plain' }, email: null },
    });
  });

  test('give an address only if the issuer has verified it, and nobody else has it', async () => {
    const address = { email: 'mail@example.org' };
    expect((await asShop({ sub: 'm1', ...address })).viewer).toMatchObject({ email: null });
    expect((await asShop({ sub: 'm2', ...address, email_verified: 'true' })).viewer.email).toBeNull();
    expect((await asShop({ sub: 'm3', ...address, email_verified: true })).viewer).toMatchObject({
      ...address,
      isEmailVerified: true,
    });
    expect((await asShop({ sub: 'm4', ...address, email_verified: true })).viewer.email).toBeNull();
  });

  test('sign an existing user in only with an address that both have verified, if the settings allow it', async () => {
    const bob = await signUp(node, 'bob');
    const email = `${bob.username}@example.org`;
    const login = bob.username;
    const isVerified = (value: boolean) => ({ email, email_verified: value });
    expect((await asCorp({ sub: 'l1', login: 'l1', ...isVerified(true) })).viewer.user.id).not.toBe(
      bob.userId,
    );
    await execute(
      database.url,
      `UPDATE users SET email_verified_at = now() WHERE username = '${bob.username}'`,
    );
    expect((await asCorp({ sub: 'l2', login: 'l2', ...isVerified(false) })).viewer.user.id).not.toBe(
      bob.userId,
    );
    expect((await asShop({ sub: 'l3', ...isVerified(true) })).viewer.user.id).not.toBe(bob.userId);
    const linked = await asCorp({ sub: 'l4', login, ...isVerified(true) });
    expect(linked).toMatchObject({ isNew: false, viewer: { user: { id: bob.userId } } });
    expect(linked.viewer.identities).toMatchObject([{ issuer: 'corp', subject: 'l4', email }]);
    // The address was given to somebody else.
    const next = await asCorp({ sub: 'l5', login: `${login}-2`, ...isVerified(true) });
    expect(next).toMatchObject({ isNew: true, viewer: { email: null } });
    expect(next.viewer.user.id).not.toBe(bob.userId);
  });

  test('sign nobody in by an address that only another issuer has verified, or past an app that shows codes', async () => {
    const claimed = { email: 'claimed@example.org', email_verified: true };
    expect((await asShop({ sub: 'k1', ...claimed })).viewer.email).toBe(claimed.email);
    expect(await asCorp({ sub: 'k1', login: 'k1', ...claimed })).toMatchObject({ isNew: true });
    const ann = await signUp(node, 'ann');
    const { secret } = await ann.change('beginTotp', { proof: { password: PASSWORD } }, 'secret');
    await ann.change('confirmTotp', { code: codeOf(secret) }, 'recoveryCodes');
    await execute(
      database.url,
      `UPDATE users SET email_verified_at = now() WHERE username = '${ann.username}'`,
    );
    const email = `${ann.username}@example.org`;
    expect(await asCorp({ sub: 'k2', login: 'k2', email, email_verified: true })).toMatchObject({
      isNew: true,
    });
  });
});

// -- administrators ----------------------------------------------------------------------------

async function makeAdmin(username: string): Promise<void> {
  const args = ['set-server-role', '--username', username, '--role', 'ADMIN'];
  expect(await runAdmin(args, { env: { DATABASE_URL: database.url } })).toMatchObject({ code: 0, err: '' });
}

const setRole = (by: Person, of: Person, role: string) =>
  change('setServerRole', 'user { id }', { userId: of.userId, role }, by.token);

const ENTRY = 'results { externalId outcome refusal detail user { id username displayName } }';
const upsert = (by: Person, users: object[], more: object = {}) =>
  change('upsertUsers', ENTRY, { users, ...more }, by.token);
const outcomes = (answer: any) =>
  answer.results.map(({ outcome, refusal }: any) => (refusal ? `${outcome} ${refusal}` : outcome));

describe('administrators of the server', () => {
  let root: Person;
  let second: Person;

  beforeAll(async () => {
    [root, second] = [await signUp(node, 'root'), await signUp(node, 'second')];
    await makeAdmin(root.username);
  });

  test('name others, and the last one stays', async () => {
    expect(await setRole(second, second, 'ADMIN')).toMatchObject({ code: 'PERMISSION_DENIED' });
    expect(await setRole(root, root, 'USER')).toMatchObject({ code: 'CONFLICT' });
    expect(await setRole(root, second, 'ADMIN')).toMatchObject({ user: { id: second.userId } });
    expect((await second.ask('{ viewer { serverRole } }')).data).toEqual({ viewer: { serverRole: 'ADMIN' } });
    // Each removes the other at the same moment.
    const both = await Promise.all([setRole(root, second, 'USER'), setRole(second, root, 'USER')]);
    expect(both.filter(({ code }) => code === undefined)).toHaveLength(1);
    const left = 'SELECT id FROM users WHERE is_admin';
    expect(await queryRows(database.url, left)).toHaveLength(1);
    await makeAdmin(root.username);
    await makeAdmin(second.username);
    expect(await setRole(root, { userId: 'user_999999' } as Person, 'ADMIN')).toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  test('create and update users by the ids of another system', async () => {
    const tom = { externalId: '1', username: 'tom', displayName: 'Tom', email: 'tom@example.org' };
    const una = { externalId: '2', username: 'una' };
    expect(outcomes(await upsert(root, [tom, una]))).toEqual(['CREATED', 'CREATED']);
    expect(outcomes(await upsert(root, [tom, una]))).toEqual(['UNCHANGED', 'UNCHANGED']);
    const changed = await upsert(root, [{ ...tom, username: 'ignored', displayName: 'Thomas' }, una]);
    expect(outcomes(changed)).toEqual(['UPDATED', 'UNCHANGED']);
    expect(changed.results[0].user).toMatchObject({ username: 'tom', displayName: 'Thomas' });
    expect(
      outcomes(
        await upsert(root, [
          { externalId: '3', username: 'TOM' },
          { externalId: '4', username: 'vic', email: 'Tom@example.org' },
          { externalId: '5', username: 'a b' },
          { ...una, email: 'una@example.org', isEmailVerified: true },
          { externalId: '6', username: 'wim' },
        ]),
      ),
    ).toEqual(['REFUSED USERNAME_TAKEN', 'REFUSED EMAIL_TAKEN', 'REFUSED INVALID', 'UPDATED', 'CREATED']);
  });

  test('refuse lists that are wrong as a whole, and are the only ones to do this', async () => {
    const entry = { externalId: 'x', username: 'xxx' };
    const many = Array.from({ length: 101 }, (_, index) => ({ ...entry, externalId: `${index}` }));
    for (const users of [[], many, [entry, entry], [{ ...entry, externalId: 'é' }]])
      expect(await upsert(root, users)).toMatchObject({ code: 'VALIDATION' });
    expect(await upsert(root, [entry], { issuer: 'nobody' })).toMatchObject({
      path: ['input', 'issuer'],
    });
    const eve = await signUp(node, 'eve');
    expect(await upsert(eve, [entry])).toMatchObject({ code: 'PERMISSION_DENIED' });
  });

  test('make the same users once, whoever is first', async () => {
    const users = Array.from({ length: 30 }, (_, index) => ({
      externalId: `same-${index}`,
      username: `same-${index}`,
      email: `same-${index}@example.org`,
    }));
    const answers = await Promise.all([users, users.toReversed(), users].map((list) => upsert(root, list)));
    const all = answers.flatMap(outcomes);
    expect(all.filter((outcome) => outcome === 'CREATED')).toHaveLength(30);
    expect(all.filter((outcome) => outcome === 'UNCHANGED')).toHaveLength(60);
  });

  test('prepare users who then sign in with tokens', async () => {
    const claims = { iss: 'closed', sub: 'p1' };
    const token = await sign(shopKey, claims);
    expect(await login(token)).toMatchObject({ code: 'PERMISSION_DENIED' });
    const answer = await upsert(root, [{ externalId: 'p1', username: 'prepared' }], { issuer: 'closed' });
    const [{ user }] = answer.results;
    expect(await login(token)).toMatchObject({ isNew: false, viewer: { user: { id: user.id } } });
    // Also users that are there already.
    const old = await signUp(node, 'old');
    const entry = { externalId: 'p2', username: old.username };
    expect(outcomes(await upsert(root, [entry], { issuer: 'closed' }))).toEqual(['REFUSED USERNAME_TAKEN']);
    const linking = ['upsert-users', '-', '--issuer', 'closed', '--link-usernames'];
    const options = { env: { ...env, DATABASE_URL: database.url }, input: JSON.stringify(entry) };
    expect(JSON.parse((await runAdmin(linking, options)).out)).toMatchObject({ outcome: 'UPDATED' });
    expect(await login(await sign(shopKey, { iss: 'closed', sub: 'p2' }))).toMatchObject({
      viewer: { user: { id: old.userId } },
    });
    const other = { externalId: 'p3', username: old.username };
    const again = await upsert(root, [other], { issuer: 'closed', linksUsernames: true });
    expect(outcomes(again)).toEqual(['REFUSED USERNAME_TAKEN']);
  });

  test('get no way into an account that somebody signs in to', async () => {
    const pat = await signUp(node, 'pat');
    const { viewer } = await asShop({ sub: 'mia', preferred_username: 'mia' });
    const { username: mia } = viewer.user;
    // A passkey is enough, without a password and a sign-in.
    const { username: kim } = (await asShop({ sub: 'kim', preferred_username: 'kim' })).viewer.user;
    await execute(
      database.url,
      `WITH u AS (UPDATE identities SET last_used_at = NULL WHERE subject = 'kim' RETURNING user_id)
       INSERT INTO passkeys (user_id, credential_id, public_key, counter, name, is_synced, domain)
       SELECT user_id, 'id', 'key', 0, 'key', false, 'chat.example.org' FROM u`,
    );
    const links = { linksUsernames: true };
    const inUse = ['REFUSED ACCOUNT_IN_USE'];
    for (const username of [pat.username, mia, kim, second.username]) {
      const mine = { externalId: `mine-${username}`, username };
      expect(outcomes(await upsert(root, [mine], { issuer: 'closed', ...links }))).toEqual(inUse);
      expect(await login(await sign(shopKey, { iss: 'closed', sub: mine.externalId }))).toMatchObject({
        code: 'PERMISSION_DENIED',
      });
      const address = { email: `${username}@evil.example.org`, isEmailVerified: true };
      expect(outcomes(await upsert(root, [{ ...mine, ...address }], links))).toEqual(inUse);
      // An id with which nobody can sign in is enough to suspend.
      const isAdmin = username === second.username;
      const suspended = await upsert(root, [{ ...mine, isSuspended: true }], links);
      expect(outcomes(suspended)).toEqual([isAdmin ? 'REFUSED ADMINISTRATOR' : 'UPDATED']);
    }
    const known = { externalId: 'mia', username: mia, email: 'mia@evil.example.org' };
    expect(outcomes(await upsert(root, [known], { issuer: 'shop' }))).toEqual(inUse);
    // The address of pat, who has registered with it, is not verified. An entry that changes nothing is accepted.
    const same = {
      externalId: `mine-${pat.username}`,
      username: 'any',
      email: `${pat.username}@example.org`,
    };
    expect(outcomes(await upsert(root, [same]))).toEqual(['UNCHANGED']);
    expect(outcomes(await upsert(root, [{ ...same, isEmailVerified: true }]))).toEqual(inUse);
  });

  test('end the sessions of a user in the order in which all others lock them', async () => {
    const leo = await signUp(node, 'leo');
    const userId = numberIn(leo.userId);
    // The later id is stored first, so a scan of the table finds it first.
    await execute(
      database.url,
      `INSERT INTO sessions (id, user_id, expires_at) SELECT x, ${userId}, now() + interval '1 day' FROM unnest('{2000002,2000001}'::bigint[]) AS x`,
    );
    const [holder, suspending] = [new pg.Client(database.url), new pg.Client(database.url)];
    await Promise.all([holder.connect(), suspending.connect()]);
    try {
      await holder.query('BEGIN');
      await holder.query('SELECT FROM sessions WHERE id = 2000001 FOR UPDATE');
      await suspending.query('SET enable_indexscan = off; SET enable_bitmapscan = off');
      const done = suspending.query('SELECT suspend_user($1, true)', [userId]);
      const waiting = `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`;
      await expect.poll(async () => (await holder.query(waiting)).rowCount).toBe(1);
      await holder.query('SELECT FROM sessions WHERE id = 2000002 FOR UPDATE NOWAIT');
      await holder.query('COMMIT');
      await done;
    } finally {
      await Promise.all([holder.end(), suspending.end()]);
    }
  });

  test('suspend users, whose sessions end, but no administrator', async () => {
    const entry = { externalId: 'p1', username: 'prepared' };
    const token = await sign(shopKey, { iss: 'closed', sub: 'p1' });
    const { tokens } = await login(token);
    const suspend = (isSuspended: boolean) => upsert(root, [{ ...entry, isSuspended }], { issuer: 'closed' });
    expect(outcomes(await suspend(true))).toEqual(['UPDATED']);
    expect(outcomes(await suspend(true))).toEqual(['UNCHANGED']);
    expect(await login(token)).toMatchObject({ code: 'PERMISSION_DENIED' });
    const asked = () => request(node.url, '{ viewer { user { id } } }', {}, tokens.accessToken);
    await expect.poll(async () => (await asked()).errors[0]?.extensions.code).toBe('UNAUTHENTICATED');
    expect(outcomes(await suspend(false))).toEqual(['UPDATED']);
    expect(await login(token)).toMatchObject({ isNew: false });
    const boss = { externalId: 'boss', username: second.username, isSuspended: true };
    const answer = await upsert(root, [boss], { linksUsernames: true });
    expect(outcomes(answer)).toEqual(['REFUSED ADMINISTRATOR']);
    // A refused entry leaves nothing.
    expect(await queryRows(database.url, "SELECT id FROM identities WHERE subject = 'boss'")).toEqual([]);
  });

  test('find the same on the command line', async () => {
    const lines = [
      { externalId: 'cli-1', username: 'lina' },
      { externalId: 'cli-2', username: 'li' },
    ];
    const input = lines.map((line) => JSON.stringify(line)).join('\n');
    const run = (args: string[], text = '') =>
      runAdmin(args, { env: { ...env, DATABASE_URL: database.url }, input: text });
    const { code, out } = await run(['upsert-users', '-', '--issuer', 'shop'], input);
    expect(code).toBe(1);
    expect(
      out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toMatchObject([
      { externalId: 'cli-1', outcome: 'CREATED' },
      { externalId: 'cli-2', outcome: 'REFUSED', refusal: 'INVALID' },
    ]);
    expect((await asShop({ sub: 'cli-1' })).viewer.user.username).toBe('lina');
    expect(await run(['upsert-users', '-'], '{}')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/line 1/),
    });
    const args = ['set-server-role', '--username', second.username, '--role'];
    expect(await run([...args, 'USER'])).toMatchObject({ code: 0 });
    expect(await run([...args, 'KING'])).toMatchObject({ code: 2 });
  });
});

// -- settings ----------------------------------------------------------------------------------

describe('issuers in the settings', () => {
  const entry = { name: 'a', issuer: 'https://a.example.org', audience: 'parley' };
  const wrong: [string, unknown, RegExp][] = [
    ['no JSON', 'nonsense', /^ISSUERS: must be a list in JSON, or the path/],
    ['no list', '[7]', /entry 1: /],
    ['no keys', [entry], /entry 1: needs audience together with jwksUrl or keys/],
    [
      'keys over plain HTTP',
      [{ ...entry, jwksUrl: 'http://a.example.org/keys' }],
      /entry 1, jwksUrl: must be an https/,
    ],
    ['a user in the URL', [{ ...entry, jwksUrl: 'https://u:p@a.example.org/keys' }], /without a user/],
    [
      'a shared secret',
      [{ ...entry, keys: [{ kty: 'oct', k: 'c2VjcmV0' }] }],
      /entry 1, keys, 0: must be a public key/,
    ],
    [
      'no key',
      [{ ...entry, keys: ['-----BEGIN PUBLIC KEY-----\nno\n-----END PUBLIC KEY-----'] }],
      /a text in PEM, or a JWK/,
    ],
    [
      'HS256',
      [{ ...entry, jwksUrl: 'https://a.example.org/k', algorithms: ['HS256'] }],
      /entry 1, algorithms, 0/,
    ],
    ['an unknown setting', [{ ...entry, jwksUrl: 'https://a.example.org/k', secret: 'x' }], /secret/],
    [
      'two with one name',
      [1, 2].map((n) => ({ ...entry, issuer: `${n}`, jwksUrl: 'https://a.example.org/k' })),
      /two entries with one name/,
    ],
  ];
  test.each(wrong)('%s is wrong', (_what, value, says) => {
    const ISSUERS = typeof value === 'string' ? value : JSON.stringify(value);
    expect(() => loadSettings({ ISSUERS })).toThrow(says);
  });

  test('a private key is wrong', async () => {
    const ISSUERS = JSON.stringify([{ ...entry, keys: [await exportJWK(shopKey.privateKey)] }]);
    expect(() => loadSettings({ ISSUERS })).toThrow(/the private one belongs to the issuer only/);
  });
});
