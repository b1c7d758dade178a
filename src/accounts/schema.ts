import { signedIn } from '../context.ts';
import { builder } from '../graphql/builder.ts';
import { connectionType, pageArgs } from '../graphql/connection.ts';
import { mutation } from '../graphql/mutation.ts';
import { findableNode, globalId, Node } from '../graphql/nodes.ts';
import { PAGE_SIZE } from '../graphql/paging.ts';
import { pricedList } from '../graphql/pricing.ts';
import { withRefusals } from '../graphql/with-refusals.ts';
import { changePassword, login, register } from './accounts.ts';
import { findUser, findUserByGlobalId, findUserByName, loadUser, type UserRow } from './people.ts';
import {
  findSession,
  isCurrentSession,
  listSessions,
  logout,
  refreshSession,
  refreshStreamAuth,
  revokeSession,
  type SessionRow,
  type SignIn,
} from './sessions.ts';
import type { SessionTokens as Tokens } from './tokens.ts';

// -- types -------------------------------------------------------------------------------------

export const User = builder.objectRef<UserRow>('User').implement({
  description: 'A person. Erased accounts stay as a node that says so, so that authors always resolve.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({ description: 'Opaque global id.', resolve: (user) => globalId('User', user.id) }),
    username: t.exposeString('username', {
      description: 'The unique name: 3 to 50 characters, the same whatever the case.',
    }),
    displayName: t.exposeString('displayName', {
      description: 'The name that people see, 1 to 100 characters.',
    }),
    isDeleted: t.boolean({
      description: 'The account was erased.',
      resolve: (user) => user.deletedAt !== null,
    }),
  }),
});

const Session = builder.prismaObject('Session', {
  description: 'A signed-in device. It ends when it is revoked, or when it has not been refreshed for long.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({ description: 'Opaque global id.', resolve: (session) => globalId('Session', session.id) }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was signed in.' }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      description: 'When it was last signed in or refreshed.',
    }),
    isCurrent: t.boolean({
      description:
        'It is the session of the access token that this was asked with, or was made by this mutation.',
      resolve: (session, _args, ctx) => isCurrentSession(ctx, Number(session.id)),
    }),
  }),
});

const { ConnectionType: ViewerSessionsConnection } = connectionType<SessionRow>(
  'ViewerSessions',
  Session,
  "the viewer's sessions",
);

/** Whoever asks, or has just signed in. Concepts to the right add what is the viewer's of theirs. */
export const Viewer = builder.objectRef<{ readonly userId: number }>('Viewer').implement({
  description: 'The person who is signed in, and what only that person may see.',
  fields: (t) => ({
    user: t.field({
      type: User,
      description: 'As others see the viewer.',
      resolve: ({ userId }, _args, ctx) => loadUser(ctx, userId),
    }),
    sessions: t.field({
      type: ViewerSessionsConnection,
      description: 'The sessions that have not ended, newest first; 20 by default.',
      extensions: pricedList({ usualSize: PAGE_SIZE, inEvents: false }),
      args: pageArgs(),
      resolve: ({ userId }, args, ctx) => withRefusals(ctx, () => listSessions(ctx, userId, args)),
    }),
  }),
});

const SessionTokens = builder.objectRef<Tokens>('SessionTokens').implement({
  description: 'What to go on with after signing in.',
  fields: (t) => ({
    accessToken: t.exposeString('accessToken', {
      description: 'For `Authorization: Bearer ...`, or as `connectionParams`.',
    }),
    accessTokenExpiresAt: t.expose('accessTokenExpiresAt', {
      type: 'DateTime',
      description: 'When the access token ends; refresh before.',
    }),
    refreshToken: t.exposeString('refreshToken', {
      description: 'For one refreshSession. Keep it secret: an old one that is used again ends the session.',
    }),
  }),
});

// -- reading -----------------------------------------------------------------------------------

findableNode('User', async (ctx, [id]) => (ctx.viewer ? findUser(ctx, id) : null));
findableNode('Session', (ctx, [id]) => findSession(ctx, id));

builder.queryFields((t) => ({
  viewer: t.field({
    type: Viewer,
    nullable: true,
    description: 'Who is signed in; null for an anonymous request.',
    resolve: (_root, _args, { viewer }) => viewer,
  }),
  user: t.withAuth({ signedIn: true }).field({
    type: User,
    nullable: true,
    description: 'A person by id; null where there is none.',
    args: { id: t.arg.id({ required: true, description: 'The id of a User.' }) },
    resolve: (_root, { id }, ctx) => withRefusals(ctx, () => findUserByGlobalId(ctx, id)),
  }),
  userByName: t.withAuth({ signedIn: true }).field({
    type: User,
    nullable: true,
    description: 'A person by username, whatever the case; null where there is none.',
    args: { username: t.arg.string({ required: true, description: 'The whole username.' }) },
    resolve: (_root, { username }, ctx) => withRefusals(ctx, () => findUserByName(ctx, username)),
  }),
}));

// -- signing in --------------------------------------------------------------------------------

function signedInSuccess(name: string, description: string) {
  return builder.objectRef<SignIn>(`${name}Success`).implement({
    description,
    fields: (t) => ({
      tokens: t.field({
        type: SessionTokens,
        description: 'The tokens of the new session.',
        resolve: ({ tokens }) => tokens,
      }),
      viewer: t.field({ type: Viewer, description: 'Who has signed in.', resolve: ({ viewer }) => viewer }),
    }),
  });
}

mutation('register', {
  description:
    'Makes an account and signs it in. Whether anybody may, or only the invited, is a setting of the server.',
  input: (t) => ({
    username: t.string({
      required: true,
      description: 'Unique whatever the case; 3 to 50 of A-Z, a-z, 0-9, _ and -.',
    }),
    email: t.string({
      required: true,
      description: 'An e-mail address that no other account has; at most 255 characters.',
    }),
    password: t.string({ required: true, description: '8 to 256 characters, not all of them spaces.' }),
    displayName: t.string({
      description: 'The name that people see, 1 to 100 characters; the username by default.',
    }),
    inviteToken: t.string({
      description: 'An invitation, where one is needed, or the token that makes the first administrator.',
    }),
  }),
  success: signedInSuccess('Register', 'The account is made and signed in.'),
  refusals: ['VALIDATION', 'CONFLICT', 'PERMISSION_DENIED', 'RATE_LIMITED', 'UNAVAILABLE'],
  resolve: (ctx, input) => register(ctx, input),
});

mutation('login', {
  description: 'Signs in with a password: begins a session.',
  input: (t) => ({
    usernameOrEmail: t.string({ required: true, description: 'Either, whatever the case.' }),
    password: t.string({ required: true, description: 'The password.' }),
  }),
  success: signedInSuccess('Login', 'A session has begun.'),
  refusals: ['VALIDATION', 'INVALID_CREDENTIALS', 'RATE_LIMITED', 'UNAVAILABLE'],
  resolve: (ctx, input) => login(ctx, input),
});

const RefreshSessionSuccess = builder.objectRef<{ tokens: Tokens }>('RefreshSessionSuccess').implement({
  description: 'The session goes on.',
  fields: (t) => ({
    tokens: t.field({
      type: SessionTokens,
      description: 'The next tokens of the session.',
      resolve: ({ tokens }) => tokens,
    }),
  }),
});

mutation('refreshSession', {
  description:
    'Exchanges a refresh token for the next pair of tokens. Asking again with the same token within ten seconds gives the ' +
    'same pair; a token that comes back later ends the session, because it may have been stolen.',
  input: (t) => ({
    refreshToken: t.string({ required: true, description: 'The last refresh token of the session.' }),
  }),
  success: RefreshSessionSuccess,
  refusals: ['INVALID_CREDENTIALS', 'RATE_LIMITED', 'UNAVAILABLE'],
  resolve: async (ctx, { refreshToken }) => ({ tokens: await refreshSession(ctx, refreshToken) }),
});

const RefreshStreamAuthSuccess = builder
  .objectRef<{ expiresAt: number }>('RefreshStreamAuthSuccess')
  .implement({
    description: 'The socket goes on with the new access token.',
    fields: (t) => ({
      accessTokenExpiresAt: t.field({
        type: 'DateTime',
        description: 'When the access token of the socket ends now.',
        resolve: ({ expiresAt }) => new Date(expiresAt),
      }),
    }),
  });

mutation('refreshStreamAuth', {
  description:
    'Swaps the access token of the socket that carries this mutation (same user and session); its streams go on. ' +
    'Over HTTP: a ConflictError.',
  input: (t) => ({
    accessToken: t.string({ required: true, description: 'A fresh access token, from refreshSession.' }),
  }),
  success: RefreshStreamAuthSuccess,
  refusals: ['INVALID_CREDENTIALS', 'CONFLICT'],
  resolve: (ctx, { accessToken }) => refreshStreamAuth(ctx, accessToken),
});

// -- ending sessions ---------------------------------------------------------------------------

function endedSuccess(name: string, description: string) {
  return builder.objectRef<{ sessionId: number }>(`${name}Success`).implement({
    description,
    fields: (t) => ({
      sessionId: t.id({
        description: 'The session that has ended.',
        resolve: ({ sessionId }) => globalId('Session', sessionId),
      }),
    }),
  });
}

mutation('logout', {
  description: "Ends the viewer's session. Its streams end within two seconds, on every node.",
  success: endedSuccess('Logout', 'The session has ended.'),
  refusals: ['UNAVAILABLE'],
  resolve: async (ctx) => ({ sessionId: await logout(signedIn(ctx)) }),
});

mutation('revokeSession', {
  description:
    "Ends one of the viewer's sessions, such as that of a lost device. Its streams end within two seconds.",
  input: (t) => ({ sessionId: t.id({ required: true, description: 'The id of a session of the viewer.' }) }),
  success: endedSuccess('RevokeSession', 'The session has ended.'),
  refusals: ['NOT_FOUND', 'UNAVAILABLE'],
  resolve: async (ctx, { sessionId }) => ({ sessionId: await revokeSession(signedIn(ctx), sessionId) }),
});

const ChangePasswordSuccess = builder.objectRef<{ userId: number }>('ChangePasswordSuccess').implement({
  description: 'The password is changed; all other sessions have ended.',
  fields: (t) => ({
    viewer: t.field({ type: Viewer, description: 'The viewer.', resolve: (viewer) => viewer }),
  }),
});

mutation('changePassword', {
  description: "Changes the viewer's password and ends all the viewer's other sessions.",
  input: (t) => ({
    currentPassword: t.string({ required: true, description: 'The password until now.' }),
    newPassword: t.string({ required: true, description: '8 to 256 characters, not all of them spaces.' }),
  }),
  success: ChangePasswordSuccess,
  refusals: ['VALIDATION', 'INVALID_CREDENTIALS', 'RATE_LIMITED', 'UNAVAILABLE'],
  resolve: (ctx, input) => changePassword(signedIn(ctx), input),
});
