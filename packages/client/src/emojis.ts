import type { Client } from './client.ts';
import {
  type EmojiPartsFragment,
  MakeEmojiDocument,
  MayManageEmojisDocument,
  RemoveEmojiDocument,
  ServerEmojisDocument,
} from './generated/documents.ts';
import { successOf } from './http.ts';
import { allNodes } from './pages.ts';

// An entry of its own: an application without emoji of the server does not load it.

/** An emoji of the server. */
export type EmojiInfo = EmojiPartsFragment;

/** What stands for it in reactions and texts, such as `:party:`. */
export const emojiCode = ({ name }: Pick<EmojiInfo, 'name'>): string => `:${name}:`;

/** The name in a code such as `:party:`; null for any other text, such as 👍. */
export const emojiNameIn = (text: string): string | null => /^:([a-z0-9_]{2,32}):$/.exec(text)?.[1] ?? null;

/**
 * All emoji of the server, by name. Nothing tells of changes: load them when they are needed.
 * @throws ParleyError
 */
export async function listEmojis(client: Client): Promise<readonly EmojiInfo[]> {
  const page = async (from: { after?: string }) => (await client.request(ServerEmojisDocument, from)).emojis;
  return (await allNodes<EmojiInfo>(page)) ?? [];
}

/**
 * Whether the viewer may create and delete emoji of the server.
 * @throws ParleyError
 */
export async function canManageEmojis(client: Client): Promise<boolean> {
  return (await client.request(MayManageEmojisDocument, {})).viewer?.canManageEmojis ?? false;
}

/**
 * Creates an emoji of the server: 2 to 32 of the characters a-z, 0-9 and _. Creating it again changes nothing.
 * @throws ParleyError the refusal, or `NETWORK`
 */
export async function createEmoji(client: Client, name: string): Promise<void> {
  successOf((await client.request(MakeEmojiDocument, { input: { name } })).createEmoji);
}

/**
 * Deletes an emoji of the server. Reactions with it stay. Deleting it again changes nothing.
 * @throws ParleyError the refusal, or `NETWORK`
 */
export async function deleteEmoji(client: Client, name: string): Promise<void> {
  successOf((await client.request(RemoveEmojiDocument, { input: { name } })).deleteEmoji);
}
