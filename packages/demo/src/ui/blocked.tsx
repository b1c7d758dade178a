import type { Person, RoomHandle } from '@parley/client';
import { blockUser, unblockUser } from '@parley/client/profile';
import type { JSX } from 'preact';
import { client } from '../platform/chat.ts';
import { blocked } from '../platform/people.ts';
import { confirmed } from './dialog.tsx';
import { useTexts, useValue } from './hooks.ts';
import { nameOf } from './people.tsx';
import { attempt } from './problems.tsx';

/** Whether the viewer has blocked the user. */
export function useBlocked(userId: string | undefined): boolean {
  useValue(blocked);
  return userId !== undefined && blocked.has(userId);
}

interface CollapsedProps {
  readonly messageKey: string;
  readonly tabIndex: number;
  readonly onFocus: (key: string) => void;
  readonly onShow: () => void;
}

/** In the place of a message of a blocked user. */
export function CollapsedMessage({ messageKey, tabIndex, onFocus, onShow }: CollapsedProps): JSX.Element {
  const t = useTexts();
  return (
    <li
      class="message collapsed"
      data-key={messageKey}
      tabIndex={tabIndex}
      onFocusIn={() => onFocus(messageKey)}
    >
      <span>{t.blockedMessage}</span>
      <button type="button" class="text-button" tabIndex={tabIndex} onClick={onShow}>
        {t.show}
      </button>
    </li>
  );
}

/** Why nobody can write in a direct room: the viewer has blocked the other user, or something that is not told. */
export function ClosedRoom({ room }: { room: RoomHandle }): JSX.Element {
  const t = useTexts();
  const viewer = useValue(client.viewer);
  const members = useValue(room.members);
  const other = members.find(({ user }) => user.id !== viewer?.id)?.user;
  const isBlocked = useBlocked(other?.id);
  if (!isBlocked || !other) return <p class="cannot-send">{t.cannotSend['NOT_PERMITTED']}</p>;
  return (
    <p class="cannot-send">
      {t.youBlocked(nameOf(other, t))} <BlockButton person={other} />
    </p>
  );
}

export function BlockButton({ person }: { person: Person }): JSX.Element {
  const t = useTexts();
  const isBlocked = useBlocked(person.id);
  const block = () => attempt(() => blockUser(client, person.id));
  const unblock = () => attempt(() => unblockUser(client, person.id));
  const ask = () => confirmed(t.blockConfirm(nameOf(person, t)), t.block, block);
  return (
    <button type="button" class={isBlocked ? '' : 'danger'} onClick={isBlocked ? unblock : ask}>
      {isBlocked ? t.unblock : t.block}
    </button>
  );
}
