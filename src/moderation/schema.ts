import { withAccount } from '../context.ts';
import { builder } from '../graphql/builder.ts';
import { changeRefusals, mutation, ROOM_SEQ } from '../graphql/mutation.ts';
import { membershipLoader } from '../rooms/access.ts';
import { RoomMembership } from '../rooms/schema.ts';
import { MAX_REASON } from './reasons.ts';
import { dateOf, MAX_TIMEOUT_DAYS, timeoutMember } from './timeouts.ts';

const REASON = `Why, at most ${MAX_REASON} characters. Only the audit log in the database has it.`;

// -- timeouts ----------------------------------------------------------------------------------

builder.objectField(RoomMembership, 'timeoutUntil', (t) =>
  t.field({
    type: 'DateTime',
    nullable: true,
    description:
      'Until when the member may not send messages. A time in the past has no effect. Null without a timeout. In events of ' +
      'members as of the event.',
    resolve: async ({ roomId, userId, timeoutUntil }, _args, ctx) =>
      dateOf(
        timeoutUntil === undefined
          ? ((await membershipLoader(ctx).load({ roomId, userId }))?.timeoutUntil ?? null)
          : timeoutUntil,
      ),
  }),
);

mutation('timeoutMember', {
  description:
    "Sets until when a member may not send messages, or ends that. Needs TIMEOUT_MEMBERS, and a member whose role is below the viewer's. " +
    'It describes a state: if nothing changes, there is no event. A timeout does not end when the member leaves and returns.',
  input: (t) => ({
    roomId: t.id({ required: true, description: 'The id of the room.' }),
    userId: t.id({ required: true, description: 'The id of the member.' }),
    until: t.field({
      type: 'DateTime',
      description: `When the timeout ends by itself, in the future and at most ${MAX_TIMEOUT_DAYS} days from now. Null or no value ends it now.`,
    }),
    reason: t.string({ description: REASON }),
  }),
  success: builder.objectRef<Awaited<ReturnType<typeof timeoutMember>>>('TimeoutMemberSuccess').implement({
    description: 'The member has this timeout, or none.',
    fields: (t) => ({
      membership: t.field({
        type: RoomMembership,
        description: 'The membership after the change.',
        resolve: ({ membership }) => membership,
      }),
      roomSeq: t.exposeInt('roomSeq', { description: ROOM_SEQ }),
    }),
  }),
  refusals: changeRefusals,
  resolve: (ctx, input) => timeoutMember(withAccount(ctx), input),
});
