import { signedIn } from '../context.ts';
import { builder } from '../graphql/builder.ts';
import { mutation } from '../graphql/mutation.ts';
import { updateProfile } from './profile.ts';
import { Viewer } from './schema.ts';

mutation('updateProfile', {
  description: "Changes the viewer's profile. Every room of the viewer gets a MemberUpdated event.",
  input: (t) => ({
    displayName: t.string({ required: true, description: 'The new display name, 1 to 100 characters.' }),
  }),
  success: builder.objectRef<{ userId: number }>('UpdateProfileSuccess').implement({
    description: 'The profile has the new values.',
    fields: (t) => ({
      viewer: t.field({ type: Viewer, description: 'The viewer after the change.', resolve: (done) => done }),
    }),
  }),
  refusals: ['VALIDATION', 'RATE_LIMITED', 'UNAVAILABLE'],
  forGuests: true,
  resolve: (ctx, input) => updateProfile(signedIn(ctx), input),
});
