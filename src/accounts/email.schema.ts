import { signedIn, withAccount } from '../context.ts';
import { builder } from '../graphql/builder.ts';
import { mutation } from '../graphql/mutation.ts';
import { ServerInfo } from '../graphql/server-info.ts';
import { changeEmail, emailOf, requestEmailVerification, verifyEmail } from './email.ts';
import { sendsMail } from './mails.ts';
import { PASSWORD_RULES } from './new-passwords.ts';
import { requestPasswordReset, resetPassword } from './password-reset.ts';
import { Viewer } from './schema.ts';

// -- reading -----------------------------------------------------------------------------------

builder.objectFields(Viewer, (t) => ({
  email: t.string({
    nullable: true,
    description:
      'The e-mail address, which only the viewer sees. Null for guests and for accounts without one.',
    resolve: async ({ userId }, _args, ctx) => (await emailOf(ctx, userId))?.email ?? null,
  }),
  isEmailVerified: t.boolean({
    description: 'Whether the viewer has shown, by a link in a mail, that the address is theirs.',
    resolve: async ({ userId }, _args, ctx) => (await emailOf(ctx, userId))?.isEmailVerified ?? false,
  }),
  newEmail: t.string({
    nullable: true,
    description:
      'The address that replaces `email` as soon as it is verified. Null without a pending change.',
    resolve: async ({ userId }, _args, ctx) => (await emailOf(ctx, userId))?.newEmail ?? null,
  }),
}));

builder.objectField(ServerInfo, 'sendsMail', (t) =>
  t.boolean({
    description:
      'Whether the server sends mail, so that users can verify their address and choose a new password.',
    resolve: (_info, _args, { node }) => sendsMail(node),
  }),
);

// -- the address -------------------------------------------------------------------------------

const TOKEN = 'The token of the mail: what follows `=` in the fragment of its link.';

mutation('requestEmailVerification', {
  description:
    'Sends a mail with a link to the address that is not verified yet: `newEmail`, else `email`. A new mail makes older ones ' +
    'invalid. An address gets a limited number of mails in an hour; more are not sent, without an error.',
  success: builder.objectRef<{ email: string }>('RequestEmailVerificationSuccess').implement({
    description: 'The mail will be sent.',
    fields: (t) => ({ email: t.exposeString('email', { description: 'The address that gets the mail.' }) }),
  }),
  refusals: ['CONFLICT', 'PERMISSION_DENIED', 'RATE_LIMITED', 'UNAVAILABLE'],
  resolve: (ctx) => requestEmailVerification(signedIn(ctx)),
});

mutation('verifyEmail', {
  description:
    'Shows that an e-mail address belongs to an account, with the token of a mail. Works without signing in. A token works once, ' +
    'for 24 hours. Every token that cannot be used is the same InvalidCredentialsError.',
  input: (t) => ({ token: t.string({ required: true, description: TOKEN }) }),
  success: builder.objectRef<{ email: string }>('VerifyEmailSuccess').implement({
    description: 'The address is verified.',
    fields: (t) => ({ email: t.exposeString('email', { description: 'The verified address.' }) }),
  }),
  refusals: ['INVALID_CREDENTIALS', 'RATE_LIMITED', 'UNAVAILABLE'],
  forGuests: true,
  resolve: (ctx, { token }) => verifyEmail(ctx, token),
});

mutation('changeEmail', {
  description:
    "Changes the viewer's e-mail address as soon as the new one is verified: it gets a mail with a link. A verified old address " +
    'gets a notice. Whether another account has the new address is not shown.',
  input: (t) => ({
    newEmail: t.string({ required: true, description: 'The new e-mail address, at most 255 characters.' }),
    password: t.string({ required: true, description: 'The password of the account.' }),
  }),
  success: builder.objectRef<{ userId: number }>('ChangeEmailSuccess').implement({
    description: 'The mail will be sent.',
    fields: (t) => ({
      viewer: t.field({ type: Viewer, description: 'The viewer, with `newEmail`.', resolve: (done) => done }),
    }),
  }),
  refusals: ['VALIDATION', 'INVALID_CREDENTIALS', 'PERMISSION_DENIED', 'RATE_LIMITED', 'UNAVAILABLE'],
  resolve: (ctx, input) => changeEmail(withAccount(ctx), input),
});

// -- the password ------------------------------------------------------------------------------

mutation('requestPasswordReset', {
  description:
    'Sends a mail with a link to choose a new password, if there is an account with this name. The answer is the same if there is ' +
    'none. An address gets a limited number of mails in an hour; more are not sent, without an error.',
  input: (t) => ({
    usernameOrEmail: t.string({
      required: true,
      description: 'The username or the e-mail address, in upper or lower case.',
    }),
  }),
  success: builder.objectRef<{ isAccepted: true }>('RequestPasswordResetSuccess').implement({
    description: 'If there is such an account, and it has an e-mail address, the mail will be sent.',
    fields: (t) => ({
      isAccepted: t.exposeBoolean('isAccepted', {
        description: 'Always true, whether there is an account or not.',
      }),
    }),
  }),
  refusals: ['VALIDATION', 'PERMISSION_DENIED', 'RATE_LIMITED', 'UNAVAILABLE'],
  forGuests: true,
  resolve: async (ctx, { usernameOrEmail }) => {
    await requestPasswordReset(ctx, usernameOrEmail);
    return { isAccepted: true } as const;
  },
});

mutation('resetPassword', {
  description:
    'Sets a new password with the token of a mail, and ends all sessions of the account. The address of the mail counts as verified. ' +
    'If it was not before, the passkeys, the identities and the authenticator app of the account are removed: whoever named the address ' +
    'may have added them. A token works once, for an hour; a refused password does not use it up. Every token that cannot be used is the same ' +
    'InvalidCredentialsError.',
  input: (t) => ({
    token: t.string({ required: true, description: TOKEN }),
    newPassword: t.string({ required: true, description: PASSWORD_RULES }),
  }),
  success: builder.objectRef<{ username: string }>('ResetPasswordSuccess').implement({
    description: 'The account has the new password. Sign in with it.',
    fields: (t) => ({
      username: t.exposeString('username', { description: 'The username of the account.' }),
    }),
  }),
  refusals: ['VALIDATION', 'INVALID_CREDENTIALS', 'RATE_LIMITED', 'UNAVAILABLE'],
  forGuests: true,
  resolve: (ctx, input) => resetPassword(ctx, input),
});
