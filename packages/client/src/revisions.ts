import type { Client } from './client.ts';
import { MessageRevisionsDocument, type MessageRevisionsQuery } from './generated/documents.ts';

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
  const all: MessageRevision[] = [];
  for (let after: string | null | undefined; after !== null; ) {
    const page = await loadPage(client, messageId, after);
    if (!page) return null;
    all.push(...page.nodes);
    after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
  }
  return all;
}

async function loadPage(client: Client, messageId: string, after: string | undefined): Promise<Page | null> {
  const variables = after === undefined ? { messageId } : { messageId, after };
  const { node } = await client.request(MessageRevisionsDocument, variables);
  return node && 'revisions' in node ? node.revisions : null;
}
