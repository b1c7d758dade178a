import { canReplyInThreads } from '@parley/client/room-settings';
import type { OpenThread, ThreadInfo, ThreadView } from '@parley/client/threads';
import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { client } from '../platform/chat.ts';
import { isWatched } from '../platform/reading.ts';
import { type ShownThread, shownThread, threads } from '../platform/threads.ts';
import { useTexts, useValue } from './hooks.ts';
import { Icon } from './icons.tsx';
import { NewPollButton } from './new-poll.tsx';
import { attempt } from './problems.tsx';
import { ReplyComposer } from './reply-composer.tsx';
import { Replies } from './thread-replies.tsx';
import { ThreadTitle } from './thread-title.tsx';

/** The thread beside the room; on a phone, in place of it. */
export function ThreadPane(): JSX.Element | null {
  const shown = useValue(shownThread);
  return shown && <Pane key={shown.messageId} {...shown} />;
}

function Pane({ roomId, messageId, replyId }: ShownThread): JSX.Element {
  const t = useTexts();
  const open = useMemo(() => threads.open(roomId, messageId), [roomId, messageId]);
  useEffect(() => () => open.close(), [open]);
  const view = useValue(open.view);
  const [editing, setEditing] = useState<string | null>(null);
  const close = () => shownThread.set(null);
  const [isHeld, hold] = useState(false);
  useMarking(open, view, isHeld);
  const keepUnread = (threadSeq: number) =>
    attempt(async () => {
      hold(true);
      await open.markUnread(threadSeq);
    });
  return (
    <aside
      class="thread"
      aria-label={t.thread}
      onKeyDown={(event) => {
        const isInDialog = event.target instanceof Element && event.target.closest('dialog') !== null;
        if (event.key === 'Escape' && !isInDialog) close();
      }}
    >
      <header class="thread-head">
        <ThreadTitle roomId={roomId} view={view} />
        <NewPoll open={open} />
        {view.thread && <FollowToggle thread={view.thread} />}
        <button type="button" class="plain" aria-label={t.close} title={t.close} onClick={close}>
          <Icon name="close" />
        </button>
      </header>
      <Replies
        open={open}
        view={view}
        target={replyId ?? null}
        editing={editing}
        onEdit={setEditing}
        onKeepUnread={keepUnread}
      />
      <ReplyComposer open={open} view={view} onEdit={setEditing} />
    </aside>
  );
}

/** What is on the screen of a watched page was read, unless the user has just marked it as unread. */
function useMarking(open: OpenThread, { thread }: ThreadView, isHeld: boolean): void {
  const isSeen = useValue(isWatched);
  const isUnread = (thread?.viewerReadSeq ?? 0) < (thread?.lastThreadSeq ?? 0);
  useEffect(() => {
    if (isSeen && isUnread && !isHeld) open.markRead();
  }, [isSeen, isUnread, isHeld, open]);
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
  if (!info || !canReplyInThreads(info)) return null;
  return <NewPollButton roomId={open.roomId} threadRootId={open.messageId} />;
}
