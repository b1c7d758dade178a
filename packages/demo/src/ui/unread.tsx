import type { MessageInfo, RoomHandle, RoomInfo } from '@parley/client';
import { isMuted } from '@parley/client/reading';
import type { JSX } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';
import { isWatched, releaseUnread } from '../platform/reading.ts';
import { useTexts, useValue } from './hooks.ts';
import { Icon } from './icons.tsx';
import { attempt } from './problems.tsx';
import { elementOf, type Scrolling } from './scrolling.ts';

/** Where the new messages begin: as it was when the user began to look at the room. */
export interface UnreadStart {
  /** The last message that was read. */
  readonly readSeq: number;
  readonly count: number;
}

const startOf = ({ viewerReadSeq, viewerUnreadCount }: RoomInfo): UnreadStart | null =>
  viewerReadSeq !== null && viewerUnreadCount ? { readSeq: viewerReadSeq, count: viewerUnreadCount } : null;

/** Stays until the room is left, or the user comes back to messages that arrived meanwhile. */
export function useUnreadStart(info: RoomInfo): UnreadStart | null {
  const [start, setStart] = useState(() => startOf(info));
  const isSeen = useValue(isWatched);
  useLayoutEffect(() => releaseUnread, []);
  const missed = startOf(info);
  // While nobody looks, new messages are behind the mark: the last ones are the start when somebody comes back.
  if (!isSeen && missed && missed.readSeq !== start?.readSeq) setStart(missed);
  return start;
}

/** The first new message of others among those that are loaded. */
export function firstUnread(messages: readonly MessageInfo[], start: UnreadStart | null): MessageInfo | null {
  if (!start) return null;
  return messages.find(({ seq, isOwn }) => !isOwn && seq !== null && seq > start.readSeq) ?? null;
}

export function UnreadLine(): JSX.Element {
  const t = useTexts();
  return (
    <li class="day unread-line" id="unread">
      <span>{t.unread}</span>
    </li>
  );
}

/** Whether the user has been where the new messages begin. `look` is called with what is on the screen. */
export function useReached(start: UnreadStart | null): {
  isReached: boolean;
  look: (element: Element) => void;
} {
  const [reached, setReached] = useState<UnreadStart | null>(null);
  const look = (element: Element) => isInView(element) && setReached(start);
  return { isReached: start === reached, look };
}

function isInView(element: Element): boolean {
  const box = element.closest('.scroller')?.getBoundingClientRect();
  const { top } = element.getBoundingClientRect();
  return box !== undefined && top >= box.top && top < box.bottom;
}

interface JumpProps {
  readonly room: RoomHandle;
  readonly start: UnreadStart;
  readonly first: MessageInfo | null;
  readonly box: Scrolling['box'];
}

/** Leads to the first new message, which may not be loaded yet. */
export function JumpToUnread({ room, start, first, box }: JumpProps): JSX.Element {
  const t = useTexts();
  const [isAsked, setAsked] = useState(false);
  const isLoaded = first?.seq === start.readSeq + 1;
  useLayoutEffect(() => {
    const element = isAsked && first && box.current && elementOf(box.current, first.key);
    if (!element) return;
    element.scrollIntoView({ block: 'center' });
    element.focus({ preventScroll: true });
    setAsked(false);
  }, [first?.key, isAsked]);
  const open = () => {
    if (isLoaded) setAsked(true);
    else attempt(() => room.jump({ seq: start.readSeq + 1 }).then(() => setAsked(true)));
  };
  return (
    <button type="button" class="to-unread" onClick={open}>
      <Icon name="up" />
      {t.newMessages(start.count)}
    </button>
  );
}

const MOST = 99;

/** How many messages of a room are unread, and whether one of them mentions the viewer. */
export function Badge({ room }: { room: RoomInfo }): JSX.Element | null {
  const t = useTexts();
  const count = room.viewerUnreadCount;
  if (!count) return null;
  const isMentioned = Boolean(room.viewerUnreadMentionCount);
  const shown = count > MOST ? `${MOST}+` : count;
  return (
    <span class={isMuted(room) ? 'badge muted' : 'badge'}>
      <span aria-hidden="true">{isMentioned ? `@ ${shown}` : shown}</span>
      <span class="hidden">
        {t.newMessages(count)}
        {isMentioned && `. ${t.mentionsYou}`}
      </span>
    </span>
  );
}

/** The signs of a pinned and of a muted room in the list. */
export function RoomMarks({ room }: { room: RoomInfo }): JSX.Element | null {
  const t = useTexts();
  const marks = [
    room.viewerIsPinned && ({ icon: 'pin', label: t.pinned } as const),
    isMuted(room) && ({ icon: 'muted', label: t.muted } as const),
  ];
  return (
    <>
      {marks.map(
        (mark) =>
          mark && (
            <span key={mark.icon} class="room-mark" title={mark.label}>
              <Icon name={mark.icon} />
              <span class="hidden">{mark.label}</span>
            </span>
          ),
      )}
    </>
  );
}
