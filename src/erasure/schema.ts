import { loadUser } from '../accounts/people.ts';
import { User } from '../accounts/schema.ts';
import { signedIn, withAccount } from '../context.ts';
import { ProofInput } from '../factors/proof.schema.ts';
import { builder } from '../graphql/builder.ts';
import { mutation } from '../graphql/mutation.ts';
import { deleteAccount, deleteUser, RECENT_SIGN_IN_MINUTES } from './accounts.ts';

const ERASES_MESSAGES =
  'Whether the messages of the user are deleted, too, with all forwards of them. A job of the server does that afterwards; each ' +
  'message gets a MessageDeleted with the reason ACCOUNT_DELETED. Default: false, so the messages stay, without the name.';

const EFFECT =
  'At once: all sessions end, the username is free again, and the names, the e-mail address, drafts, saved messages and everything ' +
  'else that belongs to the account are erased. The user leaves every room except direct ones: the first 10 at once, the others by a ' +
  'job of the server. It cannot be undone.';

function deletedSuccess(name: string) {
  return builder.objectRef<{ userId: number }>(`${name}Success`).implement({
    description: 'The account is deleted.',
    fields: (t) => ({
      user: t.field({
        type: User,
        description: 'The user as others see it now: without a name.',
        resolve: ({ userId }, _args, ctx) => loadUser(ctx, userId),
      }),
    }),
  });
}

mutation('deleteAccount', {
  description: `Deletes the account of the viewer. ${EFFECT} The last administrator of the server cannot do it: ConflictError.`,
  input: (t) => ({
    proof: t.field({
      type: ProofInput,
      description:
        'Shows that the user is there: the password, with a code if the account has an app; or a passkey. A user without a ' +
        `password needs a passkey, or a sign-in of the last ${RECENT_SIGN_IN_MINUTES} minutes with a code if the account has an app. A guest needs nothing.`,
    }),
    erasesMessages: t.boolean({ description: ERASES_MESSAGES }),
  }),
  success: deletedSuccess('DeleteAccount'),
  refusals: [
    'VALIDATION',
    'INVALID_CREDENTIALS',
    'PERMISSION_DENIED',
    'CONFLICT',
    'RATE_LIMITED',
    'UNAVAILABLE',
    'NOT_FOUND',
  ],
  forGuests: true,
  resolve: (ctx, input) => deleteAccount(signedIn(ctx), input),
});

mutation('deleteUser', {
  description: `Deletes the account of a user, or a guest. For administrators of the server; the own account is a ConflictError: use deleteAccount. ${EFFECT}`,
  input: (t) => ({
    userId: t.id({ required: true, description: 'The id of a User.' }),
    erasesMessages: t.boolean({ description: ERASES_MESSAGES }),
  }),
  success: deletedSuccess('DeleteUser'),
  refusals: ['PERMISSION_DENIED', 'NOT_FOUND', 'CONFLICT', 'RATE_LIMITED', 'UNAVAILABLE'],
  resolve: (ctx, input) => deleteUser(withAccount(ctx), input),
});
