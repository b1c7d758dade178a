import type { ThreadInfo } from '@parley/client/threads';
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { openThread, threads } from '../platform/threads.ts';
import { useTexts, useValue } from './hooks.ts';
import { Icon } from './icons.tsx';

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
  const isUnread = unreadIn(thread) > 0;
  return (
    <button
      type="button"
      class={isUnread ? 'thread-summary unread' : 'thread-summary'}
      tabIndex={tabIndex}
      onClick={() => openThread(roomId, messageId)}
    >
      <Icon name="thread" />
      <span>{t.replies(thread.replyCount)}</span>
      <UnreadReplies thread={thread} />
    </button>
  );
}

const unreadIn = ({ viewerIsFollowing, viewerUnreadCount }: ThreadInfo) =>
  viewerIsFollowing ? (viewerUnreadCount ?? 0) : 0;

/** How many replies of a followed thread are unread. */
export function UnreadReplies({ thread }: { thread: ThreadInfo }): JSX.Element | null {
  const t = useTexts();
  const count = unreadIn(thread);
  if (count === 0) return null;
  return (
    <span class="badge">
      <span aria-hidden="true">{count}</span>
      <span class="hidden">{t.newMessages(count)}</span>
    </span>
  );
}
