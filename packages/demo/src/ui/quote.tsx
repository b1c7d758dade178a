import type { MessageInfo } from '@parley/client';
import type { JSX } from 'preact';
import { useBlocked } from './blocked.tsx';
import { plain } from './formatted-text.tsx';
import { useTexts } from './hooks.ts';
import { useLivingText } from './lifetime.tsx';
import { nameOf } from './people.tsx';

interface QuoteProps {
  readonly quoted: Pick<MessageInfo, 'id' | 'author' | 'text' | 'expiresAt'>;
  readonly onOpen: (messageId: string) => void;
}

/** The message that another one quotes: a button that leads to it. */
export function Quote({ quoted, onOpen }: QuoteProps): JSX.Element {
  const t = useTexts();
  const { id, author } = quoted;
  const text = useLivingText(quoted);
  const isBlocked = useBlocked(author.id);
  return (
    <button type="button" class="quote" onClick={() => id && onOpen(id)}>
      <span class="hidden">{t.quoted} </span>
      <strong>{nameOf(author, t)}</strong>
      <span>{isBlocked ? t.blockedMessage : (plain(text) ?? t.deleted)}</span>
    </button>
  );
}

/** In the place of a quoted message that the viewer may not see. */
export function InvisibleQuote(): JSX.Element {
  const t = useTexts();
  return (
    <p class="quote">
      <span>{t.quoteInvisible}</span>
    </p>
  );
}
