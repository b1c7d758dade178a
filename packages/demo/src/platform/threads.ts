import { Threads } from '@parley/client/threads';
import { Cell } from './cell.ts';
import { client } from './chat.ts';
import { route } from './route.ts';

export const threads = new Threads(client);

export interface ShownThread {
  readonly roomId: string;
  /** The message that it belongs to. */
  readonly messageId: string;
  /** The reply that a list outside of the thread leads to. */
  readonly replyId?: string | undefined;
}

/** The thread beside the room. */
export const shownThread = new Cell<ShownThread | null>(null);

export const openThread = (roomId: string, messageId: string, replyId?: string) =>
  shownThread.set({ roomId, messageId, replyId });

/** A thread belongs to the room that is shown. */
route.subscribe(() => {
  const shown = route.getSnapshot();
  const open = shownThread.getSnapshot();
  if (open && (shown.page !== 'room' || shown.roomId !== open.roomId)) shownThread.set(null);
});
