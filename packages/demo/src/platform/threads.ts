import { Threads } from '@parley/client/threads';
import { Cell } from './cell.ts';
import { client } from './chat.ts';
import { jumpTarget } from './jump.ts';
import { go, route } from './route.ts';

export const threads = new Threads(client);

/** The threads that the viewer follows and that have unread replies. */
export const unreadThreads = threads.mine('UNREAD');

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

interface ListedMessage {
  readonly seq: number | null;
  readonly thread: { readonly root: { readonly id: string } | null } | null;
}

/** Leads to a message of a list: in the timeline of its room, or in the thread that it is only in. */
export function showMessage(roomId: string, messageId: string, { seq, thread }: ListedMessage): void {
  go({ page: 'room', roomId });
  if (seq === null && thread?.root) openThread(roomId, thread.root.id, messageId);
  else jumpTarget.set({ roomId, messageId });
}

/** A thread belongs to the room that is shown. */
route.subscribe(() => {
  const shown = route.getSnapshot();
  const open = shownThread.getSnapshot();
  if (open && (shown.page !== 'room' || shown.roomId !== open.roomId)) shownThread.set(null);
});
