import { acknowledgeDeliveries } from '@parley/client/live';
import { ReadMarks, unreadTotals } from '@parley/client/reading';
import { Cell } from './cell.ts';
import { client } from './chat.ts';

export const unread = unreadTotals(client);
const marks = new ReadMarks(client);

/** Whether somebody looks at this page now. */
export const isWatched = new Cell(true);

/** A room whose messages were just marked as unread: what is on the screen does not count until it is opened again. */
let heldRoom: string | null = null;

export function holdUnread(roomId: string): void {
  heldRoom = roomId;
}

export function releaseUnread(): void {
  heldRoom = null;
}

/** Called with the number of the last message on the screen. */
export function markSeen(roomId: string, seq: number): void {
  if (isWatched.getSnapshot() && roomId !== heldRoom) marks.markRead(roomId, seq);
}

function look(): void {
  isWatched.set(document.visibilityState === 'visible' && document.hasFocus());
}

function showInTitle(): void {
  const { messages } = unread.getSnapshot();
  document.title = messages > 0 ? `(${messages}) Parley` : 'Parley';
}

/** Follows the attention of the user, and shows the number of unread messages in the title of the page. */
export function startReading(): void {
  for (const event of ['focus', 'blur']) addEventListener(event, look);
  document.addEventListener('visibilitychange', look);
  unread.subscribe(showInTitle);
  look();
  showInTitle();
  void acknowledgeDeliveries(client);
}
