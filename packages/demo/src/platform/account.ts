import { type AccountInfo, accountOf } from '@parley/client/account';
import { isGuest } from '@parley/client/invites';
import { Cell } from './cell.ts';
import { client } from './chat.ts';

/** The e-mail address of the viewer; null before it is loaded, and for guests. */
export const account = new Cell<AccountInfo | null>(null);

export async function loadAccount(): Promise<void> {
  const userId = shownFor;
  const loaded = await accountOf(client);
  // Meanwhile somebody else may have signed in.
  if (userId === shownFor) account.set(loaded);
}

let shownFor: string | null = null;

/** Loads the address of the user who signs in. A failure hides the reminder, nothing else. */
function follow(): void {
  const viewer = client.viewer.getSnapshot();
  const userId = viewer?.username && !isGuest(viewer) ? viewer.id : null;
  if (userId === shownFor) return;
  shownFor = userId;
  account.set(null);
  if (userId) loadAccount().catch(() => undefined);
}

client.viewer.subscribe(follow);
follow();
