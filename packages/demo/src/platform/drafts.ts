import { type Draft, Drafts } from '@parley/client/drafts';
import { client, failure } from './chat.ts';

/** What the viewer has begun to write, on all devices. */
export const drafts = new Drafts(client);

/** A page in the background may be ended at any time. */
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'hidden') drafts.flush().catch((error) => failure.set(error));
});

/** Quotes a message in the draft of the room, or no message. */
export function quote(roomId: string, quotedMessageId: string | null): void {
  quoteIn(drafts.of(roomId), quotedMessageId);
}

/** Quotes a message in the draft of the thread of another one, or no message. */
export function quoteInThread(roomId: string, threadRootId: string, quotedMessageId: string | null): void {
  quoteIn(drafts.of(roomId, threadRootId), quotedMessageId);
}

function quoteIn(draft: Draft, quotedMessageId: string | null): void {
  draft.write(draft.getSnapshot()?.text ?? '', { quotedMessageId });
}
