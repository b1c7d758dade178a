import type { MessageInfo, RoomHandle, RoomInfo } from '@parley/client';
import { liveRoom } from '@parley/client/live';
import { canReact, canReplyInThreads } from '@parley/client/room-settings';
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { client } from '../platform/chat.ts';
import { jumpTarget } from '../platform/jump.ts';
import { locationsIn } from '../platform/locations.ts';
import { blocked } from '../platform/people.ts';
import { isWatched, markSeen } from '../platform/reading.ts';
import { threads } from '../platform/threads.ts';
import type { Texts } from '../texts/en.ts';
import { language } from '../texts/texts.ts';
import { plain } from './formatted-text.tsx';
import { useTexts, useValue } from './hooks.ts';
import { Icon } from './icons.tsx';
import { Message } from './message.tsx';
import { moveFocus, useMark } from './message-focus.ts';
import { nameOf } from './people.tsx';
import { canPin } from './pinned.tsx';
import { attempt } from './problems.tsx';
import { elementOf, type Scrolling, useScrolling } from './scrolling.ts';
import { dayKey, dayOf } from './times.ts';
import { firstUnread, JumpToUnread, UnreadLine, useReached, useUnreadStart } from './unread.tsx';

/** Messages of one author within this time are shown as a group, in milliseconds. */
const TOGETHER_MS = 5 * 60_000;
/** If more messages arrive at once, only their number is announced. */
const MAX_ANNOUNCED = 3;

interface TimelineProps {
  readonly room: RoomHandle;
  readonly info: RoomInfo;
  readonly editing: string | null;
  readonly onEdit: (key: string | null) => void;
  readonly onReply: (message: MessageInfo) => void;
}

export function Timeline(props: TimelineProps): JSX.Element {
  const t = useTexts();
  const { room, info } = props;
  const messages = useValue(room.messages);
  const history = useValue(room.history);
  const start = useUnreadStart(info);
  const first = firstUnread(messages, start);
  const { isReached, look } = useReached(start);
  const scrolling = useScrolling(room, messages, history, (box, lastKey) => {
    const last = messages.find(({ key }) => key === lastKey);
    if (last?.seq) markSeen(room.id, last.seq);
    const begin = first && elementOf(box, first.key);
    if (begin) look(begin);
  });
  const isSeen = useValue(isWatched);
  useLayoutEffect(() => scrolling.onScroll(), [isSeen]);
  const unseen = useUnseen(messages, scrolling.isAtEnd);
  return (
    <section class="timeline" aria-label={t.messages}>
      <div class="scroller" ref={scrolling.box} onScroll={scrolling.onScroll} id="messages" tabIndex={-1}>
        <p class="edge" role="status">
          {edgeOf(messages, history, t)}
        </p>
        <MessageList {...props} messages={messages} box={scrolling.box} firstUnread={first} />
        {history.loading === 'newer' && <p class="edge">{t.loadingNewer}</p>}
      </div>
      {start && !isReached && <JumpToUnread room={room} start={start} first={first} box={scrolling.box} />}
      {!scrolling.isAtEnd && (
        <button type="button" class="to-end" onClick={scrolling.toEnd}>
          <Icon name="down" />
          {unseen > 0 ? t.newMessages(unseen) : <span class="hidden">{t.latest}</span>}
        </button>
      )}
      <Announcer messages={messages} hasNewer={history.hasNewer} />
    </section>
  );
}

function edgeOf(
  messages: readonly MessageInfo[],
  { hasOlder, loading }: { hasOlder: boolean; loading: string | null },
  t: Texts,
): string {
  if (loading === 'older') return t.loadingOlder;
  if (messages.length === 0) return t.noMessages;
  return hasOlder ? '' : t.beginning;
}

const lastSeq = (messages: readonly MessageInfo[]) => messages.findLast(({ seq }) => seq !== null)?.seq ?? 0;

/** Counts the messages of others that arrived since the end was last visible. */
function useUnseen(messages: readonly MessageInfo[], isAtEnd: boolean): number {
  const seen = useRef(0);
  useLayoutEffect(() => {
    if (isAtEnd) seen.current = Math.max(seen.current, lastSeq(messages));
  });
  return messages.filter(({ seq, isOwn }) => !isOwn && (seq ?? 0) > seen.current).length;
}

type ListProps = TimelineProps & {
  readonly messages: readonly MessageInfo[];
  readonly box: Scrolling['box'];
  readonly firstUnread: MessageInfo | null;
};

function MessageList({ messages, box, ...props }: ListProps): JSX.Element {
  const code = useValue(language);
  const receipts = useValue(liveRoom(client, props.room.id).receipts);
  const [chosen, setChosen] = useState<string | null>(null);
  const { marked, openQuote } = useJump(props.room, messages, box);
  useEffect(() => {
    const ids = messages.flatMap(({ id }) => id ?? []);
    threads.show(ids);
    locationsIn(props.room.id).show(ids);
  }, [messages]);
  const current = messages.some(({ key }) => key === chosen) ? chosen : messages.at(-1)?.key;
  const rows = messages.flatMap((message, at): ComponentChildren[] => {
    const before = messages[at - 1];
    const isNewDay = !before || dayKey(before.sentAt) !== dayKey(message.sentAt);
    const row = (
      <Message
        key={message.key}
        message={message}
        room={props.room}
        isContinued={!isNewDay && message !== props.firstUnread && isTogether(before, message)}
        isEditing={props.editing === message.key}
        canReact={canReact(props.info)}
        canReply={props.info.viewerCanSend}
        canReplyInThread={canReplyInThreads(props.info)}
        isArchived={props.info.isArchived}
        canDelete={props.info.viewerPermissions.includes('DELETE_MESSAGES')}
        canPin={canPin(props.info)}
        isCurrent={message.key === current}
        isMarked={message.id !== null && message.id === marked}
        receipts={receipts.get(message.id ?? '')}
        onFocus={setChosen}
        onReply={props.onReply}
        onEdit={props.onEdit}
        onOpenQuote={openQuote}
      />
    );
    return [
      isNewDay && <Day key={`day ${message.key}`} text={dayOf(code, message.sentAt)} />,
      message === props.firstUnread && <UnreadLine key="unread" />,
      row,
    ];
  });
  return (
    <ol class="messages" onKeyDown={moveFocus}>
      {rows}
    </ol>
  );
}

function Day({ text }: { text: string }): JSX.Element {
  return (
    <li class="day">
      <span>{text}</span>
    </li>
  );
}

function isTogether(before: MessageInfo, message: MessageInfo): boolean {
  const isSoon = Date.parse(message.sentAt) - Date.parse(before.sentAt) < TOGETHER_MS;
  return before.author.id === message.author.id && isSoon && !message.replyTo;
}

/** Jumps to a message anywhere in the history, quoted or listed elsewhere, and highlights it for a moment. */
function useJump(
  room: RoomHandle,
  messages: readonly MessageInfo[],
  box: Scrolling['box'],
): { marked: string | null; openQuote: (messageId: string) => void } {
  const [target, setTarget] = useState<string | null>(null);
  const [marked, setMarked] = useMark();
  useLayoutEffect(() => {
    const found = target !== null && messages.find(({ id }) => id === target);
    const element = found && box.current && elementOf(box.current, found.key);
    if (!element) return;
    element.scrollIntoView({ block: 'center' });
    element.focus({ preventScroll: true });
    setMarked(target);
    setTarget(null);
  }, [target, messages]);
  const openQuote = (messageId: string) => {
    setTarget(messageId);
    if (!messages.some(({ id }) => id === messageId)) attempt(() => room.jump({ messageId }));
  };
  const asked = useValue(jumpTarget);
  useLayoutEffect(() => {
    if (asked?.roomId !== room.id) return;
    jumpTarget.set(null);
    openQuote(asked.messageId);
  }, [asked]);
  return { marked, openQuote };
}

/** The announcement of messages of others after that number; null: none. */
function announcementOf(messages: readonly MessageInfo[], after: number, t: Texts): string | null {
  const arrived = messages.filter(
    ({ seq, isOwn, text, author }) =>
      !isOwn && text !== null && (seq ?? 0) > after && !blocked.has(author.id),
  );
  // Several at once in an empty room are its history.
  if (arrived.length === 0 || (after === 0 && arrived.length > 1)) return null;
  if (arrived.length > MAX_ANNOUNCED) return t.newMessages(arrived.length);
  return arrived.map(({ author, text }) => t.announce(nameOf(author, t), plain(text) ?? '')).join('\n');
}

/** Announces arriving messages to screen readers, but not loaded ones. */
function Announcer({
  messages,
  hasNewer,
}: {
  messages: readonly MessageInfo[];
  hasNewer: boolean;
}): JSX.Element {
  const t = useTexts();
  const known = useRef<number | null>(null);
  const [said, setSaid] = useState('');
  useLayoutEffect(() => {
    if (hasNewer) return;
    const before = known.current;
    known.current = Math.max(before ?? 0, lastSeq(messages));
    if (before === null) return;
    const said = announcementOf(messages, before, t);
    if (said !== null) setSaid(said);
  }, [messages, hasNewer]);
  return (
    <div class="hidden" role="log" aria-live="polite" aria-label={t.unread}>
      {said}
    </div>
  );
}
