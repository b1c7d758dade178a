import { builder } from '../graphql/builder.ts';
import { connectionType, forwardArgs } from '../graphql/connection.ts';
import { pricedList } from '../graphql/pricing.ts';
import { withRefusals } from '../graphql/with-refusals.ts';
import { Message } from '../messages/schema.ts';
import { listRevisions, MAX_REVISIONS, REVISIONS_PAGE_SIZE, type RevisionRow } from './revisions.ts';

const MessageRevision = builder.objectRef<RevisionRow>('MessageRevision').implement({
  description: 'The text of a message before an edit.',
  fields: (t) => ({
    version: t.exposeInt('version', { description: 'The version of the message that had this text.' }),
    text: t.exposeString('text', {
      description: 'The text as it was sent, in Markdown, never HTML: escape it before you show it.',
    }),
    replacedAt: t.expose('replacedAt', { type: 'DateTime', description: 'When the author replaced it.' }),
  }),
});

const { ConnectionType: MessageRevisionsConnection } = connectionType<RevisionRow>(
  'MessageRevisions',
  MessageRevision,
  'the earlier texts of a message',
);

builder.objectField(Message, 'revisions', (t) =>
  t.field({
    type: MessageRevisionsConnection,
    nullable: true,
    description:
      `The earlier texts, the newest first: at most the last ${MAX_REVISIONS}. Default page: ${REVISIONS_PAGE_SIZE}. For the ` +
      'author and for members with the permission DELETE_MESSAGES. Null for others, and after deletion, which erases them.',
    extensions: pricedList({ usualSize: REVISIONS_PAGE_SIZE, inEvents: false }),
    args: forwardArgs(),
    resolve: (message, args, ctx) => withRefusals(ctx, () => listRevisions(ctx, message, args)),
  }),
);
