import { builder } from '../graphql/builder.ts';
import { globalId } from '../graphql/nodes.ts';
import { accountEventType } from '../rooms/events.schema.ts';
import { savedMessageChanged } from './events.ts';
import { findOwnSaved } from './saved.ts';
import { SavedMessage } from './schema.ts';

builder.objectFields(accountEventType(savedMessageChanged), (t) => ({
  messageId: t.id({
    description: 'The id of the message.',
    resolve: ({ event }) => globalId('Message', event.roomId, event.roomSeq),
  }),
  savedMessage: t.field({
    type: SavedMessage,
    nullable: true,
    description: 'The saved message as of the event or later. Null if it is not saved.',
    resolve: ({ event }, _args, ctx) => findOwnSaved(ctx, event),
  }),
}));
