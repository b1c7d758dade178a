import { CHALLENGE_ATTEMPTS, CHALLENGE_MINUTES } from '../../src/accounts/challenges.ts';
import { RECOVERY_CODES } from '../../src/factors/codes.ts';
import {
  CEREMONY_MINUTES,
  MAX_PASSKEY_NAME,
  MAX_PASSKEYS,
  passkeyRefusals,
} from '../../src/factors/passkeys.ts';
import { SETUP_MINUTES } from '../../src/factors/totp.ts';
import { Authenticator } from '../harness/authenticator.ts';
import { codeOf } from '../harness/totp.ts';
import { row } from '../realtime/convergence/row.ts';
import type { CapabilityCases } from './cases.ts';

const PASSWORD = 'correct horse battery';
const proof = { password: PASSWORD };
const clientDataJSON = Buffer.from('{"challenge":"none","origin":"http://localhost"}').toString('base64url');
const attestation = { id: 'AAAA', response: { clientDataJSON, attestationObject: 'AAAA' } };
const assertion = { id: 'AAAA', response: { clientDataJSON, authenticatorData: 'AAAA', signature: 'AAAA' } };
const wrongProof = () => ({ proof: { password: 'wrong' } });

export const factors: CapabilityCases = {
  name: 'factors',
  limits: {
    'wait of a sign-in': [CHALLENGE_MINUTES, CHALLENGE_ATTEMPTS],
    'confirmation of an app': [SETUP_MINUTES],
    'recovery codes': [RECOVERY_CODES],
    'passkeys of an account': [MAX_PASSKEYS],
    'name of a passkey': [MAX_PASSKEY_NAME],
    'challenge of a passkey': [CEREMONY_MINUTES],
  },
  // No event tells of second factors, and the users of a sequence go on signing in with their passwords.
  mutations: {
    beginTotp: row(1, ({ random }) => ({ proof: random.chance(0.5) ? proof : { password: 'wrong' } }), 'uri'),
    confirmTotp: row(1, () => ({ code: 'no code' }), 'recoveryCodes'),
    disableTotp: row(1, wrongProof, '__typename'),
    regenerateRecoveryCodes: row(1, wrongProof, 'recoveryCodes'),
    beginPasskeyRegistration: row(1, wrongProof, '__typename'),
    finishPasskeyRegistration: row(1, () => ({ response: attestation, name: 'a key' }), '__typename'),
    beginPasskeyLogin: () => ({
      weight: 1,
      async play(_world, _actor, person) {
        return (await person.ask('mutation { beginPasskeyLogin { __typename } }')).data.beginPasskeyLogin;
      },
    }),
    loginWithPasskey: row(1, () => ({ response: assertion }), '__typename'),
    renamePasskey: row(1, () => ({ passkeyId: 'passkey_999999', name: 'a key' }), '__typename'),
    deletePasskey: row(1, () => ({ passkeyId: 'passkey_999999', proof }), '__typename'),
    completeLogin: row(1, () => ({ challenge: 'not one of ours', code: '000000' }), '__typename'),
  },
  inputs: {
    proof,
    code: '000000',
    challenge: 'A'.repeat(43),
    passkeyId: 'passkey_999999',
    attestationObject: 'AAAA',
    clientDataJSON,
  },
  plans: {
    'the second factors of the viewer': '{ viewer { totpEnabledAt recoveryCodesLeft passkeys { name } } }',
    async 'an app that is set up, used for a sign-in, and removed'({ bob }) {
      const { secret } = await bob.change('beginTotp', { proof }, 'secret');
      const { recoveryCodes } = await bob.change('confirmTotp', { code: codeOf(secret) }, 'recoveryCodes');
      const { data } = await bob.ask(
        `mutation ($input: LoginInput!) { login(input: $input) { ... on SecondFactorRequiredError { challenge } } }`,
        { input: { usernameOrEmail: bob.username, password: PASSWORD } },
      );
      const { challenge } = data.login;
      await bob.change('completeLogin', { challenge, code: codeOf(secret, 1) }, '__typename');
      const withCode = (index: number) => ({ proof: { ...proof, code: recoveryCodes[index] } });
      const { recoveryCodes: others } = await bob.change(
        'regenerateRecoveryCodes',
        withCode(0),
        'recoveryCodes',
      );
      await bob.change('disableTotp', { proof: { ...proof, code: others[0] } }, '__typename');
    },
    async 'a passkey that is created, used, renamed and deleted'({ bob }) {
      const key = new Authenticator('https://chat.example.org');
      const creation = 'options { challenge rp { id } user { id } excludeCredentials { id } }';
      const { options } = await bob.change('beginPasskeyRegistration', { proof }, creation);
      const finished = { response: key.create(options), name: 'a key' };
      const { passkey } = await bob.change('finishPasskeyRegistration', finished, 'passkey { id }');
      const challenge = async () => {
        const query = `mutation { beginPasskeyLogin { ... on BeginPasskeyLoginSuccess { options { challenge rpId } } } }`;
        return (await bob.ask(query)).data.beginPasskeyLogin.options;
      };
      await bob.change('loginWithPasskey', { response: key.get(await challenge()) }, '__typename');
      await bob.change('renamePasskey', { passkeyId: passkey.id, name: 'another' }, 'passkey { name }');
      await bob.ask('query ($id: ID!) { node(id: $id) { ... on Passkey { name } } }', { id: passkey.id });
      const byPasskey = { passkey: key.get(await challenge()) };
      await bob.change('deletePasskey', { passkeyId: passkey.id, proof: byPasskey }, '__typename');
    },
  },
  statuses: { functions: ['add_passkey'], refusals: passkeyRefusals },
};
