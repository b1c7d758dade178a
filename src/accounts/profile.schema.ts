import { signedIn } from '../context.ts';
import { builder } from '../graphql/builder.ts';
import { mutation } from '../graphql/mutation.ts';
import { updateProfile } from './profile.ts';
import { Viewer } from './schema.ts';

mutation('updateProfile', {
  description:
    'Changes what others see of the viewer. Each of the rooms they share hears of it as a MemberUpdated.',
  input: (t) => ({
    displayName: t.string({ required: true, description: 'The new name, 1 to 100 characters.' }),
  }),
  success: builder.objectRef<{ userId: number }>('UpdateProfileSuccess').implement({
    description: 'The profile is as asked.',
    fields: (t) => ({
      viewer: t.field({ type: Viewer, description: 'The viewer after it.', resolve: (done) => done }),
    }),
  }),
  refusals: ['VALIDATION', 'RATE_LIMITED', 'UNAVAILABLE'],
  resolve: (ctx, input) => updateProfile(signedIn(ctx), input),
});
