import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Services } from '../src/context.ts';
import { SecretBox } from '../src/factors/secret-box.ts';
import { PER_RUN } from '../src/factors/store.ts';
import { sealAgain } from '../src/factors/totp.ts';
import { openDatabase } from '../src/platform/db.ts';
import { createLog, createMetrics } from '../src/platform/telemetry.ts';
import { runAdmin } from './harness/admin.ts';
import { createDatabase, execute, queryRows, type TestDatabase } from './harness/database.ts';
import { numberIn } from './harness/ids.ts';
import { JWT_SECRET, startNode, type TestNode } from './harness/node.ts';
import { type Person, signUp } from './harness/people.ts';
import { PASSWORD } from './harness/sdk.ts';
import { codeOf, wrongCodeOf } from './harness/totp.ts';

// Sign-ins that need a code of an app, or a recovery code.

const CODES_PER_HOUR = 100;

let database: TestDatabase;
let node: TestNode;

beforeAll(async () => {
  database = await createDatabase();
  const env = {
    LOGINS_PER_MINUTE: '10000',
    SECOND_FACTOR_CODES_PER_HOUR: `${CODES_PER_HOUR}`,
    TRUST_PROXY: 'true',
  };
  node = await startNode({ databaseUrl: database.url, env });
});

afterAll(async () => {
  await node?.stop();
  await database?.drop();
});

interface Asking {
  readonly token?: string;
  /** The network of the client. Default: one that every account was used from. */
  readonly from?: string;
}

/** The answer of one mutation: its success, or its refusal. */
async function change(
  name: string,
  input: object,
  fields: string,
  { token, from }: Asking = {},
): Promise<any> {
  const Name = name.charAt(0).toUpperCase() + name.slice(1);
  const query = `mutation ($input: ${Name}Input!) { ${name}(input: $input) { __typename ... on ${Name}Success { ${fields} }
    ... on UserError { code path } ${name === 'login' ? '... on SecondFactorRequiredError { challenge expiresAt methods }' : ''} } }`;
  const response = await fetch(node.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token && { authorization: `Bearer ${token}` }),
      ...(from && { 'x-forwarded-for': from }),
    },
    body: JSON.stringify({ query, variables: { input } }),
  });
  const { data, errors } = (await response.json()) as any;
  expect(errors).toBeUndefined();
  return data[name];
}

const VIEWER = 'viewer { user { username } totpEnabledAt recoveryCodesLeft }';
const login = (person: Person, password = PASSWORD) =>
  change('login', { usernameOrEmail: person.username, password }, `tokens { accessToken } ${VIEWER}`);
const complete = (challenge: string, code: string, from?: string) =>
  change('completeLogin', { challenge, code }, `tokens { accessToken } ${VIEWER}`, { ...(from && { from }) });
const viewerOf = async (person: Person) => (await person.ask(`{ ${VIEWER} }`)).data.viewer;

const wrongCode = { code: 'INVALID_CREDENTIALS', path: ['input', 'code'] };
const wrongChallenge = { code: 'INVALID_CREDENTIALS', path: ['input', 'challenge'] };
const proof = { password: PASSWORD };

interface Owner {
  readonly person: Person;
  readonly secret: string;
  readonly recoveryCodes: readonly string[];
}

/** A user with an app, which has shown the code of the present time step. */
async function owner(name: string): Promise<Owner> {
  const person = await signUp(node, name);
  const { secret } = await person.change('beginTotp', { proof }, 'secret');
  const { recoveryCodes } = await person.change('confirmTotp', { code: codeOf(secret) }, 'recoveryCodes');
  return { person, secret, recoveryCodes };
}

/** Lets the account forget which codes of the app were used. */
const forgetStep = ({ person }: Owner) =>
  execute(database.url, `UPDATE totp_secrets SET last_step = 0 WHERE user_id = ${numberIn(person.userId)}`);

/** Challenges as `login` makes them, without the price of a password. */
async function challengesOf({ person }: Owner, count: number): Promise<string[]> {
  const tokens = Array.from({ length: count }, () => randomBytes(32).toString('base64url'));
  const hashes = tokens.map((token) => `'\\x${createHash('sha256').update(token).digest('hex')}'::bytea`);
  await execute(
    database.url,
    `INSERT INTO one_time_tokens (hash, purpose, user_id, expires_at)
     SELECT x.hash, 'second-factor', ${numberIn(person.userId)}, now() + interval '5 minutes' FROM unnest(ARRAY[${hashes.join()}]) AS x(hash)`,
  );
  return tokens;
}

describe('an app', () => {
  test('is set up with the password and its first code, and then signing in needs its codes', async () => {
    const person = await signUp(node, 'ann');
    expect(await person.change('beginTotp', { proof: { password: 'wrong' } }, 'uri')).toMatchObject({
      code: 'INVALID_CREDENTIALS',
      path: ['input', 'proof', 'password'],
    });
    expect((await person.change('confirmTotp', { code: '123456' }, 'viewer { user { id } }')).code).toBe(
      'CONFLICT',
    );
    const first = await person.change('beginTotp', { proof }, 'secret');
    const { secret, uri } = await person.change('beginTotp', { proof }, 'secret uri expiresAt');
    expect(new URL(uri).searchParams.get('secret')).toBe(secret);
    expect(decodeURIComponent(new URL(uri).pathname)).toContain(`Parley:${person.username}`);
    expect((await login(person)).viewer).toMatchObject({ totpEnabledAt: null, recoveryCodesLeft: 0 });

    const confirm = (code: string) => person.change('confirmTotp', { code }, `recoveryCodes ${VIEWER}`);
    expect(await confirm(codeOf(first.secret))).toMatchObject(wrongCode);
    expect(await confirm(wrongCodeOf(secret))).toMatchObject(wrongCode);
    expect(await confirm('12345')).toMatchObject({ code: 'VALIDATION', path: ['input', 'code'] });
    const { recoveryCodes, viewer } = await confirm(codeOf(secret));
    expect(new Set(recoveryCodes).size).toBe(10);
    expect(viewer).toMatchObject({ totpEnabledAt: expect.any(String), recoveryCodesLeft: 10 });
    expect(
      (await person.change('beginTotp', { proof: { ...proof, code: recoveryCodes[9] } }, 'uri')).code,
    ).toBe('CONFLICT');

    expect(await login(person, 'wrong password')).toEqual({
      __typename: 'InvalidCredentialsError',
      code: 'INVALID_CREDENTIALS',
      path: null,
    });
    const { challenge, expiresAt, ...needed } = await login(person);
    expect(needed).toEqual({
      __typename: 'SecondFactorRequiredError',
      code: 'SECOND_FACTOR_REQUIRED',
      path: null,
      methods: ['TOTP', 'RECOVERY_CODE'],
    });
    expect(Date.parse(expiresAt)).toBeGreaterThan(Date.now());
    expect(await complete(challenge, wrongCodeOf(secret))).toMatchObject(wrongCode);
    // The confirmation used the present code up.
    const signedIn = await complete(challenge, codeOf(secret, 1));
    expect(signedIn.viewer.user.username).toBe(person.username);
    expect((await viewerOf(person.withToken(signedIn.tokens.accessToken))).recoveryCodesLeft).toBe(9);
    expect(await complete(challenge, recoveryCodes[0])).toMatchObject(wrongChallenge);
  });

  test('is not confirmed after ten minutes', async () => {
    const person = await signUp(node, 'late');
    const { secret } = await person.change('beginTotp', { proof }, 'secret');
    const id = numberIn(person.userId);
    await execute(
      database.url,
      `UPDATE totp_secrets SET created_at = created_at - interval '11 minutes' WHERE user_id = ${id}`,
    );
    expect((await person.change('confirmTotp', { code: codeOf(secret) }, '__typename')).code).toBe(
      'CONFLICT',
    );
    expect((await login(person)).__typename).toBe('LoginSuccess');
  });

  test('is removed with a code, and so are the recovery codes replaced', async () => {
    const { person, recoveryCodes } = await owner('rea');
    const refused = { code: 'INVALID_CREDENTIALS', path: ['input', 'proof', 'code'] };
    for (const code of [undefined, recoveryCodes[0]?.replace(/^./, (letter) => (letter === 'a' ? 'b' : 'a'))])
      for (const name of ['disableTotp', 'regenerateRecoveryCodes'])
        expect(await person.change(name, { proof: { ...proof, code } }, '__typename')).toMatchObject(refused);
    const { recoveryCodes: others } = await person.change(
      'regenerateRecoveryCodes',
      { proof: { ...proof, code: recoveryCodes[0] } },
      'recoveryCodes',
    );
    const remove = (code?: string) => person.change('disableTotp', { proof: { ...proof, code } }, VIEWER);
    expect(await remove(recoveryCodes[1])).toMatchObject(refused);
    expect((await remove(others[0])).viewer).toMatchObject({ totpEnabledAt: null, recoveryCodesLeft: 0 });
    expect((await remove()).code).toBe('CONFLICT');
    expect((await login(person)).__typename).toBe('LoginSuccess');
  });

  test('is asked for after a new password by a link, and removed by the operator', async () => {
    const { person, secret } = await owner('lou');
    const pending = await login(person);
    const admin = async (command: string) =>
      (
        await runAdmin([command, '--username', person.username], { env: { DATABASE_URL: database.url } })
      ).out.trim();
    const newPassword = 'a better password';
    const token = (await admin('password-reset-link')).slice(-43);
    expect((await change('resetPassword', { token, newPassword }, 'username')).username).toBe(
      person.username,
    );
    expect(await complete(pending.challenge, codeOf(secret, 1))).toMatchObject(wrongChallenge);
    expect((await login(person, newPassword)).code).toBe('SECOND_FACTOR_REQUIRED');
    expect(await admin('remove-second-factors')).toBe('removed');
    expect(await admin('remove-second-factors')).toBe('the account had none');
    expect((await login(person, newPassword)).__typename).toBe('LoginSuccess');
  });
});

describe('a code', () => {
  test('of the app works once, also for a hundred sign-ins at once', async () => {
    const sam = await owner('sam');
    await forgetStep(sam);
    const code = codeOf(sam.secret);
    const challenges = await challengesOf(sam, 25);
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, i) => complete(challenges[i % 25] as string, code)),
    );
    const won = answers.filter(({ __typename }) => __typename === 'CompleteLoginSuccess');
    expect(won).toHaveLength(1);
    // Those of the challenge that was used are refused for that, or for the code.
    const others = answers.filter((each) => !won.includes(each));
    expect(new Set(others.map((answer) => answer.code))).toEqual(new Set(['INVALID_CREDENTIALS']));
    const [next = ''] = await challengesOf(sam, 1);
    expect(await complete(next, code, '203.0.113.1')).toMatchObject(wrongCode);
  });

  test('for recovery works once, however it is written, also for two sign-ins at once', async () => {
    const ron = await owner('ron');
    const challenges = await challengesOf(ron, 10);
    const written = ` ${ron.recoveryCodes[3]?.replaceAll('-', ' ').toUpperCase()} `;
    const answers = await Promise.all(challenges.map((challenge) => complete(challenge, written)));
    const won = answers.filter(({ __typename }) => __typename === 'CompleteLoginSuccess');
    expect(won.map(({ viewer }) => viewer.recoveryCodesLeft)).toEqual([9]);
    for (const answer of answers.filter((each) => !won.includes(each)))
      expect(answer).toMatchObject(wrongCode);
    const stored = await queryRows<{ hash: Buffer }>(database.url, 'SELECT hash FROM recovery_codes');
    expect(stored.every(({ hash }) => hash.length === 32)).toBe(true);
  });

  test('of another user is wrong', async () => {
    const [kim, lea] = [await owner('kim'), await owner('lea')];
    await forgetStep(kim);
    const [challenge = ''] = await challengesOf(kim, 1);
    expect(await complete(challenge, lea.recoveryCodes[0] as string)).toMatchObject(wrongCode);
    expect(await complete(challenge, codeOf(lea.secret))).toMatchObject(wrongCode);
    expect((await complete(challenge, codeOf(kim.secret))).viewer.user.username).toBe(kim.person.username);
  });

  test('is not tried with a challenge that has expired or had five codes, or is none', async () => {
    const tim = await owner('tim');
    await forgetStep(tim);
    const [guessed = '', expired = ''] = await challengesOf(tim, 2);
    const [right, wrong] = [codeOf(tim.secret), wrongCodeOf(tim.secret)];
    for (let i = 0; i < 5; i++) expect(await complete(guessed, wrong)).toMatchObject(wrongCode);
    const hash = createHash('sha256').update(expired).digest('hex');
    await execute(database.url, `UPDATE one_time_tokens SET expires_at = now() WHERE hash = '\\x${hash}'`);
    for (const challenge of [guessed, expired, '', 'x', 'A'.repeat(43)])
      expect(await complete(challenge, right)).toMatchObject(wrongChallenge);
    const [good = ''] = await challengesOf(tim, 1);
    expect((await complete(good, right)).__typename).toBe('CompleteLoginSuccess');
  });

  test('is not guessed from elsewhere; the owner gets in all the same', async () => {
    const joe = await owner('joe');
    await forgetStep(joe);
    const wrong = wrongCodeOf(joe.secret);
    const challenges = await challengesOf(joe, CODES_PER_HOUR / 5 + 2);
    // At once: each half minute another code may be tried.
    const guesses = await Promise.all(
      Array.from({ length: CODES_PER_HOUR }, (_, i) =>
        complete(challenges[Math.floor(i / 5)] as string, wrong, `198.51.${i}.1`),
      ),
    );
    for (const guess of guesses) expect(guess).toMatchObject(wrongCode);
    const [first = '', second = ''] = challenges.slice(-2);
    expect((await complete(first, codeOf(joe.secret), '198.51.100.7')).code).toBe('RATE_LIMITED');
    expect((await complete(first, joe.recoveryCodes[0] as string, '198.51.100.7')).__typename).toBe(
      'CompleteLoginSuccess',
    );
    expect((await complete(second, codeOf(joe.secret))).__typename).toBe('CompleteLoginSuccess');
  });
});

describe('secrets of apps', () => {
  test('are encrypted for one account, with a key of the server', () => {
    const [older, newer] = [`${'a'.repeat(40)}1`, `${'b'.repeat(40)}2`];
    const sealed = new SecretBox([older]).seal(7, 'SECRET');
    expect(sealed.includes('SECRET')).toBe(false);
    expect(new SecretBox([older]).seal(7, 'SECRET').equals(sealed)).toBe(false);
    expect(new SecretBox([newer, older]).open(7, sealed)).toBe('SECRET');
    expect(new SecretBox([newer, older]).open(8, sealed)).toBeNull();
    expect(new SecretBox([newer]).open(7, sealed)).toBeNull();
    for (let at = 0; at < sealed.length; at++) {
      const changed = Buffer.from(sealed);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      expect(new SecretBox([older]).open(7, changed)).toBeNull();
      expect(new SecretBox([older]).open(7, sealed.subarray(0, at))).toBeNull();
    }
  });

  test('are encrypted again after a change of the key, and useless in the row of another account', async () => {
    const eva = await owner('eva');
    // As many as one statement reads, between the two.
    await execute(
      database.url,
      `WITH lost AS (
         INSERT INTO users (username, display_name) SELECT 'lost-' || n, 'lost' FROM generate_series(1, ${PER_RUN}) n
         RETURNING id
       ) INSERT INTO totp_secrets (user_id, secret) SELECT id, sha512('of an unknown key') FROM lost`,
    );
    const max = await owner('max');
    const newer = `${'c'.repeat(40)}3`;
    const db = openDatabase(database.url, 4, createLog('silent', 'test'), createMetrics());
    const node = {
      db,
      secrets: [newer, JWT_SECRET],
      log: createLog('silent', 'test'),
    } as unknown as Services;
    const sealedOf = async ({ person }: Owner) =>
      (
        await queryRows<{ secret: Buffer }>(
          database.url,
          'SELECT secret FROM totp_secrets WHERE user_id = $1',
          [numberIn(person.userId)],
        )
      )[0]?.secret as Buffer;
    try {
      const before = await sealedOf(eva);
      expect(await sealAgain(node)).toBeGreaterThanOrEqual(2);
      const sealed = await sealedOf(eva);
      expect(new SecretBox([newer]).open(numberIn(eva.person.userId), sealed)).toBe(eva.secret);
      const sealedMax = await sealedOf(max);
      expect(new SecretBox([newer]).open(numberIn(max.person.userId), sealedMax)).toBe(max.secret);
      expect(await sealAgain(node)).toBe(0);
      await execute(
        database.url,
        `UPDATE totp_secrets SET last_step = 0, secret = '\\x${before.toString('hex')}'
         WHERE user_id IN (${numberIn(eva.person.userId)}, ${numberIn(max.person.userId)})`,
      );
    } finally {
      await db.close();
    }
    const [stolen = ''] = await challengesOf(max, 1);
    expect(await complete(stolen, codeOf(eva.secret))).toMatchObject(wrongCode);
    const [own = ''] = await challengesOf(eva, 1);
    expect((await complete(own, codeOf(eva.secret))).__typename).toBe('CompleteLoginSuccess');
  });
});
