import type { MemberInfo, RoomHandle } from '@parley/client';
import type { JSX, TargetedKeyboardEvent } from 'preact';
import { useId, useLayoutEffect, useState } from 'preact/hooks';
import { useTexts, useValue } from './hooks.ts';
import { Avatar, nameOf } from './people.tsx';

const MAX_SHOWN = 6;
/** The beginning of a mention before the cursor. */
const STARTED = /(?:^|[\s(])@([\w-]{0,50})$/;

interface Draft {
  readonly text: string;
  readonly caret: number;
}

export interface Completion {
  readonly id: string;
  readonly found: readonly MemberInfo[];
  readonly chosen: number;
  /** Whether it has used the key. */
  readonly onKeyDown: (event: TargetedKeyboardEvent<HTMLTextAreaElement>) => boolean;
  readonly choose: (member: MemberInfo) => void;
}

/** Members whose name begins as what stands behind an @ before the cursor. `onChoose` takes the text with the name in it. */
export function useMentions(
  room: RoomHandle,
  { text, caret }: Draft,
  onChoose: (draft: Draft) => void,
): Completion {
  const members = useValue(room.members);
  const id = useId();
  const [closedAt, setClosedAt] = useState(-1);
  const [at, setAt] = useState(0);
  const started = STARTED.exec(text.slice(0, caret))?.[1];
  const isOpen = started !== undefined && closedAt !== caret - started.length;
  const found = isOpen ? matching(members, started.toLowerCase()) : [];
  const chosen = Math.min(at, found.length - 1);
  useLayoutEffect(() => {
    if (isOpen) room.loadMembers().catch(() => undefined); // Those that are known will do.
  }, [isOpen]);
  const choose = ({ user }: MemberInfo) => {
    const begin = text.slice(0, caret - (started?.length ?? 0)) + user.username;
    onChoose({ text: `${begin} ${text.slice(caret).trimStart()}`, caret: begin.length + 1 });
    setAt(0);
  };
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLTextAreaElement>) => {
    const { key } = event;
    const member = found[chosen];
    if (!member || event.isComposing) return false;
    if (key === 'ArrowDown' || key === 'ArrowUp')
      setAt((chosen + (key === 'ArrowDown' ? 1 : -1) + found.length) % found.length);
    else if (key === 'Enter' || key === 'Tab') choose(member);
    else if (key === 'Escape') setClosedAt(caret - (started?.length ?? 0));
    else return false;
    event.preventDefault();
    return true;
  };
  return { id, found, chosen, onKeyDown, choose };
}

const matching = (members: readonly MemberInfo[], beginning: string) =>
  members
    .filter(({ user }) =>
      [user.username, ...user.displayName.split(' ')].some((name) =>
        name.toLowerCase().startsWith(beginning),
      ),
    )
    .slice(0, MAX_SHOWN);

export const optionId = ({ id }: Completion, at: number) => `${id}-${at}`;

export function MentionList({ completion }: { completion: Completion }): JSX.Element | null {
  const t = useTexts();
  const { id, found, chosen, choose } = completion;
  if (found.length === 0) return null;
  return (
    <ul class="mentions" role="listbox" id={id} aria-label={t.members}>
      {found.map((member, at) => (
        <li
          key={member.id}
          id={optionId(completion, at)}
          role="option"
          aria-selected={at === chosen}
          // The text keeps the focus.
          onPointerDown={(event) => {
            event.preventDefault();
            choose(member);
          }}
        >
          <Avatar id={member.user.id} name={nameOf(member.user, t)} />
          <strong>{nameOf(member.user, t)}</strong>
          <span>@{member.user.username}</span>
        </li>
      ))}
    </ul>
  );
}
