import type { SavedMessage } from '@parley/client/saved';
import { unsaveMessage } from '@parley/client/saved';
import type { JSX } from 'preact';
import { client } from '../platform/chat.ts';
import { saved } from '../platform/saved.ts';
import { showMessage } from '../platform/threads.ts';
import { language } from '../texts/texts.ts';
import { Dialog } from './dialog.tsx';
import { useTexts, useValue } from './hooks.ts';
import { Icon } from './icons.tsx';
import { nameOf } from './people.tsx';
import { attempt } from './problems.tsx';
import { momentOf } from './times.ts';

/** The messages that the viewer has saved, on any device. */
export function SavedDialog({ onClose }: { onClose: () => void }): JSX.Element {
  const t = useTexts();
  const list = useValue(saved);
  return (
    <Dialog title={t.savedMessages} onClose={onClose}>
      {list?.length === 0 && <p role="status">{t.noSavedMessages}</p>}
      <ol class="message-list">
        {list?.map((entry) => (
          <li key={entry.messageId}>
            <Entry entry={entry} onClose={onClose} />
            <button
              type="button"
              class="plain"
              aria-label={t.unsave}
              title={t.unsave}
              onClick={() => attempt(() => unsaveMessage(client, entry.messageId))}
            >
              <Icon name="close" />
            </button>
          </li>
        ))}
      </ol>
    </Dialog>
  );
}

function Entry({ entry, onClose }: { entry: SavedMessage; onClose: () => void }): JSX.Element {
  const t = useTexts();
  const code = useValue(language);
  const { message, messageId } = entry;
  if (!message) return <p class="listed-message">{t.savedGone}</p>;
  const { author, sentAt, text, room } = message;
  const open = () => {
    onClose();
    showMessage(room.id, messageId, message);
  };
  return (
    <button type="button" class="listed-message" onClick={open}>
      <span>
        <strong>{nameOf(author, t)}</strong> <time dateTime={sentAt}>{momentOf(code, sentAt)}</time>
      </span>
      <span class="listed-message">{text ?? t.deleted}</span>
      {room.title && <small>{room.title}</small>}
    </button>
  );
}
