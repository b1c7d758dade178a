import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { runAdmin } from './harness/admin.ts';
import { Authenticator } from './harness/authenticator.ts';
import { createDatabase, execute, queryRows, type TestDatabase } from './harness/database.ts';
import { openFeed } from './harness/feed.ts';
import { Mailbox, type Received, tokenIn } from './harness/mailbox.ts';
import { startNode, type TestNode } from './harness/node.ts';
import { codeOf } from './harness/totp.ts';

// Addresses that are verified, and passwords that are chosen again, by links in mails.

const PASSWORD = 'correct horse battery';
const PUBLIC_URL = 'https://chat.example.org/app/';

let database: TestDatabase;
let mailbox: Mailbox;
let node: TestNode;

beforeAll(async () => {
  [database, mailbox] = await Promise.all([createDatabase(), Mailbox.open()]);
  node = await startNode({
    databaseUrl: database.url,
    redisUrl: inject('redisUrl'),
    env: {
      SMTP_URL: mailbox.url,
      MAIL_FROM: 'Parley <parley@example.org>',
      PUBLIC_URL,
      MAILS_PER_HOUR: '3',
      MAIL_REQUESTS_PER_HOUR: '4',
      TRUST_PROXY: 'true',
      LOG_LEVEL: 'debug',
    },
  });
});

afterAll(async () => {
  await node?.stop();
  await mailbox?.close();
  await database?.drop();
});

interface Asking {
  readonly token?: string;
  readonly via?: TestNode;
  readonly from?: string;
}

async function ask(query: string, variables: object, { token, via = node, from }: Asking = {}): Promise<any> {
  const response = await fetch(via.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token && { authorization: `Bearer ${token}` }),
      ...(from && { 'x-forwarded-for': from }),
    },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as { data: Record<string, any>; errors?: unknown };
  expect(errors).toBeUndefined();
  return data;
}

/** The answer of one mutation: its success, or its refusal. */
async function change(name: string, fields: string, input: object | null, asking?: Asking): Promise<any> {
  const Name = name.charAt(0).toUpperCase() + name.slice(1);
  const head = input ? `($input: ${Name}Input!) { ${name}(input: $input)` : `{ ${name}`;
  const document = `mutation ${head} { __typename ... on ${Name}Success { ${fields} } ... on UserError { code detail path } } }`;
  return (await ask(document, input ? { input } : {}, asking))[name];
}

const VIEWER = 'viewer { user { username } email isEmailVerified newEmail }';
const SIGNED_IN = `tokens { accessToken refreshToken } ${VIEWER}`;

const register = (username: string, email: string, asking?: Asking) =>
  change('register', SIGNED_IN, { username, email, password: PASSWORD }, asking);
const login = (usernameOrEmail: string, password = PASSWORD, asking?: Asking) =>
  change('login', SIGNED_IN, { usernameOrEmail, password }, asking);
const verify = (token: string, asking?: Asking) => change('verifyEmail', 'email', { token }, asking);
const forgot = (usernameOrEmail: string, asking?: Asking) =>
  change('requestPasswordReset', 'isAccepted', { usernameOrEmail }, asking);
const reset = (token: string, newPassword: string) =>
  change('resetPassword', 'username', { token, newPassword });
const viewerOf = async (token: string) => (await ask(`{ ${VIEWER} }`, {}, { token })).viewer;

const wrongToken = { code: 'INVALID_CREDENTIALS', path: ['input', 'token'] };

interface Account {
  readonly username: string;
  readonly email: string;
  readonly token: string;
  /** The mail that verifies the address. */
  readonly mail: Received;
}

let accounts = 0;

async function account(): Promise<Account> {
  const username = `user${++accounts}`;
  const email = `${username}@example.com`;
  const { tokens } = await register(username, email);
  return { username, email, token: tokens.accessToken, mail: await mailbox.next(email) };
}

async function verified(): Promise<Account> {
  const made = await account();
  expect(await verify(tokenIn(made.mail))).toMatchObject({ email: made.email });
  return made;
}

/** The number of mails that any address has got, as soon as the jobs of before are done. */
async function mailsAfterAll(): Promise<number> {
  await expect.poll(() => queryRows(database.url, 'SELECT id FROM jobs.jobs')).toEqual([]);
  return mailbox.mails.length;
}

/** Lets the nodes send no mail until the returned function is called: one is on its way, and the next ones wait. */
async function holdMails(): Promise<() => void> {
  const { token } = await account();
  await mailsAfterAll();
  const release = mailbox.hold();
  await change('requestEmailVerification', 'email', null, { token });
  await expect.poll(() => mailbox.holding).toBe(1);
  return release;
}

/** What a request does, while no mail is sent: its answer, and how many statements of requests it takes. */
async function measured(request: () => Promise<any>): Promise<{ answer: any; statements: number }> {
  const counted = async () => {
    const metrics = await node.metrics();
    return ['read', 'write', 'prisma', 'posts'].reduce(
      (sum, pool) => sum + (metrics[`parley_sql_statements_total{pool="${pool}"}`] ?? 0),
      0,
    );
  };
  const before = await counted();
  const answer = await request();
  return { answer, statements: (await counted()) - before };
}

// -- verifying ---------------------------------------------------------------------------------

describe('verifying an address', () => {
  test('takes the link of a mail, once', async () => {
    const { email, username, token, mail } = await account();
    expect(mail).toMatchObject({
      from: '"Parley" <parley@example.org>',
      subject: 'Verify your e-mail address',
      origin: 'auto-generated',
    });
    expect(mail.text).toContain(`The account ${username} `);
    expect(mail.text).toContain(`${PUBLIC_URL}#verify=${tokenIn(mail)}\n`);
    expect(await viewerOf(token)).toMatchObject({ email, isEmailVerified: false, newEmail: null });
    expect(await verify(tokenIn(mail))).toMatchObject({ __typename: 'VerifyEmailSuccess', email });
    expect(await viewerOf(token)).toMatchObject({ email, isEmailVerified: true, newEmail: null });
    const refused = await verify(tokenIn(mail));
    expect(refused).toMatchObject(wrongToken);
    for (const wrong of ['', 'nonsense', 'A'.repeat(43)]) expect(await verify(wrong)).toEqual(refused);
    expect((await change('requestEmailVerification', 'email', null, { token })).code).toBe('CONFLICT');
  });

  test('takes the latest link, for a day', async () => {
    const { email, token, mail } = await account();
    const again = () => change('requestEmailVerification', 'email', null, { token });
    expect(await again()).toMatchObject({ email });
    const second = await mailbox.next(email);
    expect(await verify(tokenIn(mail))).toMatchObject(wrongToken);
    await execute(
      database.url,
      `UPDATE one_time_tokens SET expires_at = expires_at - interval '1 day' WHERE email = '${email}'`,
    );
    expect(await verify(tokenIn(second))).toMatchObject(wrongToken);
    await again();
    expect(await verify(tokenIn(await mailbox.next(email)))).toMatchObject({ email });
  });

  test('has one winner; others do not learn of it', async () => {
    const first = await account();
    const { tokens } = await register('latecomer', first.email);
    const mail = await mailbox.next(first.email);
    expect(mail.text).toContain('The account latecomer ');
    expect(await verify(tokenIn(first.mail))).toMatchObject({ email: first.email });
    expect(await verify(tokenIn(mail))).toMatchObject(wrongToken);
    expect(await viewerOf(tokens.accessToken)).toMatchObject({ email: first.email, isEmailVerified: false });
    expect((await login(first.email)).viewer.user.username).toBe(first.username);
  });
});

// -- what requests show ------------------------------------------------------------------------

describe('whether an address is known', () => {
  test('is not shown by a registration; its owner is told', async () => {
    const owner = await verified();
    const release = await holdMails();
    const unknown = await measured(() => register('of-unknown', 'of-unknown@example.com'));
    const known = await measured(() => register('of-known', owner.email.toUpperCase()));
    release();
    const shape = ({ __typename, viewer }: any) => [__typename, viewer.isEmailVerified, viewer.newEmail];
    expect(shape(known.answer)).toEqual(shape(unknown.answer));
    expect(known.statements).toBe(unknown.statements);
    const notice = await mailbox.next(owner.email);
    expect(notice.subject).toBe('Your e-mail address was used for another account');
    expect(notice.text).toMatch(new RegExp(`of-known[^]+${owner.username}`));
    expect(tokenIn(notice)).toBe('');
    expect((await login(owner.email)).viewer.user.username).toBe(owner.username);
    expect((await login('of-known')).viewer.isEmailVerified).toBe(false);
  });

  test('is not shown by signing in with it to an account that has not verified it', async () => {
    const owner = await verified();
    await register('claims-known', owner.email);
    await register('claims-unknown', 'claims-unknown@example.com');
    const password = 'another horse battery';
    const token = { token: owner.token };
    await change('changePassword', '__typename', { currentPassword: PASSWORD, newPassword: password }, token);
    const refused = await login('nobody@example.net');
    expect(refused.code).toBe('INVALID_CREDENTIALS');
    expect(await login(owner.email)).toEqual(refused);
    expect(await login('claims-unknown@example.com')).toEqual(refused);
    await verify(tokenIn(await mailbox.next('claims-unknown@example.com')));
    expect((await login('claims-unknown@example.com')).viewer.user.username).toBe('claims-unknown');
  });

  test('is not shown by the request for a new password', async () => {
    const { username, email } = await account();
    const release = await holdMails();
    const asked = [];
    for (const name of [username, email, 'nobody-at-all', 'nobody@example.net'])
      asked.push(await measured(() => forgot(name)));
    release();
    for (const each of asked) expect(each).toEqual(asked[0]);
    expect(asked[0]?.answer).toEqual({ __typename: 'RequestPasswordResetSuccess', isAccepted: true });
  });
});

// -- a new password ----------------------------------------------------------------------------

describe('a forgotten password', () => {
  test('is replaced by the link of a mail, which ends all sessions and verifies the address', async () => {
    const { username, email, token } = await account();
    const feed = await openFeed(
      node.wsUrl,
      token,
      'subscription { inbox { __typename ... on StreamClosed { closeReason } } }',
      {},
      'inbox',
    );
    await feed.next('StreamReady');
    await forgot(email.toUpperCase());
    const older = await mailbox.next(email);
    await forgot(username);
    const mail = await mailbox.next(email);
    expect(mail.text).toContain(`${PUBLIC_URL}#reset=${tokenIn(mail)}\n`);
    expect(await verify(tokenIn(mail))).toMatchObject(wrongToken);
    expect(await reset(tokenIn(older), 'a better password')).toMatchObject(wrongToken);
    for (const common of ['password1', username.toUpperCase(), 'short'])
      expect(await reset(tokenIn(mail), common)).toMatchObject({
        code: 'VALIDATION',
        path: ['input', 'newPassword'],
      });
    expect(await reset(tokenIn(mail), 'a better password')).toMatchObject({ username });
    expect(await feed.next('StreamClosed')).toMatchObject({ closeReason: 'SESSION_ENDED' });
    expect(await reset(tokenIn(mail), 'another password here')).toMatchObject(wrongToken);
    expect((await login(username)).code).toBe('INVALID_CREDENTIALS');
    const { viewer } = await login(email, 'a better password');
    expect(viewer).toMatchObject({ email, isEmailVerified: true });
  });

  test('has a link for each account of an address that nobody has verified', async () => {
    const first = await account();
    await register(`later-${first.username}`, first.email.toUpperCase());
    await mailsAfterAll();
    await forgot(first.email);
    await mailsAfterAll();
    const letters = mailbox.mails.filter(
      ({ subject, text }) => /password/.test(subject) && text.includes(first.username),
    );
    expect(letters).toHaveLength(1);
    const links = [...(letters[0]?.text ?? '').matchAll(/account (\S+)\. If[^#]+#reset=([\w-]{43})/g)];
    expect(links.map(([, username]) => username)).toEqual([`later-${first.username}`, first.username]);
    const [, username = '', token = ''] = links[0] ?? [];
    expect(await reset(token, 'a better password')).toMatchObject({ username });
    expect((await login(first.email, 'a better password')).viewer.user.username).toBe(username);
    const before = await mailsAfterAll();
    await forgot(first.username);
    expect(await mailsAfterAll()).toBe(before);
  });

  test('has a link for an hour; a suspended account gets none', async () => {
    const { username, email } = await account();
    await forgot(username);
    const mail = await mailbox.next(email);
    await execute(
      database.url,
      `UPDATE one_time_tokens SET expires_at = expires_at - interval '1 hour' WHERE purpose = 'password-reset'`,
    );
    expect(await reset(tokenIn(mail), 'a better password')).toMatchObject(wrongToken);
    await execute(database.url, `UPDATE users SET suspended_at = now() WHERE username = '${username}'`);
    const before = await mailsAfterAll();
    await forgot(username);
    expect(await mailsAfterAll()).toBe(before);
  });
});

// -- another address ---------------------------------------------------------------------------

describe('another address', () => {
  const changeTo = (newEmail: string, { token }: Account, password = PASSWORD) =>
    change('changeEmail', VIEWER, { newEmail, password }, { token });

  test('counts as soon as it is verified; the old one is told before', async () => {
    const ada = await verified();
    const newEmail = `new-${ada.email}`;
    expect(await changeTo(newEmail, ada, 'wrong password')).toMatchObject({
      code: 'INVALID_CREDENTIALS',
      path: ['input', 'password'],
    });
    expect(await changeTo('nonsense', ada)).toMatchObject({
      code: 'VALIDATION',
      path: ['input', 'newEmail'],
    });
    expect((await changeTo(newEmail, ada)).viewer).toMatchObject({
      email: ada.email,
      isEmailVerified: true,
      newEmail,
    });
    const [mail, notice] = [await mailbox.next(newEmail), await mailbox.next(ada.email)];
    expect(notice.subject).toBe('Your e-mail address is about to change');
    expect(notice.text).not.toContain(newEmail);
    expect((await login(newEmail)).code).toBe('INVALID_CREDENTIALS');
    await verify(tokenIn(mail));
    expect(await viewerOf(ada.token)).toMatchObject({
      email: newEmail,
      isEmailVerified: true,
      newEmail: null,
    });
    expect((await login(newEmail)).viewer.user.username).toBe(ada.username);
    expect((await login(ada.email)).code).toBe('INVALID_CREDENTIALS');
  });

  test('is forgotten when the old one gets a new password', async () => {
    const ada = await verified();
    const newEmail = `thief-${ada.email}`;
    await changeTo(newEmail, ada);
    const [mail] = [await mailbox.next(newEmail), await mailbox.next(ada.email)];
    await forgot(ada.username);
    await reset(tokenIn(await mailbox.next(ada.email)), 'a better password');
    expect(await verify(tokenIn(mail))).toMatchObject(wrongToken);
    const { viewer } = await login(ada.username, 'a better password');
    expect(viewer).toMatchObject({ email: ada.email, isEmailVerified: true, newEmail: null });
  });

  test.each([
    [
      'its user',
      async ({ token }: Account, newPassword: string) => {
        await change('changePassword', '__typename', { currentPassword: PASSWORD, newPassword }, { token });
      },
    ],
    [
      'the operator',
      async ({ username }: Account, password: string) => {
        const { code } = await runAdmin(['reset-password', '--username', username, '--password', password], {
          env: { DATABASE_URL: database.url },
        });
        expect(code).toBe(0);
      },
    ],
  ])('is forgotten when %s sets another password, and so are all links', async (_who, setPassword) => {
    const ada = await verified();
    const newEmail = `thief-${ada.email}`;
    await changeTo(newEmail, ada);
    const [mail] = [await mailbox.next(newEmail), await mailbox.next(ada.email)];
    await forgot(ada.username);
    const link = await mailbox.next(ada.email);
    await setPassword(ada, 'a better password');
    expect(await verify(tokenIn(mail))).toMatchObject(wrongToken);
    expect(await reset(tokenIn(link), 'the password of a thief')).toMatchObject(wrongToken);
    const { viewer } = await login(ada.email, 'a better password');
    expect(viewer).toMatchObject({ email: ada.email, isEmailVerified: true, newEmail: null });
  });

  test('makes links for a new password void that the old one has got', async () => {
    const ada = await verified();
    const newEmail = `new-${ada.email}`;
    await forgot(ada.username);
    const link = await mailbox.next(ada.email);
    await changeTo(newEmail, ada);
    await verify(tokenIn(await mailbox.next(newEmail)));
    expect(await reset(tokenIn(link), 'a better password')).toMatchObject(wrongToken);
    expect((await login(newEmail)).viewer).toMatchObject({ email: newEmail });
  });

  test('is announced to the old one, whatever other notices it has got', async () => {
    const ada = await verified();
    for (let i = 0; i < 4; i++) await register(`claims-${i}-${ada.username}`, ada.email);
    await mailsAfterAll();
    await changeTo(`new-${ada.email}`, ada);
    await mailsAfterAll();
    const subjects = mailbox.mails.filter(({ to }) => to === ada.email).map(({ subject }) => subject);
    expect(subjects.filter((subject) => /used for another account/.test(subject))).toHaveLength(3);
    expect(subjects.at(-1)).toBe('Your e-mail address is about to change');
  });

  test('of an operator counts at once, and the old one is told', async () => {
    const ada = await verified();
    const email = `new-${ada.email}`;
    const upsert = `SELECT status FROM upsert_users(NULL, '', '{ada-1}', '{${ada.username}}', '{NULL}', '{${email}}', '{true}', '{NULL}', true, true)`;
    expect(await queryRows(database.url, upsert)).toEqual([{ status: 'OK' }]);
    const notice = await mailbox.next(ada.email);
    expect(notice.subject).toBe('Your e-mail address has changed');
    expect(notice.text).not.toContain(email);
    expect((await login(email)).viewer.user.username).toBe(ada.username);
  });

  test('of another account is not shown, and not given', async () => {
    const [ada, owner] = [await verified(), await verified()];
    expect((await changeTo(owner.email, ada)).viewer.newEmail).toBe(owner.email);
    expect((await mailbox.next(owner.email)).subject).toMatch(/used for another account/);
    expect((await login(owner.email)).viewer.user.username).toBe(owner.username);
  });
});

// -- what an account signs in with -------------------------------------------------------------

describe('a change of what an account signs in with', () => {
  const proof = { password: PASSWORD };
  const withCode = (code?: string) => ({ proof: { ...proof, code } });
  const changePassword = ({ token }: Account, currentPassword: string, newPassword: string) =>
    change('changePassword', '__typename', { currentPassword, newPassword }, { token });

  async function addApp({ token }: Account): Promise<string[]> {
    const { secret } = await change('beginTotp', 'secret', { proof }, { token });
    return (await change('confirmTotp', 'recoveryCodes', { code: codeOf(secret) }, { token })).recoveryCodes;
  }

  const renewCodes = async ({ token }: Account, [code]: readonly string[]): Promise<string[]> =>
    (await change('regenerateRecoveryCodes', 'recoveryCodes', withCode(code), { token })).recoveryCodes;

  const SITE = new URL(PUBLIC_URL).origin;

  async function addPasskey({ token }: Account, key = new Authenticator(SITE)): Promise<string> {
    const creation = 'options { challenge rp { id } user { id } }';
    const { options } = await change('beginPasskeyRegistration', creation, { proof }, { token });
    const response = key.create(options);
    const made = await change(
      'finishPasskeyRegistration',
      'passkey { id }',
      { response, name: 'key' },
      { token },
    );
    return made.passkey.id;
  }

  async function signInWith(key: Authenticator): Promise<any> {
    const { options } = await change('beginPasskeyLogin', 'options { challenge rpId }', null);
    return change('loginWithPasskey', VIEWER, { response: key.get(options) });
  }

  const addIdentities = ({ username }: Account) =>
    execute(
      database.url,
      `INSERT INTO identities (user_id, issuer, subject)
       SELECT id, issuer, '${username}' FROM users, unnest('{corp,""}'::text[]) AS issuer WHERE username = '${username}'`,
    );
  const issuersOf = async ({ username }: Account) =>
    (
      await queryRows(database.url, `SELECT issuer FROM identities WHERE subject = '${username}' ORDER BY 1`)
    ).map(({ issuer }: any) => issuer);

  async function choosePassword({ username, email }: Account): Promise<void> {
    await forgot(username);
    let mail = await mailbox.next(email);
    while (mail.subject !== 'Choose a new password') mail = await mailbox.next(email);
    expect(await reset(tokenIn(mail), 'a better password')).toMatchObject({ username });
  }

  // Whoever registered the address added them, and the owner of the mailbox has the account now.
  test('by a link to an address that was not verified leaves nothing but the new password', async () => {
    const ada = await account();
    const key = new Authenticator(SITE);
    await addPasskey(ada, key);
    await addApp(ada);
    await addIdentities(ada);
    expect(await signInWith(key)).toMatchObject({ viewer: { user: { username: ada.username } } });
    await choosePassword(ada);
    expect(await signInWith(key)).toMatchObject({ code: 'INVALID_CREDENTIALS' });
    expect(await issuersOf(ada)).toEqual(['']);
    const { viewer } = await login(ada.username, 'a better password');
    expect(viewer).toMatchObject({ isEmailVerified: true });
    expect((await mailbox.next(ada.email)).subject).toBe(
      'Other ways to sign in were removed from your account',
    );
  });

  test('by a link to a verified address leaves the other ways to sign in, and the notice counts them', async () => {
    const ada = await verified();
    const key = new Authenticator(SITE);
    await addPasskey(ada, key);
    await addIdentities(ada);
    await choosePassword(ada);
    const notice = await mailbox.next(ada.email);
    expect(notice.subject).toBe('Your password was changed');
    expect(notice.text).toContain('Besides the password, 1 passkey and 1 identity can sign in');
    expect(await signInWith(key)).toMatchObject({ viewer: { user: { username: ada.username } } });
    expect(await issuersOf(ada)).toEqual(['', 'corp']);
  });

  test('by a link is nothing for a user of an issuer with an address that nobody has verified', async () => {
    const ada = await account();
    await addIdentities(ada);
    await execute(database.url, `UPDATE users SET password_hash = NULL WHERE username = '${ada.username}'`);
    const before = await mailsAfterAll();
    await forgot(ada.username);
    expect(await mailsAfterAll()).toBe(before);
  });

  test('is told to its verified address', async () => {
    const ada = await verified();
    const { token, username } = ada;
    const told = async () => {
      const { subject, text } = await mailbox.next(ada.email);
      if (subject !== 'Choose a new password') expect(text).toContain(`The account ${username} `);
      return subject;
    };
    const codes = await renewCodes(ada, await addApp(ada));
    expect(await told()).toBe('An authenticator app was added to your account');
    expect(await told()).toBe('Your recovery codes were replaced');
    await change('disableTotp', '__typename', withCode(codes[0]), { token });
    expect(await told()).toBe('The authenticator app was removed from your account');
    const passkeyId = await addPasskey(ada);
    expect(await told()).toBe('A passkey was added to your account');
    await change('deletePasskey', '__typename', { passkeyId, proof }, { token });
    expect(await told()).toBe('A passkey was removed from your account');
    await changePassword(ada, PASSWORD, 'a better password');
    expect(await told()).toBe('Your password was changed');
    await forgot(username);
    await reset(tokenIn(await mailbox.next(ada.email)), PASSWORD);
    expect(await told()).toBe('Your password was changed');
  });

  test('by the operator is told, too', async () => {
    const ada = await verified();
    await addPasskey(ada);
    await addApp(ada);
    await mailsAfterAll();
    const env = {
      DATABASE_URL: database.url,
      SMTP_URL: mailbox.url,
      MAIL_FROM: 'parley@example.org',
      PUBLIC_URL,
    };
    const options = ['--username', ada.username];
    expect((await runAdmin(['remove-second-factors', ...options], { env })).code).toBe(0);
    const password = ['--password', 'a better password'];
    expect((await runAdmin(['reset-password', ...options, ...password], { env })).code).toBe(0);
    await mailsAfterAll();
    const subjects = mailbox.mails.filter(({ to }) => to === ada.email).map(({ subject }) => subject);
    expect(subjects.slice(-3)).toEqual([
      'The authenticator app was removed from your account',
      'A passkey was removed from your account',
      'Your password was changed',
    ]);
  });

  test('is told whatever other changes were, and not to an address that nobody has verified', async () => {
    const [ada, bob] = [await verified(), await account()];
    let codes = await addApp(ada);
    for (let i = 0; i < 4; i++) {
      codes = await renewCodes(ada, codes);
      await mailsAfterAll();
    }
    await changePassword(bob, 'wrong password', 'a better password');
    await changePassword(bob, PASSWORD, 'a better password');
    await changePassword(ada, 'wrong password', 'a better password');
    await changePassword(ada, PASSWORD, 'a better password');
    await mailsAfterAll();
    const subjects = (to: string) =>
      mailbox.mails.filter((mail) => mail.to === to).map(({ subject }) => subject);
    expect(subjects(ada.email)).toEqual([
      'Verify your e-mail address',
      'An authenticator app was added to your account',
      ...Array(3).fill('Your recovery codes were replaced'),
      'Your password was changed',
    ]);
    expect(subjects(bob.email)).toEqual(['Verify your e-mail address']);
  });
});

// -- limits and failures -----------------------------------------------------------------------

describe('mails', () => {
  test('are few: to an address, for a network, and attempts at tokens', async () => {
    const { username, email } = await account();
    for (let i = 0; i < 6; i++) {
      expect((await forgot(username)).isAccepted).toBe(true);
      await mailsAfterAll();
    }
    const resets = mailbox.mails.filter(({ to, subject }) => to === email && /password/.test(subject));
    expect(resets).toHaveLength(3);
    const from = '192.0.2.1';
    const codes = [];
    for (let i = 0; i < 6; i++) codes.push((await forgot('nobody-at-all', { from })).code);
    expect(codes).toEqual([undefined, undefined, undefined, undefined, 'RATE_LIMITED', 'RATE_LIMITED']);
    // At once: one more is allowed every two seconds.
    const attempts = Array.from({ length: 31 }, () => verify('A'.repeat(43), { from }));
    const outcomes: string[] = (await Promise.all(attempts)).map(({ code }) => code);
    expect(outcomes.toSorted()).toEqual([...Array(30).fill('INVALID_CREDENTIALS'), 'RATE_LIMITED']);
  });

  test('are sent again if the mail server cannot take them now, and not if it refuses the address', async () => {
    mailbox.busyFor = 1;
    const { username, email } = await account();
    expect(mailbox.busyFor).toBe(0);
    // A mistake of the operator.
    mailbox.refusedSenders = 1;
    await forgot(username);
    const error = async () =>
      (await queryRows<{ last_error: string | null }>(database.url, 'SELECT last_error FROM jobs.jobs'))[0]
        ?.last_error ?? null;
    await expect.poll(error).toMatch(/^the mail server did not take a mail: EENVELOPE 550/);
    expect((await mailbox.next(email)).subject).toBe('Choose a new password');
    mailbox.unknown.add(email);
    const before = mailbox.mails.length;
    await forgot(username);
    expect(await mailsAfterAll()).toBe(before);
    await node.logged(({ msg }) => msg === 'a mail cannot be sent: the mail server refuses it');
    expect(node.output()).toContain('EMESSAGE 451');
    expect(node.output()).not.toContain(email);
  });

  test('and their tokens are in no log, and in no job', async () => {
    const { username, email, mail } = await account();
    const release = mailbox.hold();
    await forgot(username);
    await expect
      .poll(() => queryRows(database.url, 'SELECT locked_at IS NOT NULL AS running FROM jobs.jobs'))
      .toEqual([{ running: true }]);
    const jobs = await queryRows(database.url, 'SELECT payload::text FROM jobs._private_jobs');
    expect(jobs).toEqual([{ payload: JSON.stringify({ usernameOrEmail: username }) }]);
    release();
    const second = await mailbox.next(email);
    const stored = JSON.stringify(await queryRows(database.url, 'SELECT * FROM one_time_tokens'));
    for (const token of [tokenIn(mail), tokenIn(second)]) {
      expect(token).toHaveLength(43);
      expect(stored).not.toContain(token);
      expect(node.output()).not.toContain(token);
    }
  });
});

test('requests without an account do not use up the mails of users', async () => {
  const { token, email } = await account();
  const codes = new Set<string | undefined>();
  while (!codes.has('RATE_LIMITED'))
    for (const { code } of await Promise.all(Array.from({ length: 20 }, () => forgot('nobody-at-all'))))
      codes.add(code);
  expect(await change('requestEmailVerification', 'email', null, { token })).toMatchObject({ email });
});

// -- without mail ------------------------------------------------------------------------------

test('a server without mail says so; its operator gives links', async () => {
  const silent = await startNode({ databaseUrl: database.url, redisUrl: inject('redisUrl') });
  try {
    const via = { via: silent };
    expect(silent.log().map(({ msg }) => msg)).toContain('mail is off, because SMTP_URL is not set');
    expect(await ask('{ serverInfo { sendsMail } }', {}, via)).toEqual({ serverInfo: { sendsMail: false } });
    expect(await ask('{ serverInfo { sendsMail } }', {})).toEqual({ serverInfo: { sendsMail: true } });
    const { tokens } = await register('silent', 'silent@example.com', via);
    const token = { token: tokens.accessToken };
    expect(await register('silent2', 'Silent@example.com', via)).toMatchObject({
      code: 'CONFLICT',
      path: ['input', 'email'],
    });
    for (const refused of [
      await forgot('silent', via),
      await change('requestEmailVerification', 'email', null, { ...via, ...token }),
      await change(
        'changeEmail',
        VIEWER,
        { newEmail: 'a@b.example', password: PASSWORD },
        { ...via, ...token },
      ),
    ])
      expect(refused.code).toBe('PERMISSION_DENIED');

    const link = async (command: string) => {
      const env = { DATABASE_URL: database.url, PUBLIC_URL };
      const { code, out } = await runAdmin([command, '--username', 'silent'], { env });
      expect(code).toBe(0);
      return out.trim();
    };
    const resetting = await link('password-reset-link');
    expect(await reset(resetting.slice(-43), 'a good password')).toMatchObject({ username: 'silent' });
    // No mailbox got this link.
    expect((await login('silent', 'a good password', via)).viewer.isEmailVerified).toBe(false);
    const verifying = await link('email-verification-link');
    expect(verifying.startsWith(`${PUBLIC_URL}#verify=`)).toBe(true);
    expect(await verify(verifying.slice(-43), via)).toMatchObject({ email: 'silent@example.com' });
    expect(await reset((await link('password-reset-link')).slice(-43), 'a better password')).toMatchObject({
      username: 'silent',
    });
    const again = await login('silent', 'a better password', via);
    expect(again.viewer.isEmailVerified).toBe(true);
    // No mail waits for the day on which the server gets mail.
    const before = await mailsAfterAll();
    const passwords = { currentPassword: 'a better password', newPassword: 'the best password' };
    const changing = { ...via, token: again.tokens.accessToken };
    expect((await change('changePassword', '__typename', passwords, changing)).code).toBeUndefined();
    expect(await mailsAfterAll()).toBe(before);
  } finally {
    await silent.stop();
  }
});
