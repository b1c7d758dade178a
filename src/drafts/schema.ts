import { Viewer } from '../accounts/schema.ts';
import { signedIn } from '../context.ts';
import { builder } from '../graphql/builder.ts';
import { connectionType, forwardArgs } from '../graphql/connection.ts';
import { changeRefusals, mutation } from '../graphql/mutation.ts';
import { globalId } from '../graphql/nodes.ts';
import { PAGE_SIZE } from '../graphql/paging.ts';
import { priced, pricedList } from '../graphql/pricing.ts';
import { withRefusals } from '../graphql/with-refusals.ts';
import { loadMessage } from '../messages/messages.ts';
import { Message } from '../messages/schema.ts';
import { MAX_TEXT } from '../messages/text.ts';
import { ACCOUNT_SEQ } from '../receipts/marks.schema.ts';
import { memberView } from '../rooms/access.ts';
import { Room } from '../rooms/schema.ts';
import { Thread } from '../threads/schema.ts';
import { loadThread } from '../threads/threads.ts';
import {
  type DraftPlace,
  type DraftRow,
  deleteDraft,
  findOwnDraft,
  listDrafts,
  MAX_DRAFTS,
  type Saved,
  saveDraft,
} from './drafts.ts';

/** The id of the message that the thread of a place belongs to; null for a room. */
export const threadRootIdOf = ({ roomId, rootSeq }: DraftPlace): string | null =>
  rootSeq === 0 ? null : globalId('Message', roomId, rootSeq);

export const Draft = builder.objectRef<DraftRow>('Draft').implement({
  description:
    'What the viewer has begun to write in a room or thread, on any device. Others do not see it. It is gone as soon as the message ' +
    'with its `idempotencyKey` is stored.',
  fields: (t) => ({
    room: t.field({
      type: Room,
      description: 'The room.',
      resolve: ({ roomId }) => memberView(roomId),
    }),
    threadRootId: t.id({
      nullable: true,
      description:
        'The id of the message that the thread belongs to. Null if the draft is not a reply in a thread.',
      resolve: threadRootIdOf,
    }),
    thread: t.field({
      type: Thread,
      nullable: true,
      description: 'The thread. Also null if nobody has replied yet.',
      resolve: ({ roomId, rootSeq }, _args, ctx) =>
        rootSeq === 0 ? null : loadThread(ctx, { roomId, rootSeq }),
    }),
    text: t.exposeString('text', { description: 'The text. Empty only if the draft quotes a message.' }),
    quotedMessage: t.field({
      type: Message,
      nullable: true,
      description:
        'The message that it quotes, also if it was deleted: then without its text. Null if it quotes none, or if the viewer may not ' +
        'see that message.',
      resolve: ({ roomId, quotedSeq }, _args, ctx) =>
        quotedSeq === null ? null : loadMessage(ctx, { roomId, roomSeq: quotedSeq }),
    }),
    idempotencyKey: t.exposeID('idempotencyKey', {
      description: 'The idempotency key for `sendMessage`: sending with it removes the draft.',
    }),
    version: t.exposeInt('version', { description: 'Rises with each change of the draft.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it was last saved.' }),
  }),
});

/** With these fields, a node would execute each event once per subscriber. `DraftChanged` has the draft instead. */
const outsideEvents = { extensions: priced({ outsideEvents: true }) };

builder.objectField(Room, 'viewerDraft', (t) =>
  t.field({
    type: Draft,
    nullable: true,
    description: "The viewer's draft in the room. Subscriptions cannot select it: they have `DraftChanged`.",
    ...outsideEvents,
    resolve: ({ roomId, access }, _args, ctx) =>
      access === 'member' ? findOwnDraft(ctx, { roomId, rootSeq: 0 }) : null,
  }),
);

builder.objectField(Thread, 'viewerDraft', (t) =>
  t.field({
    type: Draft,
    nullable: true,
    description:
      "The viewer's draft in the thread. Subscriptions cannot select it: they have `DraftChanged`.",
    ...outsideEvents,
    resolve: ({ roomId, rootSeq }, _args, ctx) => findOwnDraft(ctx, { roomId, rootSeq }),
  }),
);

const { ConnectionType: DraftsConnection } = connectionType<DraftRow>('Drafts', Draft, "the viewer's drafts");

builder.objectField(Viewer, 'drafts', (t) =>
  t.field({
    type: DraftsConnection,
    description: `The drafts of the viewer in all rooms and threads, the last saved first; at most ${MAX_DRAFTS}. Default page: 20.`,
    extensions: pricedList({ usualSize: PAGE_SIZE, inEvents: false }),
    args: forwardArgs(),
    resolve: (_viewer, args, ctx) => withRefusals(ctx, () => listDrafts(signedIn(ctx), args)),
  }),
);

// -- mutations ---------------------------------------------------------------------------------

const success = (name: string, description: string) =>
  builder.objectRef<Saved>(`${name}Success`).implement({
    description,
    fields: (t) => ({
      draft: t.field({
        type: Draft,
        nullable: true,
        description:
          'The draft of the room or thread now. Null if there is none, or if it was sent meanwhile.',
        resolve: (done, _args, ctx) => findOwnDraft(ctx, done),
      }),
      accountSeq: t.exposeInt('accountSeq', { description: ACCOUNT_SEQ }),
    }),
  });

const ROOM_ID = 'The id of the room.';
const THREAD_ROOT_ID =
  'The draft is a reply in the thread of this message of the room, also if nobody has replied yet.';
const EXPECTED_VERSION =
  'The version that the client knows, 0 for none. If the draft has another version, the call is refused with a ConflictError.';

const refusals = changeRefusals.filter((code) => code !== 'PERMISSION_DENIED');

mutation('saveDraft', {
  description:
    'Saves what the viewer has begun to write in a room or thread, for all devices. There is one draft for each; the last call ' +
    `counts. A user has at most ${MAX_DRAFTS} drafts; one more is a ConflictError. If the message with the key is stored already, ` +
    'the call is refused with an IdempotencyConflictError.',
  input: (t) => ({
    roomId: t.id({ required: true, description: ROOM_ID }),
    threadRootId: t.id({ description: THREAD_ROOT_ID }),
    text: t.string({
      required: true,
      description: `At most ${MAX_TEXT} characters. It can only be blank if the draft quotes a message.`,
    }),
    quotedMessageId: t.id({ description: 'The id of a message of the same room that the draft quotes.' }),
    idempotencyKey: t.id({
      required: true,
      description:
        'The key with which the client will send the message. A device that goes on with a draft of another device uses a new key.',
    }),
    expectedVersion: t.int({ description: EXPECTED_VERSION }),
  }),
  success: success('SaveDraft', 'The draft is saved.'),
  refusals: [...refusals, 'IDEMPOTENCY_CONFLICT'],
  forGuests: true,
  resolve: (ctx, input) => saveDraft(signedIn(ctx), input),
});

mutation('deleteDraft', {
  description: 'Removes the draft of a room or thread, on all devices. If there is none, nothing changes.',
  input: (t) => ({
    roomId: t.id({ required: true, description: ROOM_ID }),
    threadRootId: t.id({ description: THREAD_ROOT_ID }),
    expectedVersion: t.int({ description: EXPECTED_VERSION }),
  }),
  success: success('DeleteDraft', 'The room or thread has no draft.'),
  refusals,
  forGuests: true,
  resolve: (ctx, input) => deleteDraft(signedIn(ctx), input),
});
