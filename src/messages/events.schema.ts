import type { RoomEventKind } from '../eventlog/registry.ts';
import { builder } from '../graphql/builder.ts';
import { enumValues } from '../graphql/enum-values.ts';
import { roomEventType } from '../rooms/events.schema.ts';
import { deletionReasonOf, messageCreated, messageDeleted, messageEdited, messageIn } from './events.ts';
import { edgeOf, Message, RoomMessagesEdge } from './schema.ts';

/** The GraphQL type of a kind of event about a message. */
export function messageEventType(kind: RoomEventKind) {
  const type = roomEventType(kind);
  builder.objectField(type, 'message', (t) =>
    t.field({
      type: Message,
      description: 'The message as of the event or later, never earlier.',
      resolve: ({ event }, _args, { node }) => messageIn(event, node.logFollower.now()),
    }),
  );
  return type;
}

builder.objectField(messageEventType(messageCreated), 'messageEdge', (t) =>
  t.field({
    type: RoomMessagesEdge,
    nullable: true,
    description:
      'The edge of the message in the main timeline, to insert into a list that is already loaded. Null for a reply that is only in a thread.',
    resolve: ({ event }, _args, { node }) => edgeOf(messageIn(event, node.logFollower.now())),
  }),
);

messageEventType(messageEdited);

const MessageDeletionReason = builder.enumType('MessageDeletionReason', {
  description: 'Why a message was deleted. More reasons can follow: treat an unknown one as DELETED.',
  values: enumValues({
    DELETED: 'Its author deleted it.',
    EXPIRED: 'It reached its `expiresAt`.',
    MODERATED: 'Another user deleted it.',
    ACCOUNT_DELETED: 'The account of its author, or of the author of the forwarded text, was deleted.',
  }),
});

builder.objectField(messageEventType(messageDeleted), 'reason', (t) =>
  t.field({
    type: MessageDeletionReason,
    description: 'Why.',
    resolve: ({ event }) => deletionReasonOf(event),
  }),
);
