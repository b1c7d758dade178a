import { builder } from '../graphql/builder.ts';
import { globalId } from '../graphql/nodes.ts';
import { accountEventType } from '../rooms/events.schema.ts';
import { type DraftPlace, findOwnDraft } from './drafts.ts';
import { draftChanged } from './events.ts';
import { Draft, threadRootIdOf } from './schema.ts';

/** The event stores the root of the thread in place of a number of the room. */
const placeOf = ({ roomId, roomSeq }: { readonly roomId: number; readonly roomSeq: number }): DraftPlace => ({
  roomId,
  rootSeq: roomSeq,
});

builder.objectFields(accountEventType(draftChanged), (t) => ({
  roomId: t.id({
    description: 'The id of the room.',
    resolve: ({ event }) => globalId('Room', event.roomId),
  }),
  threadRootId: t.id({
    nullable: true,
    description:
      'The id of the message that the thread belongs to. Null if the draft is not a reply in a thread.',
    resolve: ({ event }) => threadRootIdOf(placeOf(event)),
  }),
  draft: t.field({
    type: Draft,
    nullable: true,
    description: 'The draft as of the event or later. Null if there is none, or if it was sent.',
    resolve: ({ event }, _args, ctx) => findOwnDraft(ctx, placeOf(event)),
  }),
}));
