import { Viewer } from '../accounts/schema.ts';
import { signedIn } from '../context.ts';
import { builder } from '../graphql/builder.ts';
import { connectionType, forwardArgs } from '../graphql/connection.ts';
import { changeRefusals, mutation } from '../graphql/mutation.ts';
import { globalId } from '../graphql/nodes.ts';
import { PAGE_SIZE } from '../graphql/paging.ts';
import { pricedList } from '../graphql/pricing.ts';
import { withRefusals } from '../graphql/with-refusals.ts';
import { findMessage } from '../messages/messages.ts';
import { Message } from '../messages/schema.ts';
import { ACCOUNT_SEQ } from '../receipts/marks.schema.ts';
import { findOwnSaved, listSaved, MAX_SAVED, type Saved, saveMessage, unsaveMessage } from './saved.ts';
import { hasSaved, MAX_KNOWN_SAVERS, type SavedRow, viewerHasSaved } from './savers.ts';

export const SavedMessage = builder.objectRef<SavedRow>('SavedMessage').implement({
  description: 'A message that the viewer has saved. Others do not see it.',
  fields: (t) => ({
    messageId: t.id({
      description: 'The id of the message.',
      resolve: ({ roomId, roomSeq }) => globalId('Message', roomId, roomSeq),
    }),
    savedAt: t.expose('savedAt', { type: 'DateTime', description: 'When the viewer saved it.' }),
    message: t.field({
      type: Message,
      nullable: true,
      description:
        'The message, also if it was deleted: then without its text. Null if the viewer may no longer see it.',
      resolve: (saved, _args, ctx) => findMessage(ctx, saved),
    }),
  }),
});

builder.objectField(Message, 'viewerHasSaved', (t) =>
  t.boolean({
    nullable: true,
    description:
      'Whether the viewer has saved it. False once it was deleted. Null only in a stream, if more than ' +
      `${MAX_KNOWN_SAVERS} users have saved it: then it is what it was before.`,
    extensions: { forViewer: hasSaved },
    resolve: (message, _args, ctx) => viewerHasSaved(message, ctx),
  }),
);

const { ConnectionType: SavedMessagesConnection } = connectionType<SavedRow>(
  'SavedMessages',
  SavedMessage,
  "the viewer's saved messages",
);

builder.objectField(Viewer, 'savedMessages', (t) =>
  t.field({
    type: SavedMessagesConnection,
    description: `The messages that the viewer has saved, the last saved first; at most ${MAX_SAVED}. Default page: 20.`,
    extensions: pricedList({ usualSize: PAGE_SIZE, inEvents: false }),
    args: forwardArgs(),
    resolve: (_viewer, args, ctx) => withRefusals(ctx, () => listSaved(signedIn(ctx), args)),
  }),
);

// -- mutations ---------------------------------------------------------------------------------

const success = (name: string, description: string) =>
  builder.objectRef<Saved>(`${name}Success`).implement({
    description,
    fields: (t) => ({
      messageId: t.id({
        description: 'The id of the message.',
        resolve: ({ roomId, roomSeq }) => globalId('Message', roomId, roomSeq),
      }),
      savedMessage: t.field({
        type: SavedMessage,
        nullable: true,
        description: 'The saved message. Null if it is not saved.',
        resolve: (done, _args, ctx) => findOwnSaved(ctx, done),
      }),
      accountSeq: t.exposeInt('accountSeq', { description: ACCOUNT_SEQ }),
    }),
  });

const refusals = changeRefusals.filter((code) => code !== 'VALIDATION' && code !== 'PERMISSION_DENIED');

mutation('saveMessage', {
  description: `Saves a message for the viewer, on all devices. A user has at most ${MAX_SAVED} saved messages; one more is a ConflictError.`,
  input: (t) => ({ messageId: t.id({ required: true, description: 'The id of the message.' }) }),
  success: success('SaveMessage', 'The message is saved.'),
  refusals,
  forGuests: true,
  resolve: (ctx, input) => saveMessage(signedIn(ctx), input),
});

mutation('unsaveMessage', {
  description: "Removes a message from the viewer's saved ones, also one that the viewer may no longer see.",
  input: (t) => ({ messageId: t.id({ required: true, description: 'The id of the message.' }) }),
  success: success('UnsaveMessage', 'The message is not saved.'),
  refusals: refusals.filter((code) => code !== 'CONFLICT'),
  forGuests: true,
  resolve: (ctx, input) => unsaveMessage(signedIn(ctx), input),
});
