import { serverRoleRefusals } from '../../src/accounts/server-roles.ts';
import { MAX_TOKEN } from '../../src/identities/issued-tokens.ts';
import { MAX_IDENTITIES, signInRefusals } from '../../src/identities/sign-in.ts';
import { MAX_UPSERTS } from '../../src/identities/upsert.ts';
import { row } from '../realtime/convergence/row.ts';
import type { CapabilityCases } from './cases.ts';

export const identities: CapabilityCases = {
  name: 'identities',
  limits: {
    'identities of one user': [MAX_IDENTITIES],
    'users of one `upsertUsers`': [MAX_UPSERTS],
    'a token of an issuer': [MAX_TOKEN],
  },
  mutations: {
    // Accounts are not folded. The nodes of a sequence know no issuer, and its users are no administrators.
    loginWithToken: row(1, () => ({ token: 'not one of ours' }), '__typename'),
    upsertUsers: row(1, () => ({ users: [{ externalId: '1', username: 'somebody' }] }), '__typename'),
    setServerRole: row(1, (world) => ({ userId: world.userId(), role: 'ADMIN' }), '__typename'),
  },
  inputs: {
    users: [{ externalId: '1', username: 'somebody' }],
  },
  plans: {
    'the identities and the role of the viewer': '{ viewer { serverRole identities { subject } } }',
  },
  sqlNumbers: {
    own: { sign_in_identity: [MAX_IDENTITIES - 1], upsert_users: [MAX_IDENTITIES - 1] },
  },
  statuses: {
    functions: ['sign_in_identity', 'set_server_role'],
    refusals: { ...signInRefusals, ...serverRoleRefusals },
  },
};
