import type { RoomHandle } from '@parley/client';
import type { OpenThread, PendingReply, ReplyInfo, ThreadInfo, ThreadView } from '@parley/client/threads';
import type { JSX, TargetedKeyboardEvent } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { client } from '../platform/chat.ts';
import { drafts } from '../platform/drafts.ts';
import { isWatched } from '../platform/reading.ts';
import { shownThread, threads } from '../platform/threads.ts';
import { language } from '../texts/texts.ts';
import { sends } from './composer.tsx';
import { FormattedText } from './formatted-text.tsx';
import { Forwarded } from './forwarded.tsx';
import { useTexts, useValue } from './hooks.ts';
import { Icon } from './icons.tsx';
import { useLivingText } from './lifetime.tsx';
import { Metadata } from './metadata.tsx';
import { NewPollButton } from './new-poll.tsx';
import { Avatar, nameOf } from './people.tsx';
import { Poll } from './poll.tsx';
import { attempt, report, sayingOf } from './problems.tsx';
import { momentOf, timeOf } from './times.ts';

const show = (roomId: string, messageId: string) => shownThread.set({ roomId, messageId });

interface SummaryProps {
  readonly roomId: string;
  readonly messageId: string;
  readonly tabIndex: number;
}

/** The replies to a message in one line, below it: a button that opens them. */
export function ThreadSummary({ roomId, messageId, tabIndex }: SummaryProps): JSX.Element | null {
  const t = useTexts();
  const summary = useMemo(() => threads.of(messageId), [messageId]);
  const thread = useValue(summary);
  if (!thread) return null;
  const isUnread = thread.viewerIsFollowing === true && (thread.viewerUnreadCount ?? 0) > 0;
  return (
    <button
      type="button"
      class={isUnread ? 'thread-summary unread' : 'thread-summary'}
      tabIndex={tabIndex}
      onClick={() => show(roomId, messageId)}
    >
      <Icon name="thread" />
      <span>{t.replies(thread.replyCount)}</span>
      {isUnread && (
        <span class="badge">
          <span aria-hidden="true">{thread.viewerUnreadCount}</span>
          <span class="hidden">{t.newMessages(thread.viewerUnreadCount ?? 0)}</span>
        </span>
      )}
    </button>
  );
}

export const openThread = show;

/** The thread beside the room; on a phone, in place of it. */
export function ThreadPane(): JSX.Element | null {
  const shown = useValue(shownThread);
  return shown && <Pane key={shown.messageId} {...shown} />;
}

function Pane({ roomId, messageId }: { roomId: string; messageId: string }): JSX.Element {
  const t = useTexts();
  const open = useMemo(() => threads.open(roomId, messageId), [roomId, messageId]);
  useEffect(() => () => open.close(), [open]);
  const view = useValue(open.view);
  const close = () => shownThread.set(null);
  useMarking(open, view);
  return (
    <aside
      class="thread"
      aria-labelledby="thread-title"
      onKeyDown={(event) => {
        const isInDialog = event.target instanceof Element && event.target.closest('dialog') !== null;
        if (event.key === 'Escape' && !isInDialog) close();
      }}
    >
      <header class="thread-head">
        <h2 id="thread-title">{view.thread?.title ?? t.thread}</h2>
        <NewPoll open={open} />
        {view.thread && <FollowToggle thread={view.thread} />}
        <button type="button" class="plain" aria-label={t.close} title={t.close} onClick={close}>
          <Icon name="close" />
        </button>
      </header>
      <Replies open={open} view={view} />
      <ReplyComposer open={open} />
    </aside>
  );
}

/** What is on the screen of a watched page was read. */
function useMarking(open: OpenThread, { thread }: ThreadView): void {
  const isSeen = useValue(isWatched);
  const isUnread = (thread?.viewerReadSeq ?? 0) < (thread?.lastThreadSeq ?? 0);
  useEffect(() => {
    if (isSeen && isUnread) open.markRead();
  }, [isSeen, isUnread, open]);
}

function FollowToggle({ thread }: { thread: ThreadInfo }): JSX.Element {
  const t = useTexts();
  const isFollowing = thread.viewerIsFollowing === true;
  return (
    <button
      type="button"
      class="plain toggle"
      aria-label={t.followThread}
      title={t.followThread}
      aria-pressed={isFollowing}
      onClick={() => attempt(() => threads.setFollowing(thread.id, !isFollowing))}
    >
      <Icon name={isFollowing ? 'bell' : 'muted'} />
    </button>
  );
}

/** Sends a poll as a reply. */
function NewPoll({ open }: { open: OpenThread }): JSX.Element | null {
  const info = useValue(client.room(open.roomId).info);
  if (!info?.viewerCanSend) return null;
  return <NewPollButton roomId={open.roomId} threadRootId={open.messageId} />;
}

function Replies({ open, view }: { open: OpenThread; view: ThreadView }): JSX.Element {
  const t = useTexts();
  const box = useRef<HTMLDivElement>(null);
  const room = client.room(open.roomId);
  const count = view.replies.length + view.pending.length;
  useLayoutEffect(() => {
    box.current?.scrollTo({ top: box.current.scrollHeight });
  }, [count]);
  return (
    <div class="thread-replies" ref={box} role="log" aria-label={t.thread} tabIndex={0}>
      {view.root && <Reply reply={view.root} room={room} />}
      {view.hasOlder && (
        <button type="button" class="small" disabled={view.isLoading} onClick={() => void open.loadOlder()}>
          {t.olderReplies}
        </button>
      )}
      {view.error && (
        <p class="fate failed">
          <Icon name="warning" />
          <span>{sayingOf(view.error, t)}</span>
          <button type="button" class="small" onClick={() => void open.reload()}>
            {t.retry}
          </button>
        </p>
      )}
      <ol class="messages">
        {view.replies.map((reply) => (
          <li key={reply.idempotencyKey}>
            <Reply reply={reply} room={room} />
          </li>
        ))}
        {view.pending.map((pending) => (
          <li key={pending.key}>
            <Pending pending={pending} room={room} />
          </li>
        ))}
      </ol>
    </div>
  );
}

function Reply({ reply, room }: { reply: ReplyInfo; room: RoomHandle }): JSX.Element {
  const t = useTexts();
  const code = useValue(language);
  const info = useValue(room.info);
  const viewer = useValue(client.viewer);
  const name = nameOf(reply.author, t);
  const text = useLivingText(reply);
  const shown = text !== null && <FormattedText text={text} authorId={reply.author.id} room={room} />;
  return (
    <div class="message">
      <Avatar id={reply.author.id} name={name} />
      <div class="message-body">
        <p class="message-head">
          <strong>{name}</strong>
          <time dateTime={reply.sentAt} title={momentOf(code, reply.sentAt)}>
            {timeOf(code, reply.sentAt)}
          </time>
        </p>
        {reply.forward && <Forwarded messageId={reply.id} tabIndex={0} />}
        <div class="content">{shown || <em class="deleted">{t.deleted}</em>}</div>
        <Metadata message={reply} />
        <Poll
          message={{ ...reply, isOwn: reply.author.id === viewer?.id }}
          canClose={info?.viewerPermissions.includes('DELETE_MESSAGES') ?? false}
          isArchived={info?.isArchived ?? true}
          tabIndex={0}
        />
        {reply.seq !== null && reply.threadSeq !== null && <small class="also">{t.alsoInRoom}</small>}
      </div>
    </div>
  );
}

function Pending({ pending, room }: { pending: PendingReply; room: RoomHandle }): JSX.Element {
  const t = useTexts();
  const viewer = useValue(client.viewer);
  const { key, text, error } = pending;
  return (
    <div class="message pending">
      {viewer && <Avatar id={viewer.id} name={nameOf(viewer, t)} />}
      <div class="message-body">
        <div class="content">
          <FormattedText text={text} authorId={viewer?.id ?? ''} room={room} />
        </div>
        {!error && <p class="fate">{t.pending}</p>}
        {error && (
          <p class="fate failed">
            <Icon name="warning" />
            <span>
              {t.failed}: {t.errors[error.code] ?? error.detail}
            </span>
            <button type="button" class="small" onClick={() => attempt(() => client.retry(key))}>
              {t.retry}
            </button>
            <button type="button" class="small" onClick={() => attempt(() => client.discard(key))}>
              {t.discard}
            </button>
          </p>
        )}
      </div>
    </div>
  );
}

function ReplyComposer({ open }: { open: OpenThread }): JSX.Element | null {
  const t = useTexts();
  const info = useValue(client.room(open.roomId).info);
  const input = useRef<HTMLTextAreaElement>(null);
  const draft = drafts.of(open.roomId, open.messageId);
  const text = useValue(draft)?.text ?? '';
  const [isInRoom, setInRoom] = useState(false);
  useLayoutEffect(() => input.current?.focus(), []);
  if (!info?.viewerCanSend) return null;
  const send = () => {
    if (text.trim() === '') return;
    open.send(text, { alsoSendToRoom: isInRoom, key: draft.take() }).catch(report);
    setInRoom(false);
    input.current?.focus();
  };
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLTextAreaElement>) => {
    if (!sends(event)) return;
    event.preventDefault();
    send();
  };
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <div class="composer-row">
        <span class="grow" data-text={`${text}\n`}>
          <textarea
            ref={input}
            rows={1}
            value={text}
            maxLength={5000}
            aria-label={t.writeReply}
            placeholder={t.writeReply}
            onInput={(event) => draft.write(event.currentTarget.value)}
            onKeyDown={onKeyDown}
          />
        </span>
        <button type="submit" class="primary round" aria-label={t.send} disabled={text.trim() === ''}>
          <Icon name="send" />
        </button>
      </div>
      <label class="also-send">
        <input
          type="checkbox"
          checked={isInRoom}
          onChange={(event) => setInRoom(event.currentTarget.checked)}
        />
        {t.alsoSendToRoom}
      </label>
    </form>
  );
}
