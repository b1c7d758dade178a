import { afterAll, expect, test } from 'vitest';
import {
  beginLink,
  beginSignIn,
  completeProviderSignIn,
  identitiesOf,
  isProviderAnswer,
  type SecretStore,
  signInProviders,
  signInWithToken,
  unlinkIdentity,
} from '../../packages/client/src/sign-in.ts';
import { newSigningKey, sign } from '../harness/issuer.ts';
import { CLIENT, follow, OpenIdProvider } from '../harness/openid-provider.ts';
import { signUp } from '../harness/people.ts';
import { Device, PASSWORD } from '../harness/sdk.ts';
import { type Stage, setStage } from '../harness/stage.ts';

// How clients sign in with other systems.

const PAGE = 'http://127.0.0.1:3000/app';
const key = await newSigningKey('shop-1');
const provider = await OpenIdProvider.open();
provider.serve(PAGE);
afterAll(() => provider.close());

let stage: Stage;
setStage(
  (ready) => {
    stage = ready;
  },
  'stop',
  {
    ISSUERS: JSON.stringify([
      { name: 'shop', issuer: 'shop', audience: 'parley', keys: [key.jwk] },
      { name: 'corp', displayName: 'Corp', issuer: provider.issuer, ...CLIENT },
    ]),
  },
);

const opened: Device[] = [];
function newDevice(): Device {
  const device = new Device(stage.node.url);
  opened.push(device);
  return device;
}
afterAll(() => Promise.all(opened.map(({ client }) => client.close())));

/** The storage of one browser tab. */
function newTab(): SecretStore {
  const items = new Map<string, string>();
  return {
    getItem: (name) => items.get(name) ?? null,
    setItem: (name, value) => void items.set(name, value),
    removeItem: (name) => void items.delete(name),
  };
}

test('with a token of the own backend', async () => {
  const { client } = newDevice();
  const token = await sign(key, { iss: 'shop', sub: '1', name: 'Ann' });
  expect(await signInWithToken(client, token, 'a laptop')).toEqual({ isNew: true });
  expect(client.connection.getSnapshot().status).not.toBe('signed-out');
  expect(await identitiesOf(client)).toMatchObject({
    hasPassword: false,
    identities: [{ issuer: 'shop', subject: '1' }],
  });
  await expect(signInWithToken(client, 'nonsense')).rejects.toMatchObject({ code: 'INVALID_CREDENTIALS' });
});

test('with a provider, in the tab that has begun', async () => {
  const [device, tab] = [newDevice(), newTab()];
  const { client } = device;
  expect(await signInProviders(client)).toEqual([{ name: 'corp', displayName: 'Corp' }]);
  provider.user = '1';
  const answer = await follow(await beginSignIn(client, 'corp', PAGE, tab), PAGE);
  expect([isProviderAnswer(answer), isProviderAnswer(PAGE)]).toEqual([true, false]);
  await expect(completeProviderSignIn(client, answer, newTab())).rejects.toMatchObject({
    code: 'INVALID_CREDENTIALS',
  });
  expect(await completeProviderSignIn(client, answer, tab)).toEqual({ kind: 'sign-in', isNew: true });
  await device.live();
  await expect(completeProviderSignIn(client, answer, tab)).rejects.toMatchObject({
    code: 'INVALID_CREDENTIALS',
  });
});

test('of a provider that says no', async () => {
  const [{ client }, tab] = [newDevice(), newTab()];
  await beginSignIn(client, 'corp', PAGE, tab);
  const answer = `${PAGE}?error=access_denied&error_description=Not+today&state=x`;
  const refused = completeProviderSignIn(client, answer, tab);
  await expect(refused).rejects.toMatchObject({ code: 'PROVIDER_REFUSED', message: 'Not today' });
});

test('and link a provider to an account, and remove it', async () => {
  const bob = await signUp(stage.node, 'bob');
  const { client } = await newDevice().signIn(bob);
  const tab = newTab();
  await expect(beginLink(client, 'corp', PAGE, { password: 'wrong' }, tab)).rejects.toMatchObject({
    code: 'INVALID_CREDENTIALS',
    path: ['input', 'proof', 'password'],
  });
  provider.user = '2';
  const answer = await follow(await beginLink(client, 'corp', PAGE, { password: PASSWORD }, tab), PAGE);
  expect(await completeProviderSignIn(client, answer, tab)).toEqual({ kind: 'link', isNew: false });
  const { identities = [] } = (await identitiesOf(client)) ?? {};
  expect(identities).toMatchObject([{ issuer: 'corp', subject: '2' }]);
  for (const identity of identities) await unlinkIdentity(client, identity);
  expect(await identitiesOf(client)).toMatchObject({ identities: [], hasPassword: true });
});
