import type { Client } from './client.ts';
import { MessageRevisionsDocument, type MessageRevisionsQuery } from './generated/documents.ts';
import { allNodes } from './pages.ts';

// An entry of its own: an application that shows no edit history does not load it.

type MessageNode = Extract<NonNullable<MessageRevisionsQuery['node']>, { revisions: unknown }>;
type Page = NonNullable<MessageNode['revisions']>;
/** The text of a message before an edit. */
export type MessageRevision = Page['nodes'][number];

/**
 * The earlier texts of a message, the newest first. Null if the viewer may not read them, or the message was deleted.
 * @throws ParleyError the refusal, or `NETWORK`
 */
export async function loadRevisions(
  client: Client,
  messageId: string,
): Promise<readonly MessageRevision[] | null> {
  return allNodes<MessageRevision>((from) => loadPage(client, { messageId, ...from }));
}

async function loadPage(
  client: Client,
  variables: { messageId: string; after?: string },
): Promise<Page | null> {
  const { node } = await client.request(MessageRevisionsDocument, variables);
  return node && 'revisions' in node ? node.revisions : null;
}
