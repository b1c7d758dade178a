import type { RoomInfo } from '@parley/client';
import { type PinnedMessage, PinnedMessages } from '@parley/client/pins';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { client } from '../platform/chat.ts';
import { showMessage } from '../platform/threads.ts';
import { language } from '../texts/texts.ts';
import { Dialog } from './dialog.tsx';
import { useTexts, useValue } from './hooks.ts';
import { Icon } from './icons.tsx';
import { nameOf } from './people.tsx';
import { momentOf } from './times.ts';

/** Whether the viewer may pin and unpin messages of a room. */
export const canPin = ({ viewerCanSend, viewerPermissions }: RoomInfo): boolean =>
  viewerCanSend && viewerPermissions.includes('PIN_MESSAGES');

/** A button that opens the pinned messages of a room. */
export function PinnedButton({ roomId }: { roomId: string }): JSX.Element {
  const t = useTexts();
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button
        type="button"
        class="plain"
        aria-label={t.pinnedMessages}
        title={t.pinnedMessages}
        onClick={() => setOpen(true)}
      >
        <Icon name="pin" />
      </button>
      {isOpen && <PinnedDialog roomId={roomId} onClose={() => setOpen(false)} />}
    </>
  );
}

function PinnedDialog({ roomId, onClose }: { roomId: string; onClose: () => void }): JSX.Element {
  const t = useTexts();
  const messages = usePinned(roomId);
  const open = (message: PinnedMessage) => {
    onClose();
    showMessage(roomId, message.id, message);
  };
  return (
    <Dialog title={t.pinnedMessages} onClose={onClose}>
      {messages?.length === 0 && <p role="status">{t.noPinnedMessages}</p>}
      <ol class="message-list">
        {messages?.map((message) => (
          <li key={message.id}>
            <PinnedItem message={message} onOpen={open} />
          </li>
        ))}
      </ol>
    </Dialog>
  );
}

/** Null until they are loaded. */
function usePinned(roomId: string): readonly PinnedMessage[] | null {
  const [messages, setMessages] = useState<readonly PinnedMessage[] | null>(null);
  useEffect(() => {
    const pinned = new PinnedMessages(client, roomId);
    const stop = pinned.subscribe(() => setMessages(pinned.getSnapshot()));
    return () => {
      stop();
      pinned.close();
    };
  }, [roomId]);
  return messages;
}

interface ItemProps {
  readonly message: PinnedMessage;
  readonly onOpen: (message: PinnedMessage) => void;
}

function PinnedItem({ message, onOpen }: ItemProps): JSX.Element {
  const t = useTexts();
  const code = useValue(language);
  const { author, text, sentAt, pinnedBy } = message;
  return (
    <button type="button" class="listed-message" onClick={() => onOpen(message)}>
      <span>
        <strong>{nameOf(author, t)}</strong> <time dateTime={sentAt}>{momentOf(code, sentAt)}</time>
      </span>
      <span class="listed-message">{text ?? t.deleted}</span>
      {pinnedBy && <small>{t.pinnedBy(nameOf(pinnedBy, t))}</small>}
    </button>
  );
}
