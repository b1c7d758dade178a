import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Authenticator } from './harness/authenticator.ts';
import { createDatabase, execute, queryRows, type TestDatabase } from './harness/database.ts';
import { numberIn } from './harness/ids.ts';
import { KeyServer, newSigningKey, type SigningKey, sign } from './harness/issuer.ts';
import { Mailbox } from './harness/mailbox.ts';
import { startNode, type TestNode } from './harness/node.ts';
import { CLIENT, follow, OpenIdProvider } from './harness/openid-provider.ts';
import { type Person, ask as request, signUp } from './harness/people.ts';
import { PASSWORD } from './harness/sdk.ts';
import { codeOf, wrongCodeOf } from './harness/totp.ts';

// Sign-ins with OpenID providers: a real one, and one that lies.

const PAGE = 'https://chat.example.org/signed-in';

let database: TestDatabase;
let mailbox: Mailbox;
let node: TestNode;
let provider: OpenIdProvider;
let liar: KeyServer;
let liarKey: SigningKey;

beforeAll(async () => {
  [database, mailbox, provider, liar, liarKey] = await Promise.all([
    createDatabase(),
    Mailbox.open(),
    OpenIdProvider.open(),
    KeyServer.open(),
    newSigningKey('liar-1', 'RS256'),
  ]);
  provider.serve(PAGE);
  liar.answers.set('/keys', [liarKey.jwk]);
  liar.answers.set('/.well-known/openid-configuration', json(documentOf(liar)));
  const ISSUERS = JSON.stringify([
    {
      name: 'corp',
      displayName: 'Corp',
      issuer: provider.issuer,
      ...CLIENT,
      redirectUris: [PAGE],
      linksVerifiedEmail: true,
    },
    { name: 'liar', issuer: liar.url(''), clientId: 'parley', redirectUris: [PAGE] },
    { name: 'down', issuer: 'http://127.0.0.1:1', clientId: 'parley', redirectUris: [PAGE] },
    { name: 'tokens', issuer: 'tokens', audience: 'parley', keys: [liarKey.jwk] },
  ]);
  const mail = { SMTP_URL: mailbox.url, MAIL_FROM: 'Parley <parley@example.org>', PUBLIC_URL: PAGE };
  const env = { ISSUERS, LOGINS_PER_MINUTE: '100000', NODE_ENV: 'production', ...mail };
  node = await startNode({ databaseUrl: database.url, env });
});

afterAll(async () => {
  await node?.stop();
  await mailbox?.close();
  provider?.close();
  liar?.close();
  await database?.drop();
});

const json = (value: object) =>
  new Response(JSON.stringify(value), { headers: { 'content-type': 'application/json' } });

const documentOf = (server: KeyServer) => ({
  issuer: server.url(''),
  authorization_endpoint: server.url('/auth'),
  token_endpoint: server.url('/token'),
  jwks_uri: server.url('/keys'),
  response_types_supported: ['code'],
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: ['RS256'],
});

async function change(name: string, fields: string, input: object, token?: string): Promise<any> {
  const Name = name.charAt(0).toUpperCase() + name.slice(1);
  const document = `mutation ($input: ${Name}Input!) { ${name}(input: $input) { __typename ... on ${Name}Success { ${fields} } ... on UserError { code detail path } } }`;
  const { data, errors } = await request<any>(node.url, document, { input }, token);
  expect(errors).toEqual([]);
  return data[name];
}

interface Started {
  readonly url: string;
  readonly secret: string;
}

const begin = (name = 'corp', redirectUri = PAGE): Promise<any> =>
  change('beginOidcLogin', 'url secret expiresAt', { provider: name, redirectUri });
const SIGNED_IN = `isNew tokens { accessToken } viewer { user { id username displayName } email isEmailVerified hasPassword
  identities { issuer displayName subject email } }`;
const complete = (answer: object): Promise<any> => change('completeOidcLogin', SIGNED_IN, answer);

/** Signs a user in at the provider. Returns what the page then sends. */
async function visit({ url, secret }: Started, user: string) {
  provider.user = user;
  const { code, state, iss } = Object.fromEntries(new URL(await follow(url, PAGE)).searchParams);
  return { secret, code, state, iss };
}

const signIn = async (user: string) => complete(await visit(await begin(), user));

describe('a sign-in with a provider', () => {
  test('creates the user at first, and finds the same user later', async () => {
    provider.accounts.set('1', {
      name: 'Ada Lovelace',
      preferred_username: 'ada',
      email: 'ada@example.org',
      email_verified: true,
    });
    const first = await signIn('1');
    expect(first).toMatchObject({
      isNew: true,
      viewer: {
        user: { username: 'ada', displayName: 'Ada Lovelace' },
        email: 'ada@example.org',
        isEmailVerified: true,
        hasPassword: false,
        identities: [{ issuer: 'corp', displayName: 'Corp', subject: '1', email: 'ada@example.org' }],
      },
    });
    expect(await signIn('1')).toMatchObject({ isNew: false, viewer: { user: first.viewer.user } });
    const { data } = await request<any>(node.url, '{ serverInfo { signInProviders { name displayName } } }');
    expect(data.serverInfo.signInProviders.map(({ name }: any) => name)).toEqual(['corp', 'liar', 'down']);
  });

  test('is complete only with the secret of the browser that has begun it', async () => {
    const [mine, theirs] = [await begin(), await begin()];
    const answer = await visit(theirs, '1');
    expect(await complete({ ...answer, secret: mine.secret })).toMatchObject({
      code: 'INVALID_CREDENTIALS',
      path: ['input', 'state'],
    });
    const { state } = await visit(mine, '1');
    expect(await complete({ ...answer, secret: mine.secret, state })).toMatchObject({
      code: 'INVALID_CREDENTIALS',
      path: ['input', 'state'],
    });
    expect(await complete(answer)).toMatchObject({ isNew: false });
  });

  test('is completed once, and not after its time', async () => {
    const answer = await visit(await begin(), '1');
    const both = await Promise.all([complete(answer), complete(answer)]);
    expect(new Set(both.map(({ code }) => code))).toEqual(new Set([undefined, 'INVALID_CREDENTIALS']));
    expect(await complete(answer)).toMatchObject({ path: ['input', 'secret'] });
    const late = await visit(await begin(), '1');
    await execute(database.url, "UPDATE oidc_requests SET expires_at = now() - interval '1 second'");
    expect(await complete(late)).toMatchObject({ path: ['input', 'secret'] });
  });

  test('is refused for other pages, other providers, and another issuer in the answer', async () => {
    for (const page of ['https://evil.example.org/', `${PAGE}/`, `${PAGE}?next=x`, 'http://127.0.0.1:4000/'])
      expect(await begin('corp', page)).toMatchObject({ code: 'VALIDATION', path: ['input', 'redirectUri'] });
    for (const name of ['nobody', 'tokens', ''])
      expect(await begin(name)).toMatchObject({ code: 'VALIDATION', path: ['input', 'provider'] });
    expect(await begin('down')).toMatchObject({ code: 'UNAVAILABLE' });
    const answer = await visit(await begin(), '1');
    expect(await complete({ ...answer, iss: liar.url('') })).toMatchObject({ code: 'INVALID_CREDENTIALS' });
  });

  test('links an address only if the provider and this server have verified it', async () => {
    const bob = await signUp(node, 'bob');
    const email = `${bob.username}@example.org`;
    provider.accounts.set('2', { email, email_verified: false });
    provider.accounts.set('3', { email, email_verified: true });
    await execute(
      database.url,
      `UPDATE users SET email_verified_at = now() WHERE username = '${bob.username}'`,
    );
    expect((await signIn('2')).viewer.user.id).not.toBe(bob.userId);
    expect((await signIn('3')).viewer.user.id).toBe(bob.userId);
  });

  const now = () => Math.floor(Date.now() / 1000);
  const lies: Record<string, (nonce: string) => Promise<object>> = {
    'an id_token for another client': async (nonce) => ({
      id_token: await sign(liarKey, claims(nonce, { aud: 'another' })),
    }),
    'an id_token of another issuer': async (nonce) => ({
      id_token: await sign(liarKey, claims(nonce, { iss: provider.issuer })),
    }),
    'an id_token of another sign-in': async () => ({ id_token: await sign(liarKey, claims('another')) }),
    'an expired id_token': async (nonce) => ({
      id_token: await sign(liarKey, claims(nonce, { exp: now() - 600 })),
    }),
    'an id_token with another key': async (nonce) => ({
      id_token: await sign({ ...(await newSigningKey('liar-1', 'RS256')) }, claims(nonce)),
    }),
    'no id_token': async () => ({}),
  };
  const claims = (nonce: string, more: object = {}) => ({
    iss: liar.url(''),
    aud: 'parley',
    sub: '1',
    nonce,
    ...more,
  });

  async function lie(tokens: (nonce: string) => Promise<object>) {
    const { url, secret } = await begin('liar');
    const { nonce = '', state } = Object.fromEntries(new URL(url).searchParams);
    liar.answers.set('/token', json({ access_token: 'x', token_type: 'Bearer', ...(await tokens(nonce)) }));
    return complete({ secret, state, code: 'x' });
  }

  test('accepts the truth, to compare with', async () => {
    const answer = await lie(async (nonce) => ({ id_token: await sign(liarKey, claims(nonce)) }));
    // A subject of another provider is another user.
    expect(answer).toMatchObject({ isNew: true, viewer: { identities: [{ issuer: 'liar', subject: '1' }] } });
  });

  test.each(Object.keys(lies))('%s is refused', async (name) => {
    expect(await lie(lies[name] as () => Promise<object>)).toMatchObject({ code: 'INVALID_CREDENTIALS' });
  });

  test('can be tried again when the provider is broken', async () => {
    const { url, secret } = await begin('liar');
    liar.answers.set('/token', new Response('<html>', { status: 502 }));
    const { state } = Object.fromEntries(new URL(url).searchParams);
    expect(await complete({ secret, state, code: 'x' })).toMatchObject({ code: 'UNAVAILABLE' });
  });
});

describe('an identity', () => {
  const beginLink = (by: Person, password?: string, code?: string) => {
    const proof = password === undefined ? null : { password, code };
    return change(
      'beginIdentityLink',
      'url secret',
      { provider: 'corp', redirectUri: PAGE, proof },
      by.token,
    );
  };
  const link = (by: Person, answer: object) =>
    change('linkIdentity', 'viewer { identities { subject } }', answer, by.token);
  const unlink = (token: string, subject: string) =>
    change('unlinkIdentity', 'viewer { identities { subject } }', { issuer: 'corp', subject }, token);

  test('is linked by its user with the password, and belongs to one user', async () => {
    const [cat, dan] = [await signUp(node, 'cat'), await signUp(node, 'dan')];
    expect(await beginLink(cat, 'wrong password')).toMatchObject({
      code: 'INVALID_CREDENTIALS',
      path: ['input', 'proof', 'password'],
    });
    expect(await beginLink(cat)).toMatchObject({ code: 'VALIDATION', path: ['input', 'proof'] });
    const answer = await visit(await beginLink(cat, PASSWORD), '7');
    // The request is that of its user, and no sign-in.
    expect(await link(dan, answer)).toMatchObject({ code: 'INVALID_CREDENTIALS' });
    const again = await visit(await beginLink(cat, PASSWORD), '7');
    expect(await complete(again)).toMatchObject({ code: 'INVALID_CREDENTIALS' });
    const linked = await link(cat, await visit(await beginLink(cat, PASSWORD), '7'));
    expect(linked.viewer.identities).toEqual([{ subject: '7' }]);
    expect(await signIn('7')).toMatchObject({
      isNew: false,
      viewer: { user: { id: cat.userId }, hasPassword: true },
    });
    expect(await link(dan, await visit(await beginLink(dan, PASSWORD), '7'))).toMatchObject({
      code: 'CONFLICT',
    });
    expect(await unlink(cat.token, '8')).toMatchObject({ code: 'NOT_FOUND' });
    expect(await unlink(dan.token, '7')).toMatchObject({ code: 'NOT_FOUND' });
    expect((await unlink(cat.token, '7')).viewer.identities).toEqual([]);
    expect(await signIn('7')).toMatchObject({ isNew: true });
  });

  test('that is linked or removed is told to the verified address of its user', async () => {
    const hal = await signUp(node, 'hal');
    const email = `${hal.username}@example.org`;
    await execute(
      database.url,
      `UPDATE users SET email_verified_at = now() WHERE username = '${hal.username}'`,
    );
    // The mail of the registration goes out only if its job comes before the update.
    const told = async (): Promise<string> => {
      const { subject } = await mailbox.next(email);
      return subject === 'Verify your e-mail address' ? told() : subject;
    };
    await link(hal, await visit(await beginLink(hal, PASSWORD), '40'));
    expect(await told()).toBe('A sign-in with another system was added to your account');
    await unlink(hal.token, '40');
    expect(await told()).toBe('A sign-in with another system was removed from your account');
    provider.accounts.set('41', { email, email_verified: true });
    expect((await signIn('41')).viewer.user.id).toBe(hal.userId);
    expect(await told()).toBe('A sign-in with another system was added to your account');
  });

  test('that is removed while somebody signs in with it starts no session', async () => {
    const ida = await signUp(node, 'ida');
    await link(ida, await visit(await beginLink(ida, PASSWORD), '42'));
    const unlinking = `unlink_identity(${numberIn(ida.userId)}, '${provider.issuer}', '42', '{}')`;
    const session = `false, false, false, '\\x42', 1, NULL, NULL`;
    const signingIn = `(SELECT status FROM sign_in_identity('${provider.issuer}', '42', '{}', NULL, NULL, ${session}))`;
    expect(await together([unlinking, signingIn])).toEqual(['OK', 'NO_USER']);
  });

  test('is removed by nodes of the previous release, too', async () => {
    const call = `SELECT unlink_identity(0, 'issuer', 'subject', '{}') AS status`;
    expect(await queryRows(database.url, call)).toEqual([{ status: 'NOT_FOUND' }]);
  });

  test('is linked to an account with an app with a code, because it signs in without one', async () => {
    const fay = await signUp(node, 'fay');
    const { secret } = await change('beginTotp', 'secret', { proof: { password: PASSWORD } }, fay.token);
    await change('confirmTotp', 'recoveryCodes', { code: codeOf(secret) }, fay.token);
    const refused = { code: 'INVALID_CREDENTIALS', path: ['input', 'proof', 'code'] };
    expect(await beginLink(fay, PASSWORD)).toMatchObject(refused);
    expect(await beginLink(fay, PASSWORD, wrongCodeOf(secret))).toMatchObject(refused);
    const linked = await link(fay, await visit(await beginLink(fay, PASSWORD, codeOf(secret, 1)), '11'));
    expect(linked.viewer.identities).toEqual([{ subject: '11' }]);
  });

  test('that is the last way to sign in stays', async () => {
    const { tokens, viewer } = await signIn('9');
    const eve = { token: tokens.accessToken } as Person;
    expect(await unlink(eve.token, '9')).toMatchObject({ code: 'CONFLICT' });
    const two = await link(eve, await visit(await beginLink(eve), '10'));
    expect(two.viewer.identities).toEqual([{ subject: '9' }, { subject: '10' }]);
    // One of the two stays, whichever is first.
    const both = await Promise.all(['9', '10'].map((subject) => unlink(eve.token, subject)));
    expect(new Set(both.map(({ code }) => code))).toEqual(new Set([undefined, 'CONFLICT']));
    expect(viewer.hasPassword).toBe(false);
  });

  const SITE = new URL(PAGE).origin;
  const challenge = async () => {
    const fields = 'options { challenge rpId }';
    const document = `mutation { beginPasskeyLogin { ... on BeginPasskeyLoginSuccess { ${fields} } } }`;
    return (await request<any>(node.url, document)).data.beginPasskeyLogin.options;
  };
  const use = async (key: Authenticator) => key.get(await challenge());
  const beginPasskey = (token: string, proof?: object) =>
    change('beginPasskeyRegistration', 'options { challenge rp { id } user { id } }', { proof }, token);

  interface Held {
    readonly key: Authenticator;
    readonly passkeyId: string;
    readonly remove: () => Promise<any>;
  }

  /** Creates a passkey. With `by`, that one is the proof. */
  async function addPasskey(token: string, by?: Authenticator): Promise<Held> {
    const key = new Authenticator(SITE);
    const { options } = await beginPasskey(token, by && { passkey: await use(by) });
    const input = { response: key.create(options), name: 'key' };
    const { passkey } = await change('finishPasskeyRegistration', 'passkey { id }', input, token);
    const remove = async () => {
      const removal = { passkeyId: passkey.id, proof: { passkey: await use(by ?? key) } };
      return change('deletePasskey', 'viewer { passkeys { id } }', removal, token);
    };
    return { key, passkeyId: passkey.id, remove };
  }

  test('counts beside passkeys: the last one of both stays', async () => {
    const { tokens, viewer } = await signIn('20');
    const token = tokens.accessToken;
    const { key, remove } = await addPasskey(token);
    // With a passkey, the session alone adds nothing any more.
    const unproven = { code: 'VALIDATION', path: ['input', 'proof'] };
    expect(await beginPasskey(token)).toMatchObject(unproven);
    expect(await beginLink({ token } as Person)).toMatchObject(unproven);
    expect((await unlink(token, '20')).viewer.identities).toEqual([]);
    expect(await remove()).toMatchObject({ code: 'CONFLICT' });
    const again = await change('loginWithPasskey', 'viewer { user { id } }', { response: await use(key) });
    expect(again.viewer.user.id).toBe(viewer.user.id);
    await execute(
      database.url,
      `UPDATE users SET password_hash = 'any' WHERE username = '${viewer.user.username}'`,
    );
    expect((await remove()).viewer.passkeys).toEqual([]);
  });

  /** Calls both functions of the database, the second one before the first one has committed. Returns their statuses. */
  async function together(calls: readonly [string, string]): Promise<string[]> {
    const clients = [new pg.Client(database.url), new pg.Client(database.url)] as const;
    const [first, second] = clients;
    await Promise.all(clients.map((client) => client.connect()));
    try {
      await first.query('BEGIN');
      const done = await first.query(`SELECT ${calls[0]} AS status`);
      const other = second.query(`SELECT ${calls[1]} AS status`);
      const waiting = `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`;
      await expect.poll(async () => (await first.query(waiting)).rowCount).toBe(1);
      await first.query('COMMIT');
      return [done, await other].map(({ rows }) => rows[0].status);
    } finally {
      await Promise.all(clients.map((client) => client.end()));
    }
  }

  test('and a passkey, or two passkeys, that are removed at once: one stays', async () => {
    const last = ['OK', 'LAST_WAY'];
    const removals = async (subject: string) => {
      const { tokens, viewer } = await signIn(subject);
      const { key, passkeyId } = await addPasskey(tokens.accessToken);
      const user = numberIn(viewer.user.id);
      const ways = `'{${provider.issuer}}', 'chat.example.org'`;
      const without = (id: string) => `delete_passkey(${user}, ${numberIn(id)}, ${ways}, false)`;
      const unlinking = `unlink_identity(${user}, '${provider.issuer}', '${subject}', ${ways})`;
      return { token: tokens.accessToken, key, unlinking, deletion: without(passkeyId), without };
    };
    const a = await removals('30');
    expect(await together([a.unlinking, a.deletion])).toEqual(last);
    const b = await removals('31');
    expect(await together([b.deletion, b.unlinking])).toEqual(last);
    const c = await removals('32');
    const more = await addPasskey(c.token, c.key);
    await unlink(c.token, '32');
    expect(await together([c.deletion, c.without(more.passkeyId)])).toEqual(last);
  });

  test('that is linked by an address: not to a user with a passkey and without a password', async () => {
    const email = 'gil@example.org';
    provider.accounts.set('22', { email, email_verified: true });
    provider.accounts.set('23', { email, email_verified: true });
    const { tokens, viewer } = await signIn('22');
    expect(viewer).toMatchObject({ email, isEmailVerified: true });
    await addPasskey(tokens.accessToken);
    await unlink(tokens.accessToken, '22');
    expect(await signIn('23')).toMatchObject({ isNew: true, viewer: { email: null } });
  });

  test('does not count if no settings name its issuer, nor does a passkey of another domain', async () => {
    const { tokens, viewer } = await signIn('24');
    const token = tokens.accessToken;
    const { key, remove } = await addPasskey(token);
    const of = `user_id = (SELECT id FROM users WHERE username = '${viewer.user.username}')`;
    await execute(database.url, `UPDATE passkeys SET domain = 'old.example.org' WHERE ${of}`);
    expect(await unlink(token, '24')).toMatchObject({ code: 'CONFLICT' });
    await execute(database.url, `UPDATE passkeys SET domain = 'chat.example.org' WHERE ${of}`);
    await execute(database.url, `UPDATE identities SET issuer = 'https://old.example.org' WHERE ${of}`);
    expect(await remove()).toMatchObject({ code: 'CONFLICT' });
    const old = { proof: { passkey: await use(new Authenticator(SITE)) } };
    expect(await change('deleteAccount', 'user { isDeleted }', old, token)).toMatchObject({
      code: 'INVALID_CREDENTIALS',
    });
    const proven = { proof: { passkey: await use(key) } };
    expect((await change('deleteAccount', 'user { isDeleted }', proven, token)).user.isDeleted).toBe(true);
  });
});
