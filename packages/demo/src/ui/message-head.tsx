import type { MessageInfo, RoomHandle } from '@parley/client';
import type { JSX } from 'preact';
import { language } from '../texts/texts.ts';
import { useTexts, useValue } from './hooks.ts';
import { Icon } from './icons.tsx';
import { ExpiryMark } from './lifetime.tsx';
import { ProfileLink } from './profile.tsx';
import { Edited, type EditedMessage } from './revisions.tsx';
import { momentOf, timeOf } from './times.ts';

interface HeadProps {
  readonly room: RoomHandle;
  readonly message: EditedMessage & Pick<MessageInfo, 'author' | 'sentAt' | 'isPinned' | 'expiresAt'>;
  readonly tabIndex: number;
}

/** Who sent a message and when, and whether it was edited, disappears and is pinned. */
export function MessageHead({ room, message, tabIndex }: HeadProps): JSX.Element {
  const t = useTexts();
  const code = useValue(language);
  return (
    <p class="message-head">
      <strong>
        <ProfileLink person={message.author} isInMessage />
      </strong>
      <time dateTime={message.sentAt} title={momentOf(code, message.sentAt)}>
        {timeOf(code, message.sentAt)}
      </time>
      <Edited room={room} message={message} tabIndex={tabIndex} />
      <ExpiryMark message={message} />
      {message.isPinned && (
        <small class="pinned-mark" title={t.isPinned}>
          <Icon name="pin" />
          <span class="hidden">{t.isPinned}</span>
        </small>
      )}
    </p>
  );
}
