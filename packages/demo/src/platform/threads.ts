import { Threads } from '@parley/client/threads';
import { Cell } from './cell.ts';
import { client } from './chat.ts';
import { route } from './route.ts';

export const threads = new Threads(client);

/** The thread beside the room: its room, and the message that it belongs to. */
export const shownThread = new Cell<{ readonly roomId: string; readonly messageId: string } | null>(null);

/** A thread belongs to the room that is shown. */
route.subscribe(() => {
  const shown = route.getSnapshot();
  const open = shownThread.getSnapshot();
  if (open && (shown.page !== 'room' || shown.roomId !== open.roomId)) shownThread.set(null);
});
