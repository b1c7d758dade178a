import type { Client } from './client.ts';
import {
  SaveDocument,
  SavedMessagesDocument,
  type SavedMessagesQuery,
  UnsaveDocument,
} from './generated/documents.ts';
import { successOf } from './http.ts';
import { OwnList } from './own-list.ts';

// An entry of its own: an application without saved messages does not load it.

/**
 * Saves a message for the viewer, on all devices. Saving it again changes nothing.
 * @throws ParleyError the refusal, or `NETWORK`
 */
export async function saveMessage(client: Client, messageId: string): Promise<void> {
  successOf((await client.request(SaveDocument, { input: { messageId } })).saveMessage);
}

/**
 * Removes a message from the saved ones. Removing it again changes nothing.
 * @throws ParleyError the refusal, or `NETWORK`
 */
export async function unsaveMessage(client: Client, messageId: string): Promise<void> {
  successOf((await client.request(UnsaveDocument, { input: { messageId } })).unsaveMessage);
}

type Page = NonNullable<SavedMessagesQuery['viewer']>['savedMessages'];
/** `message` is null if the viewer may no longer see it, and has no text if it was deleted. */
export type SavedMessage = Page['nodes'][number];

/** All saved messages of the viewer, the last saved first. */
export class SavedMessages extends OwnList<SavedMessage> {
  constructor(client: Client) {
    super(client, (from) => loadPage(client, from));
  }

  /** Whether the viewer has saved the message, as far as the list is loaded. */
  has(messageId: string): boolean {
    return this.getSnapshot()?.some((saved) => saved.messageId === messageId) ?? false;
  }
}

const loadPage = async (client: Client, from: { after?: string }): Promise<Page | undefined> =>
  (await client.request(SavedMessagesDocument, from)).viewer?.savedMessages;
