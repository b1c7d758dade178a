import { serverRoleRefusals } from '../../src/accounts/server-roles.ts';
import { MAX_TOKEN } from '../../src/identities/issued-tokens.ts';
import { linkRefusals } from '../../src/identities/linking.ts';
import { MAX_ANSWER, REQUEST_MINUTES } from '../../src/identities/oidc.ts';
import { MAX_IDENTITIES } from '../../src/identities/sign-in.ts';
import { MAX_UPSERTS } from '../../src/identities/upsert.ts';
import { row } from '../realtime/convergence/row.ts';
import type { CapabilityCases } from './cases.ts';

const PAGE = 'https://chat.example.org/';
const ANSWER = { secret: 'A'.repeat(43), code: 'x', state: 'x' };

export const identities: CapabilityCases = {
  name: 'identities',
  limits: {
    'identities of one user': [MAX_IDENTITIES],
    'users of one `upsertUsers`': [MAX_UPSERTS],
    'a token of an issuer': [MAX_TOKEN],
    'a code of an OpenID provider': [MAX_ANSWER],
    'a sign-in with an OpenID provider': [REQUEST_MINUTES],
  },
  mutations: {
    // Accounts are not folded. The nodes of a sequence know no issuer, and its users are no administrators.
    loginWithToken: row(1, () => ({ token: 'not one of ours' }), '__typename'),
    upsertUsers: row(1, () => ({ users: [{ externalId: '1', username: 'somebody' }] }), '__typename'),
    beginOidcLogin: row(1, () => ({ provider: 'nobody', redirectUri: PAGE }), '__typename'),
    completeOidcLogin: row(1, () => ANSWER, '__typename'),
    beginIdentityLink: row(1, () => ({ provider: 'nobody', redirectUri: PAGE }), '__typename'),
    linkIdentity: row(1, () => ANSWER, '__typename'),
    unlinkIdentity: row(1, () => ({ issuer: 'nobody', subject: '1' }), '__typename'),
    setServerRole: row(1, (world) => ({ userId: world.userId(), role: 'ADMIN' }), '__typename'),
  },
  inputs: {
    users: [{ externalId: '1', username: 'somebody' }],
  },
  plans: {
    'the identities and the role of the viewer':
      '{ viewer { serverRole hasPassword identities { subject } } }',
  },
  sqlNumbers: {
    own: {
      link_identity: [MAX_IDENTITIES - 1],
      sign_in_identity: [MAX_IDENTITIES - 1],
      upsert_users: [MAX_IDENTITIES - 1],
    },
  },
  statuses: {
    functions: ['sign_in_identity', 'link_identity', 'unlink_identity', 'set_server_role'],
    refusals: { ...linkRefusals, ...serverRoleRefusals },
  },
};
