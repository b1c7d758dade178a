import { CHALLENGE_ATTEMPTS, CHALLENGE_MINUTES } from '../../src/accounts/challenges.ts';
import { RECOVERY_CODES } from '../../src/factors/codes.ts';
import { SETUP_MINUTES } from '../../src/factors/totp.ts';
import { codeOf } from '../harness/totp.ts';
import { row } from '../realtime/convergence/row.ts';
import type { CapabilityCases } from './cases.ts';

const PASSWORD = 'correct horse battery';
const proof = { password: PASSWORD };
const wrongProof = () => ({ proof: { password: 'wrong' } });

export const factors: CapabilityCases = {
  name: 'factors',
  limits: {
    'wait of a sign-in': [CHALLENGE_MINUTES, CHALLENGE_ATTEMPTS],
    'confirmation of an app': [SETUP_MINUTES],
    'recovery codes': [RECOVERY_CODES],
  },
  // No event tells of second factors, and the users of a sequence go on signing in with their passwords.
  mutations: {
    beginTotp: row(1, ({ random }) => ({ proof: random.chance(0.5) ? proof : { password: 'wrong' } }), 'uri'),
    confirmTotp: row(1, () => ({ code: 'no code' }), 'recoveryCodes'),
    disableTotp: row(1, wrongProof, '__typename'),
    regenerateRecoveryCodes: row(1, wrongProof, 'recoveryCodes'),
    completeLogin: row(1, () => ({ challenge: 'not one of ours', code: '000000' }), '__typename'),
  },
  inputs: { proof, code: '000000', challenge: 'A'.repeat(43) },
  plans: {
    'the second factors of the viewer': '{ viewer { totpEnabledAt recoveryCodesLeft } }',
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
  },
};
