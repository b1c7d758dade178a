import type { OpenThread, PendingReply, ReplyInfo, ThreadView } from '@parley/client/threads';
import type { JSX, RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { client } from '../platform/chat.ts';
import { quoteInThread } from '../platform/drafts.ts';
import { jumpTarget } from '../platform/jump.ts';
import { locationsIn } from '../platform/locations.ts';
import { shownThread } from '../platform/threads.ts';
import { Fate } from './fate.tsx';
import { FormattedText } from './formatted-text.tsx';
import { useTexts, useValue } from './hooks.ts';
import { Icon } from './icons.tsx';
import { moveFocus, useMark } from './message-focus.ts';
import { Avatar, nameOf } from './people.tsx';
import { attempt, sayingOf } from './problems.tsx';
import { Quote } from './quote.tsx';
import { Reply } from './reply.tsx';
import { elementOf } from './scrolling.ts';

interface RepliesProps {
  readonly open: OpenThread;
  readonly view: ThreadView;
  /** The reply that the thread was opened for. */
  readonly target: string | null;
  /** The key of the reply whose text is being changed. */
  readonly editing: string | null;
  readonly onEdit: (key: string | null) => void;
  /** Marks the replies as unread from that one on. */
  readonly onKeepUnread: (threadSeq: number) => void;
}

/** The message that a thread belongs to, and its replies. */
export function Replies(props: RepliesProps): JSX.Element {
  const { open, view, target, editing, onEdit } = props;
  const t = useTexts();
  const box = useRef<HTMLDivElement>(null);
  const room = client.room(open.roomId);
  const info = useValue(room.info);
  const [chosen, setChosen] = useState<string | null>(null);
  useScrolling(box, view);
  const { marked, openQuote } = useReplyJump(open, view, box, target);
  const { root, replies } = view;
  useEffect(() => {
    locationsIn(open.roomId).show([...(root ? [root] : []), ...replies].map(({ id }) => id));
  }, [open.roomId, root, replies]);
  const current = [root, ...replies].some((each) => each?.key === chosen) ? chosen : root?.key;
  const row = (reply: ReplyInfo) => (
    <Reply
      key={reply.key}
      reply={reply}
      room={room}
      info={info}
      isEditing={editing === reply.key}
      isCurrent={reply.key === current}
      isMarked={reply.id === marked}
      onFocus={setChosen}
      onReply={() => quoteInThread(open.roomId, open.messageId, reply.id)}
      onEdit={onEdit}
      onOpenQuote={openQuote}
      onKeepUnread={props.onKeepUnread}
    />
  );
  return (
    <div class="thread-replies" ref={box} role="log" aria-label={t.replyList} tabIndex={-1}>
      <ol class="messages" onKeyDown={moveFocus}>
        {root && row(root)}
        {view.hasOlder && (
          <li class="edge">
            <button
              type="button"
              class="small"
              disabled={view.isLoading}
              onClick={() => void open.loadOlder()}
            >
              {t.olderReplies}
            </button>
          </li>
        )}
        {replies.map(row)}
        {view.pending.map((pending) => (
          <Pending key={pending.key} pending={pending} open={open} />
        ))}
      </ol>
      <ReadFailure open={open} view={view} />
    </div>
  );
}

function ReadFailure({ open, view }: Pick<RepliesProps, 'open' | 'view'>): JSX.Element | null {
  const t = useTexts();
  if (!view.error) return null;
  return (
    <p class="fate failed">
      <Icon name="warning" />
      <span>{sayingOf(view.error, t)}</span>
      <button type="button" class="small" onClick={() => void open.reload()}>
        {t.retry}
      </button>
    </p>
  );
}

interface PendingProps {
  readonly pending: PendingReply;
  readonly open: OpenThread;
}

function Pending({ pending, open }: PendingProps): JSX.Element {
  const t = useTexts();
  const viewer = useValue(client.viewer);
  return (
    <li class="message pending">
      {viewer && <Avatar id={viewer.id} name={nameOf(viewer, t)} />}
      <div class="message-body">
        {pending.replyTo && <Quote quoted={pending.replyTo} onOpen={() => undefined} />}
        <div class="content">
          <FormattedText text={pending.text} authorId={viewer?.id ?? ''} room={client.room(open.roomId)} />
        </div>
        <Fate message={pending} />
      </div>
    </li>
  );
}

type Box = RefObject<HTMLDivElement | null>;

/** A new reply scrolls to the end; older ones leave what is on the screen where it is. */
function useScrolling(box: Box, { root, replies, pending }: ThreadView): void {
  const last = pending.at(-1)?.key ?? replies.at(-1)?.idempotencyKey ?? root?.key;
  const seen = useRef({ last, height: 0 });
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const { scrollHeight } = element;
    if (seen.current.last !== last) element.scrollTop = scrollHeight;
    else element.scrollTop += scrollHeight - seen.current.height;
    seen.current = { last, height: scrollHeight };
  }, [last, replies[0]?.key]);
}

/** Leads to a reply, and highlights it for a moment; to the room, if the thread does not contain the message. */
function useReplyJump(
  open: OpenThread,
  { root, replies }: ThreadView,
  box: Box,
  asked: string | null,
): { marked: string | null; openQuote: (messageId: string) => void } {
  const [target, setTarget] = useState<string | null>(null);
  const [marked, setMarked] = useMark();
  const openQuote = (messageId: string) =>
    attempt(async () => {
      if (await open.loadUntil(messageId)) setTarget(messageId);
      else jumpInRoom(open.roomId, messageId);
    });
  useLayoutEffect(() => {
    if (asked !== null) openQuote(asked);
  }, [asked]);
  useLayoutEffect(() => {
    const found = [root, ...replies].find((each) => each?.id === target);
    const element = found && box.current && elementOf(box.current, found.key);
    if (!element) return;
    element.scrollIntoView({ block: 'center' });
    element.focus({ preventScroll: true });
    setMarked(target);
    setTarget(null);
  }, [target, replies]);
  return { marked, openQuote };
}

/** Where the pane covers the room, it is closed. */
function jumpInRoom(roomId: string, messageId: string): void {
  if (matchMedia('(max-width: 74.99rem)').matches) shownThread.set(null);
  jumpTarget.set({ roomId, messageId });
}
