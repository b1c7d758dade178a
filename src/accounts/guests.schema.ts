import { signedIn } from '../context.ts';
import { builder } from '../graphql/builder.ts';
import { mutation } from '../graphql/mutation.ts';
import { upgradeGuest } from './guests.ts';
import { PASSWORD_RULES } from './new-passwords.ts';
import { Viewer } from './schema.ts';

mutation('upgradeGuest', {
  description:
    'Turns the viewer, a guest, into a user with an account. The id, the session, the membership and the messages stay; the role ' +
    'stays GUEST until it is changed. Afterwards refreshSession returns an access token without the limits of a guest. It needs ' +
    'the same invitation as `register`.',
  input: (t) => ({
    username: t.string({ required: true, description: 'A unique name, as in `register`.' }),
    email: t.string({ required: true, description: 'An e-mail address, as in `register`.' }),
    password: t.string({
      required: true,
      description: PASSWORD_RULES,
    }),
    displayName: t.string({ description: 'A new display name. Default: that of the guest.' }),
    inviteToken: t.string({ description: 'An invitation to register, if the server requires one.' }),
  }),
  success: builder.objectRef<{ userId: number }>('UpgradeGuestSuccess').implement({
    description: 'The account is permanent.',
    fields: (t) => ({
      viewer: t.field({ type: Viewer, description: 'The viewer.', resolve: (viewer) => viewer }),
    }),
  }),
  forGuests: true,
  refusals: ['VALIDATION', 'CONFLICT', 'PERMISSION_DENIED', 'RATE_LIMITED', 'UNAVAILABLE'],
  resolve: (ctx, input) => upgradeGuest(signedIn(ctx), input),
});
