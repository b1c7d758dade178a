import type { MessageInfo } from './views.ts';

// An entry of its own: an application that does not show why a quote has no message does not load it.

/**
 * - `VISIBLE`: `replyTo` has the quoted message.
 * - `DELETED`: it was deleted; `replyTo` has its author, and no text.
 * - `INVISIBLE`: the viewer may not see it.
 */
export type QuoteState = 'VISIBLE' | 'DELETED' | 'INVISIBLE';

/** What the viewer sees of the message that this one quotes; null if it quotes none. */
export function quoteStateOf({ replyTo, quote }: Pick<MessageInfo, 'replyTo' | 'quote'>): QuoteState | null {
  if (replyTo) return replyTo.text === null ? 'DELETED' : 'VISIBLE';
  return quote ? 'INVISIBLE' : null;
}
