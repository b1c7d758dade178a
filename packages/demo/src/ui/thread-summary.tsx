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
  const isUnread = thread.viewerIsFollowing === true && (thread.viewerUnreadCount ?? 0) > 0;
  return (
    <button
      type="button"
      class={isUnread ? 'thread-summary unread' : 'thread-summary'}
      tabIndex={tabIndex}
      onClick={() => openThread(roomId, messageId)}
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
