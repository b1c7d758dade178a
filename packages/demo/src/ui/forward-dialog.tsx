import type { RoomInfo } from '@parley/client';
import { forwardMessage } from '@parley/client/forwards';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { client } from '../platform/chat.ts';
import { go } from '../platform/route.ts';
import { Dialog } from './dialog.tsx';
import { useTexts, useValue } from './hooks.ts';
import { Action } from './message-actions.tsx';
import { attempt } from './problems.tsx';
import { titleOf } from './rooms.ts';

interface ForwardProps {
  readonly messageId: string;
  readonly tabIndex: number;
}

/** A button that opens the choice of a room, to which the message is forwarded. */
export function ForwardButton({ messageId, tabIndex }: ForwardProps): JSX.Element {
  const t = useTexts();
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Action icon="forward" label={t.forward} tabIndex={tabIndex} run={() => setOpen(true)} />
      {isOpen && <ForwardDialog messageId={messageId} onClose={() => setOpen(false)} />}
    </>
  );
}

function ForwardDialog({ messageId, onClose }: { messageId: string; onClose: () => void }): JSX.Element {
  const t = useTexts();
  const [query, setQuery] = useState('');
  const isFound = (room: RoomInfo) => titleOf(room, t).toLowerCase().includes(query.trim().toLowerCase());
  const rooms = useValue(client.rooms).filter((room) => room.viewerCanSend && isFound(room));
  // One key for all attempts, so that a repetition does not send a second message.
  const [idempotencyKey] = useState(() => crypto.getRandomValues(new Uint32Array(4)).join('-'));
  const forwardTo = ({ id }: RoomInfo) =>
    attempt(async () => {
      await forwardMessage(client, messageId, id, { idempotencyKey });
      onClose();
      go({ page: 'room', roomId: id });
    });
  return (
    <Dialog title={t.forwardTo} onClose={onClose}>
      <input
        type="search"
        aria-label={t.searchOwnRooms}
        placeholder={t.searchOwnRooms}
        value={query}
        onInput={(event) => setQuery(event.currentTarget.value)}
      />
      {rooms.length === 0 && <p class="empty">{t.noRoomFound}</p>}
      <ul class="message-list">
        {rooms.map((room) => (
          <li key={room.id}>
            <button type="button" class="listed-message" onClick={() => forwardTo(room)}>
              {titleOf(room, t)}
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
