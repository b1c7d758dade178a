import { DEVICE_NAME } from '../accounts/devices.ts';
import { Viewer } from '../accounts/schema.ts';
import { signedInSuccess } from '../accounts/sessions.schema.ts';
import { withAccount } from '../context.ts';
import { builder } from '../graphql/builder.ts';
import { mutation } from '../graphql/mutation.ts';
import { RECOVERY_CODES } from './codes.ts';
import { proofIn } from './proof.schema.ts';
import { completeLogin } from './sign-in.ts';
import {
  beginTotp,
  confirmTotp,
  disableTotp,
  factorsOf,
  regenerateRecoveryCodes,
  type TotpSetup,
} from './totp.ts';

// -- reading -----------------------------------------------------------------------------------

builder.objectFields(Viewer, (t) => ({
  totpEnabledAt: t.field({
    type: 'DateTime',
    nullable: true,
    description:
      'Since when signing in with the password needs a code of an authenticator app, too. Null if it does not.',
    resolve: async ({ userId }, _args, ctx) => (await factorsOf(ctx, userId)).totpEnabledAt,
  }),
  recoveryCodesLeft: t.int({
    description: 'How many recovery codes the viewer can still use. 0 without an app.',
    resolve: async ({ userId }, _args, ctx) => (await factorsOf(ctx, userId)).recoveryCodesLeft,
  }),
}));

// -- signing in --------------------------------------------------------------------------------

mutation('completeLogin', {
  description:
    'Completes a sign-in for which `login` asked for a second factor, and starts a session. A challenge can be used for few minutes ' +
    'and attempts. A wrong code is an InvalidCredentialsError with the path of `code`; if it has that of `challenge`, call `login` again.',
  input: (t) => ({
    challenge: t.string({
      required: true,
      description: 'The challenge of the SecondFactorRequiredError.',
    }),
    code: t.string({
      required: true,
      description:
        'The six digits that the app shows, or a recovery code. Spaces, hyphens and case are ignored. Each code works once.',
    }),
    deviceName: t.string({ description: DEVICE_NAME }),
  }),
  success: signedInSuccess('CompleteLogin', 'The viewer is signed in with a new session.'),
  refusals: ['VALIDATION', 'INVALID_CREDENTIALS', 'RATE_LIMITED', 'UNAVAILABLE'],
  forGuests: true,
  resolve: (ctx, input) => completeLogin(ctx, input),
});

// -- the app -----------------------------------------------------------------------------------

const RECOVERY =
  'Codes with which the user signs in without the app, each once. The server shows them only now: ask the user to keep them.';

const refusals = [
  'VALIDATION',
  'INVALID_CREDENTIALS',
  'CONFLICT',
  'PERMISSION_DENIED',
  'RATE_LIMITED',
  'UNAVAILABLE',
] as const;

function withCodes(name: string, description: string) {
  return builder.objectRef<{ userId: number; recoveryCodes: readonly string[] }>(`${name}Success`).implement({
    description,
    fields: (t) => ({
      recoveryCodes: t.stringList({
        description: RECOVERY,
        resolve: ({ recoveryCodes }) => [...recoveryCodes],
      }),
      viewer: t.field({ type: Viewer, description: 'The viewer.', resolve: (done) => done }),
    }),
  });
}

mutation('beginTotp', {
  description:
    'Creates a secret for an authenticator app (TOTP, RFC 6238: SHA-1, six digits, 30 seconds). It has no effect until confirmTotp, and ' +
    'replaces an earlier one that was not confirmed.',
  input: proofIn,
  success: builder.objectRef<TotpSetup>('BeginTotpSuccess').implement({
    description: 'The app can be set up.',
    fields: (t) => ({
      secret: t.exposeString('secret', {
        description: 'The secret in base32, for users who enter it by hand. The server shows it only now.',
      }),
      uri: t.exposeString('uri', {
        description: 'The otpauth:// URI with the secret and the username. Show it as a QR code.',
      }),
      expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'Until when it can be confirmed.' }),
    }),
  }),
  refusals,
  resolve: (ctx, { proof }) => beginTotp(withAccount(ctx), proof),
});

mutation('confirmTotp', {
  description:
    'Makes the app of beginTotp a second factor: from now on, signing in with the password needs one of its codes, or one of ' +
    `${RECOVERY_CODES} recovery codes. Sessions go on.`,
  input: (t) => ({
    code: t.string({ required: true, description: 'The six digits that the app shows now.' }),
  }),
  success: withCodes('ConfirmTotp', 'The app is a second factor of the account.'),
  refusals,
  resolve: (ctx, { code }) => confirmTotp(withAccount(ctx), code),
});

mutation('disableTotp', {
  description: 'Removes the app and the recovery codes: the password is enough again.',
  input: proofIn,
  success: builder.objectRef<{ userId: number }>('DisableTotpSuccess').implement({
    description: 'The app is no second factor any more.',
    fields: (t) => ({
      viewer: t.field({ type: Viewer, description: 'The viewer.', resolve: (done) => done }),
    }),
  }),
  refusals,
  resolve: (ctx, { proof }) => disableTotp(withAccount(ctx), proof),
});

mutation('regenerateRecoveryCodes', {
  description: 'Replaces all recovery codes, used or not, by new ones.',
  input: proofIn,
  success: withCodes('RegenerateRecoveryCodes', 'The old recovery codes are void.'),
  refusals,
  resolve: (ctx, { proof }) => regenerateRecoveryCodes(withAccount(ctx), proof),
});
