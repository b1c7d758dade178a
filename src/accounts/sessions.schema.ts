import { signedIn } from '../context.ts';
import { builder } from '../graphql/builder.ts';
import { mutation } from '../graphql/mutation.ts';
import { globalId } from '../graphql/nodes.ts';
import { changePassword, login, register } from './accounts.ts';
import { DEVICE_NAME } from './devices.ts';
import { PASSWORD_RULES } from './new-passwords.ts';
import { SessionTokens, Viewer } from './schema.ts';
import {
  logout,
  logoutAllSessions,
  refreshSession,
  refreshStreamAuth,
  revokeSession,
  type SignIn,
} from './sessions.ts';
import type { SessionTokens as Tokens } from './tokens.ts';

// -- signing in --------------------------------------------------------------------------------

/** The success of a mutation that starts a session. */
export function signedInSuccess(name: string, description: string) {
  return builder.objectRef<SignIn>(`${name}Success`).implement({
    description,
    fields: (t) => ({
      tokens: t.field({
        type: SessionTokens,
        description: 'The tokens of the new session.',
        resolve: ({ tokens }) => tokens,
      }),
      viewer: t.field({ type: Viewer, description: 'The signed-in user.', resolve: ({ viewer }) => viewer }),
    }),
  });
}

mutation('register', {
  description:
    'Creates an account and signs it in. A setting of the server decides whether this needs an invitation.',
  input: (t) => ({
    username: t.string({
      required: true,
      description:
        'A unique name of 3 to 50 characters: A-Z, a-z, 0-9, _ and -. Upper and lower case are the same.',
    }),
    email: t.string({
      required: true,
      description:
        'An e-mail address, at most 255 characters. A server that sends mail sends a link to verify it; without mail it must be one ' +
        'that no other account uses.',
    }),
    password: t.string({
      required: true,
      description: PASSWORD_RULES,
    }),
    displayName: t.string({
      description: 'The name that others see, 1 to 100 characters. Default: the username.',
    }),
    inviteToken: t.string({
      description: 'An invitation, if the server requires one, or the token for the first administrator.',
    }),
    deviceName: t.string({ description: DEVICE_NAME }),
  }),
  success: signedInSuccess('Register', 'The account was created and is signed in.'),
  refusals: ['VALIDATION', 'CONFLICT', 'PERMISSION_DENIED', 'RATE_LIMITED', 'UNAVAILABLE'],
  forGuests: true,
  resolve: (ctx, input) => register(ctx, input),
});

mutation('login', {
  description:
    'Signs in with a password and starts a session. An account with a second factor gets a SecondFactorRequiredError instead, and ' +
    'signs in with completeLogin.',
  input: (t) => ({
    usernameOrEmail: t.string({
      required: true,
      description:
        'The username or the e-mail address, in upper or lower case. On a server that sends mail, an address counts when it is verified.',
    }),
    password: t.string({ required: true, description: 'The password.' }),
    deviceName: t.string({ description: DEVICE_NAME }),
  }),
  success: signedInSuccess('Login', 'The viewer is signed in with a new session.'),
  refusals: ['VALIDATION', 'INVALID_CREDENTIALS', 'SECOND_FACTOR_REQUIRED', 'RATE_LIMITED', 'UNAVAILABLE'],
  forGuests: true,
  resolve: (ctx, input) => login(ctx, input),
});

const RefreshSessionSuccess = builder.objectRef<{ tokens: Tokens }>('RefreshSessionSuccess').implement({
  description: 'The session continues with new tokens.',
  fields: (t) => ({
    tokens: t.field({
      type: SessionTokens,
      description: 'The new tokens of the session.',
      resolve: ({ tokens }) => tokens,
    }),
  }),
});

mutation('refreshSession', {
  description:
    'Exchanges a refresh token for a new pair of tokens. Using the same token again within ten seconds returns the ' +
    'same pair. Using it later ends the session, because the token may have been stolen.',
  input: (t) => ({
    refreshToken: t.string({ required: true, description: 'The latest refresh token of the session.' }),
  }),
  success: RefreshSessionSuccess,
  refusals: ['INVALID_CREDENTIALS', 'RATE_LIMITED', 'UNAVAILABLE'],
  forGuests: true,
  resolve: async (ctx, { refreshToken }) => ({ tokens: await refreshSession(ctx, refreshToken) }),
});

const RefreshStreamAuthSuccess = builder
  .objectRef<{ expiresAt: number }>('RefreshStreamAuthSuccess')
  .implement({
    description: 'The socket continues with the new access token.',
    fields: (t) => ({
      accessTokenExpiresAt: t.field({
        type: 'DateTime',
        description: 'When the new access token expires.',
        resolve: ({ expiresAt }) => new Date(expiresAt),
      }),
    }),
  });

mutation('refreshStreamAuth', {
  description:
    'Replaces the access token of the socket that carries this mutation (same user and session); its streams go on. ' +
    'Over HTTP the result is a ConflictError.',
  input: (t) => ({
    accessToken: t.string({ required: true, description: 'A new access token, from refreshSession.' }),
  }),
  success: RefreshStreamAuthSuccess,
  refusals: ['INVALID_CREDENTIALS', 'CONFLICT'],
  forGuests: true,
  resolve: (ctx, { accessToken }) => refreshStreamAuth(ctx, accessToken),
});

// -- ending sessions ---------------------------------------------------------------------------

function endedSuccess(name: string, description: string) {
  return builder.objectRef<{ sessionId: number }>(`${name}Success`).implement({
    description,
    fields: (t) => ({
      sessionId: t.id({
        description: 'The id of the session that ended.',
        resolve: ({ sessionId }) => globalId('Session', sessionId),
      }),
    }),
  });
}

mutation('logout', {
  description: "Ends the viewer's session. Its streams end within two seconds, on every node.",
  success: endedSuccess('Logout', 'The session ended.'),
  refusals: ['UNAVAILABLE'],
  forGuests: true,
  resolve: async (ctx) => ({ sessionId: await logout(signedIn(ctx)) }),
});

mutation('revokeSession', {
  description:
    "Ends one of the viewer's sessions, for example that of a lost device. Its streams end within two seconds.",
  input: (t) => ({ sessionId: t.id({ required: true, description: 'The id of a session of the viewer.' }) }),
  success: endedSuccess('RevokeSession', 'The session ended.'),
  refusals: ['NOT_FOUND', 'UNAVAILABLE'],
  forGuests: true,
  resolve: async (ctx, { sessionId }) => ({ sessionId: await revokeSession(signedIn(ctx), sessionId) }),
});

mutation('logoutAllSessions', {
  description:
    "Ends the viewer's other sessions, for example after a device was lost. Their streams end within two seconds, on every node.",
  input: (t) => ({
    includingThis: t.boolean({
      description: 'Whether the session of this request ends, too. Default: false.',
    }),
  }),
  success: builder.objectRef<{ endedCount: number }>('LogoutAllSessionsSuccess').implement({
    description: 'The sessions ended.',
    fields: (t) => ({
      endedCount: t.exposeInt('endedCount', { description: 'How many sessions this ended.' }),
    }),
  }),
  refusals: ['RATE_LIMITED', 'UNAVAILABLE'],
  forGuests: true,
  resolve: (ctx, { includingThis }) => logoutAllSessions(signedIn(ctx), includingThis ?? false),
});

const ChangePasswordSuccess = builder.objectRef<{ userId: number }>('ChangePasswordSuccess').implement({
  description: 'The password was changed, and all other sessions of the viewer have ended.',
  fields: (t) => ({
    viewer: t.field({ type: Viewer, description: 'The viewer.', resolve: (viewer) => viewer }),
  }),
});

mutation('changePassword', {
  description: "Changes the viewer's password and ends all other sessions of the viewer.",
  input: (t) => ({
    currentPassword: t.string({ required: true, description: 'The current password.' }),
    newPassword: t.string({
      required: true,
      description: PASSWORD_RULES,
    }),
  }),
  success: ChangePasswordSuccess,
  refusals: ['VALIDATION', 'INVALID_CREDENTIALS', 'RATE_LIMITED', 'UNAVAILABLE'],
  resolve: (ctx, input) => changePassword(signedIn(ctx), input),
});
