import { emojiCode, listEmojis } from '@parley/client/emojis';
import { Cell } from './cell.ts';
import { client } from './chat.ts';

/** The codes of the emoji of this server, such as `:party:`, as of the last time that they were loaded. */
export const emojiCodes = new Cell<ReadonlySet<string>>(new Set());

export async function loadEmojis(): Promise<void> {
  emojiCodes.set(new Set((await listEmojis(client)).map(emojiCode)));
}

let shownFor: string | null = null;

/** Loads them for the user who signs in. Without them, their codes are text. */
function follow(): void {
  const userId = client.viewer.getSnapshot()?.id ?? null;
  if (userId === shownFor) return;
  shownFor = userId;
  if (userId) loadEmojis().catch(() => undefined);
}

client.viewer.subscribe(follow);
follow();
