import { expect, test } from 'vitest';
import { loadSettings } from '../src/config.ts';
import { MAX_PASSKEYS } from '../src/factors/passkeys.ts';
import { relyingPartyOf } from '../src/factors/relying-party.ts';
import { Authenticator } from './harness/authenticator.ts';
import { ask, type Person, signUp } from './harness/people.ts';
import { PASSWORD } from './harness/sdk.ts';
import { type Stage, setStage } from './harness/stage.ts';
import { codeOf } from './harness/totp.ts';

// Passkeys: created, used to sign in and as a proof, and everything that a stranger could send instead.

const ORIGIN = 'https://chat.example.org';
const APP = 'https://app.chat.example.org';
const FOREIGN = 'https://example.net';

let stage: Stage;
setStage(
  (ready) => {
    stage = ready;
  },
  'stop',
  { PUBLIC_URL: `${ORIGIN}/page`, CORS_ORIGINS: `${APP},${FOREIGN}`, LOGINS_PER_MINUTE: '1000' },
);

const CREATION = `options { challenge timeout attestation rp { id name } user { id name } pubKeyCredParams { type alg }
  excludeCredentials { type id transports } authenticatorSelection { residentKey requireResidentKey userVerification } }`;
const proof = { password: PASSWORD };
const PASSKEY = 'passkey { id name isSynced lastUsedAt }';
const wrong = { code: 'INVALID_CREDENTIALS', path: ['input', 'response'] };

const beginWith = (person: Person, given: object = proof) =>
  person.change('beginPasskeyRegistration', { proof: given }, CREATION);
const finish = (person: Person, response: object, name = 'my key') =>
  person.change('finishPasskeyRegistration', { response, name }, PASSKEY);

async function change(name: string, input: object, fields: string): Promise<any> {
  const Name = name.charAt(0).toUpperCase() + name.slice(1);
  const query = `mutation ($input: ${Name}Input!) { ${name}(input: $input) { __typename ... on ${Name}Success { ${fields} }
    ... on UserError { code path } } }`;
  const { data, errors } = await ask<any>(stage.node.url, query, { input });
  expect(errors).toEqual([]);
  return data[name];
}

async function challenge(): Promise<any> {
  const query = `mutation { beginPasskeyLogin { ... on BeginPasskeyLoginSuccess { options { challenge rpId timeout userVerification } } } }`;
  return (await ask<any>(stage.node.url, query)).data.beginPasskeyLogin.options;
}

const login = (response: object) =>
  change(
    'loginWithPasskey',
    { response, deviceName: 'the key' },
    'tokens { accessToken } viewer { user { username } }',
  );

interface Owner {
  readonly person: Person;
  readonly key: Authenticator;
  readonly passkeyId: string;
}

async function owner(name: string): Promise<Owner> {
  const person = await signUp(stage.node, name);
  const key = new Authenticator(ORIGIN);
  const { options } = await beginWith(person);
  const { passkey } = await finish(person, key.create(options));
  return { person, key, passkeyId: passkey.id };
}

test('a user creates a passkey, signs in with it, renames it and deletes it', async () => {
  const person = await signUp(stage.node, 'ann');
  const key = new Authenticator(ORIGIN);
  expect(await beginWith(person, { password: 'wrong' })).toMatchObject({
    path: ['input', 'proof', 'password'],
  });
  const { options } = await beginWith(person);
  expect(options).toMatchObject({
    attestation: 'none',
    rp: { id: 'chat.example.org' },
    user: { name: person.username },
    pubKeyCredParams: [-8, -7, -257].map((alg) => ({ type: 'public-key', alg })),
    excludeCredentials: [],
    authenticatorSelection: {
      residentKey: 'required',
      requireResidentKey: true,
      userVerification: 'required',
    },
  });
  const { passkey } = await finish(person, key.create(options), '  my key ');
  expect(passkey).toMatchObject({ name: 'my key', isSynced: false, lastUsedAt: null });
  expect((await beginWith(person)).options.excludeCredentials).toEqual([
    { type: 'public-key', id: key.id.toString('base64url'), transports: ['hybrid', 'internal'] },
  ]);

  const asked = await challenge();
  expect(asked).toMatchObject({ rpId: 'chat.example.org', timeout: 300_000, userVerification: 'required' });
  key.origin = APP; // an application in the domain
  const { tokens, viewer } = await login(key.get(asked));
  expect(viewer.user.username).toBe(person.username);
  const signedIn = person.withToken(tokens.accessToken);
  const seen = await signedIn.ask(
    '{ viewer { passkeys { id lastUsedAt } sessions(first: 1) { nodes { deviceName } } } serverInfo { passkeyDomain } }',
  );
  expect(seen.data).toEqual({
    viewer: {
      passkeys: [{ id: passkey.id, lastUsedAt: expect.any(String) }],
      sessions: { nodes: [{ deviceName: 'the key' }] },
    },
    serverInfo: { passkeyDomain: 'chat.example.org' },
  });

  const rename = (by: Person, name: string) =>
    by.change('renamePasskey', { passkeyId: passkey.id, name }, PASSKEY);
  expect((await rename(person, 'the old one')).passkey.name).toBe('the old one');
  expect((await rename(person, ' ')).path).toEqual(['input', 'name']);
  expect((await rename(stage.ada, 'mine now')).code).toBe('NOT_FOUND');
  const node = 'query ($id: ID!) { node(id: $id) { ... on Passkey { name } } }';
  expect((await person.ask(node, { id: passkey.id })).data.node).toEqual({ name: 'the old one' });
  expect((await stage.ada.ask(node, { id: passkey.id })).data.node).toBeNull();

  const remove = (by: Person, given: object) =>
    by.change('deletePasskey', { passkeyId: passkey.id, proof: given }, 'passkeyId');
  expect((await remove(stage.ada, proof)).code).toBe('NOT_FOUND');
  expect((await remove(person, { password: 'wrong' })).path).toEqual(['input', 'proof', 'password']);
  const own = key.get(await challenge());
  expect((await remove(person, { passkey: own })).passkeyId).toBe(passkey.id);
  expect(await login(key.get(await challenge()))).toMatchObject(wrong);
});

test('a registration takes only what a browser has answered to its own challenge', async () => {
  const person = await signUp(stage.node, 'bob');
  const other = await signUp(stage.node, 'eve');
  const key = new Authenticator(ORIGIN);
  const begin = async () => (await beginWith(person)).options;
  const changedKey = (change: Partial<Authenticator>) => Object.assign(new Authenticator(ORIGIN), change);
  const used = await begin();
  const attempts: Record<string, () => Promise<any>> = {
    'the page of another site': async () =>
      finish(person, changedKey({ origin: FOREIGN }).create(await begin())),
    'a page without https': async () =>
      finish(person, changedKey({ origin: 'http://chat.example.org' }).create(await begin())),
    'a frame of another site': async () =>
      finish(person, changedKey({ crossOrigin: true }).create(await begin())),
    'another domain': async () => finish(person, key.create(await begin(), { rpId: 'example.net' })),
    'a user who was not verified': async () =>
      finish(person, changedKey({ isUserVerified: false }).create(await begin())),
    'an answer to a sign-in': async () => finish(person, key.create(await begin(), { type: 'webauthn.get' })),
    'a challenge of another user': async () => finish(other, key.create(await begin())),
    'a challenge of a sign-in': async () =>
      finish(person, key.create({ ...(await begin()), challenge: (await challenge()).challenge })),
    'no challenge of ours': async () => finish(person, key.create({ ...used, challenge: 'A'.repeat(43) })),
    'another id': async () => finish(person, { ...key.create(await begin()), id: 'AAAA' }),
    'bytes that are no CBOR': async () => {
      const { id, response } = key.create(await begin());
      return finish(person, {
        id,
        response: { ...response, attestationObject: Buffer.alloc(9_000, 0x81).toString('base64url') },
      });
    },
  };
  for (const [what, attempt] of Object.entries(attempts))
    expect([what, await attempt()]).toEqual([what, expect.objectContaining(wrong)]);
  const long = { ...key.create(used), id: 'A'.repeat(2_000) };
  expect(await finish(person, long)).toMatchObject({ code: 'VALIDATION', path: ['input', 'response', 'id'] });
  // Statements of the maker are not read: the server asked for none.
  const good = key.create(used, { fmt: 'packed' });
  expect((await finish(person, good)).passkey.name).toBe('my key');
  expect(await finish(person, good)).toMatchObject(wrong);
  expect((await finish(other, key.create((await beginWith(other)).options))).code).toBe('CONFLICT');
});

test('a sign-in takes only what a stored passkey has signed for its own challenge, once', async () => {
  const { person, key } = await owner('cat');
  const { person: other, key: otherKey } = await owner('dan');
  const handle = Buffer.from(other.userId).toString('base64url');
  const attempts: Record<string, () => Promise<object>> = {
    'the page of another site': async () => {
      key.origin = FOREIGN;
      const response = key.get(await challenge());
      key.origin = ORIGIN;
      return response;
    },
    'another domain': async () => key.get(await challenge(), { rpId: 'example.net' }),
    'an answer to a registration': async () => key.get(await challenge(), { type: 'webauthn.create' }),
    'the handle of another user': async () => key.get(await challenge(), { userHandle: handle }),
    'a challenge of a registration': async () =>
      key.get({ ...(await challenge()), challenge: (await beginWith(person)).options.challenge }),
    'the id of another passkey': async () => ({
      ...key.get(await challenge()),
      id: otherKey.id.toString('base64url'),
    }),
    'a key that is not stored': async () => new Authenticator(ORIGIN).get(await challenge()),
    'another signature': async () => {
      const { id, response } = key.get(await challenge());
      return { id, response: { ...response, signature: otherKey.get(await challenge()).response.signature } };
    },
    'a user who was not verified': async () => {
      key.isUserVerified = false;
      const response = key.get(await challenge());
      key.isUserVerified = true;
      return response;
    },
  };
  for (const [what, attempt] of Object.entries(attempts))
    expect([what, await login(await attempt())]).toEqual([what, expect.objectContaining(wrong)]);
  const response = key.get(await challenge());
  const answers = await Promise.all(Array.from({ length: 20 }, () => login(response)));
  expect(answers.filter(({ viewer }) => viewer?.user.username === person.username)).toHaveLength(1);
});

test('a counter that goes back is refused, also of two sign-ins at once', async () => {
  const { key } = await owner('eli');
  const signIn = async (counter: number) => {
    key.counter = counter;
    return login(key.get(await challenge()));
  };
  expect((await signIn(5)).__typename).toBe('LoginWithPasskeySuccess');
  expect(await signIn(5)).toMatchObject(wrong);
  expect(await signIn(4)).toMatchObject(wrong);
  expect(await signIn(0)).toMatchObject(wrong);
  key.counter = 6;
  const responses = await Promise.all([challenge(), challenge()].map(async (asked) => key.get(await asked)));
  const answers = await Promise.all(responses.map(login));
  expect(answers.filter(({ tokens }) => tokens)).toHaveLength(1);
  expect(answers.find(({ tokens }) => !tokens)).toMatchObject(wrong);
});

test('a passkey is a proof, and signs in without a code of the app', async () => {
  const { person, key } = await owner('fay');
  const { key: otherKey } = await owner('gus');
  const begin = async (given: object) => person.change('beginTotp', { proof: given }, 'secret');
  expect(await begin({ passkey: otherKey.get(await challenge()) })).toMatchObject({
    code: 'INVALID_CREDENTIALS',
    path: ['input', 'proof', 'passkey'],
  });
  const both = { ...proof, passkey: key.get(await challenge()) };
  for (const given of [{}, both]) expect((await begin(given)).code).toBe('VALIDATION');
  const { secret } = await begin({ passkey: key.get(await challenge()) });
  await person.change('confirmTotp', { code: codeOf(secret) }, '__typename');
  expect((await login(key.get(await challenge()))).__typename).toBe('LoginWithPasskeySuccess');
  const used = { passkey: key.get(await challenge()) };
  const remove = () => person.change('disableTotp', { proof: used }, '__typename');
  expect((await remove()).__typename).toBe('DisableTotpSuccess');
  expect(await remove()).toMatchObject({ path: ['input', 'proof', 'passkey'] });
});

test('an account has a limited number of passkeys', async () => {
  const { person } = await owner('hal');
  const create = async (options: object) => finish(person, new Authenticator(ORIGIN).create(options));
  const begun = await Promise.all(Array.from({ length: MAX_PASSKEYS + 2 }, () => beginWith(person)));
  const answers = await Promise.all(begun.map(({ options }) => create(options)));
  const made = answers.filter(({ passkey }) => passkey);
  expect(made).toHaveLength(MAX_PASSKEYS - 1);
  expect(new Set(answers.filter((each) => !made.includes(each)).map(({ code }) => code))).toEqual(
    new Set(['CONFLICT']),
  );
  expect((await beginWith(person)).code).toBe('CONFLICT');
});

test('the domain is that of PUBLIC_URL, with https or on this machine', () => {
  const partyOf = (env: Record<string, string>) => relyingPartyOf(loadSettings(env));
  const production = { NODE_ENV: 'production', JWT_SECRET: 'a secret that is only for this test 0123456789' };
  expect(partyOf(production)).toBeNull();
  for (const PUBLIC_URL of ['http://chat.example.org/', 'https://192.0.2.1/', 'https://[2001:db8::1]/'])
    expect(partyOf({ PUBLIC_URL })).toBeNull();
  const local = partyOf({});
  expect(local?.id).toBe('localhost');
  expect(['http://localhost:4000', 'http://localhost'].every((origin) => local?.isOrigin(origin))).toBe(true);
  expect(
    ['http://localhost.example.org', 'http://127.0.0.1:4000', 'null'].some((origin) =>
      local?.isOrigin(origin),
    ),
  ).toBe(false);
  const CORS_ORIGINS =
    'https://a.example.org,https://badexample.org,https://example.net,http://b.example.org';
  const party = partyOf({ ...production, PUBLIC_URL: 'https://example.org:8443/', CORS_ORIGINS });
  const origins = ['https://example.org:8443', 'https://example.org', ...CORS_ORIGINS.split(',')];
  expect(origins.filter((origin) => party?.isOrigin(origin))).toEqual([
    'https://example.org:8443',
    'https://a.example.org',
  ]);
});
