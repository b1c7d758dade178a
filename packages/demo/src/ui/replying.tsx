import type { MessageInfo } from '@parley/client';
import type { JSX } from 'preact';
import { plain } from './formatted-text.tsx';
import { useTexts } from './hooks.ts';
import { Icon } from './icons.tsx';
import { nameOf } from './people.tsx';

interface ReplyingProps {
  readonly messageId: string;
  /** It may not be among these: another device may have quoted it. */
  readonly among: readonly Pick<MessageInfo, 'id' | 'author' | 'text'>[];
  readonly onCancel: () => void;
}

/** The message that the draft quotes. */
export function Replying({ messageId, among, onCancel }: ReplyingProps): JSX.Element {
  const t = useTexts();
  const to = among.find(({ id }) => id === messageId);
  return (
    <div class="replying">
      <Icon name="reply" />
      <span class="replying-text">
        <strong>{t.replyingTo(to ? nameOf(to.author, t) : '…')}</strong>
        <span>{to && (plain(to.text) ?? t.deleted)}</span>
      </span>
      <button type="button" class="plain" aria-label={t.cancel} onClick={onCancel}>
        <Icon name="close" />
      </button>
    </div>
  );
}
