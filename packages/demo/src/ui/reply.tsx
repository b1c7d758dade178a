import type { RoomHandle, RoomInfo } from '@parley/client';
import { quoteStateOf } from '@parley/client/quotes';
import { canReact, canReplyInThreads } from '@parley/client/room-settings';
import type { ReplyInfo } from '@parley/client/threads';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { CollapsedMessage, useBlocked } from './blocked.tsx';
import { ForwardButton } from './forward-dialog.tsx';
import { Forwarded } from './forwarded.tsx';
import { useTexts } from './hooks.ts';
import { Location } from './location.tsx';
import { Action, MessageActions } from './message-actions.tsx';
import { MessageContent } from './message-content.tsx';
import { MessageHead } from './message-head.tsx';
import { Metadata } from './metadata.tsx';
import { Avatar, nameOf } from './people.tsx';
import { canPin } from './pinned.tsx';
import { Poll } from './poll.tsx';
import { InvisibleQuote, Quote } from './quote.tsx';
import { EmojiPicker, Reactions } from './reactions.tsx';

interface ReplyProps {
  readonly reply: ReplyInfo;
  readonly room: RoomHandle;
  readonly info: RoomInfo | null;
  readonly isEditing: boolean;
  /** Whether the tab key reaches it; arrow keys reach the others. */
  readonly isCurrent: boolean;
  readonly isMarked: boolean;
  readonly onFocus: (key: string) => void;
  readonly onReply: () => void;
  readonly onEdit: (key: string | null) => void;
  readonly onOpenQuote: (messageId: string) => void;
  readonly onKeepUnread: (threadSeq: number) => void;
}

/** A reply, or the message that the thread belongs to; one of a blocked user is collapsed. */
export function Reply(props: ReplyProps): JSX.Element {
  const { reply, isCurrent, onFocus } = props;
  const [isShown, setShown] = useState(false);
  const isBlocked = useBlocked(reply.author.id);
  if (!isBlocked || isShown) return <WholeReply {...props} />;
  return (
    <CollapsedMessage
      messageKey={reply.key}
      tabIndex={isCurrent ? 0 : -1}
      onFocus={onFocus}
      onShow={() => setShown(true)}
    />
  );
}

function WholeReply(props: ReplyProps): JSX.Element {
  const { reply, room, info, isCurrent, isMarked, isEditing } = props;
  const t = useTexts();
  const [isPicking, setPicking] = useState(false);
  const tabIndex = isCurrent ? 0 : -1;
  const { threadSeq } = reply;
  const isRoot = threadSeq === null;
  const classes = ['message', isRoot && 'thread-root', isMarked && 'marked'];
  const canReply = info !== null && canReplyInThreads(info);
  const mayReact = info !== null && canReact(info);
  return (
    <li
      class={classes.filter(Boolean).join(' ')}
      data-key={reply.key}
      tabIndex={tabIndex}
      onFocusIn={() => props.onFocus(reply.key)}
    >
      <Avatar id={reply.author.id} name={nameOf(reply.author, t)} />
      <div class="message-body">
        <MessageHead room={room} message={reply} tabIndex={tabIndex} />
        {reply.replyTo && <Quote quoted={reply.replyTo} onOpen={props.onOpenQuote} />}
        {quoteStateOf(reply) === 'INVISIBLE' && <InvisibleQuote />}
        {reply.forward && <Forwarded messageId={reply.id} tabIndex={tabIndex} />}
        <MessageContent room={room} message={reply} isEditing={isEditing} onDone={() => props.onEdit(null)} />
        <Metadata message={reply} />
        <Location roomId={room.id} message={reply} tabIndex={tabIndex} />
        <Poll
          message={reply}
          canClose={canDelete(info)}
          isArchived={info?.isArchived ?? true}
          tabIndex={tabIndex}
        />
        <Reactions room={room} message={reply} canReact={mayReact} tabIndex={tabIndex} />
        {isPicking && <EmojiPicker room={room} message={reply} onClose={() => setPicking(false)} />}
        {!isRoot && reply.seq !== null && <small class="also">{t.alsoInRoom}</small>}
      </div>
      {!isEditing && reply.text !== null && (
        <MessageActions
          room={room}
          message={{ ...reply, isPinned: reply.isPinned ?? false }}
          canReact={mayReact}
          canReply={canReply}
          canDelete={canDelete(info)}
          canPin={info !== null && canPin(info)}
          tabIndex={tabIndex}
          onReact={() => setPicking(true)}
          onReply={props.onReply}
          onEdit={() => props.onEdit(reply.key)}
        >
          <ForwardButton messageId={reply.id} tabIndex={tabIndex} />
          {!reply.isOwn && threadSeq !== null && (
            <Action
              icon="unread"
              label={t.markUnread}
              tabIndex={tabIndex}
              run={() => props.onKeepUnread(threadSeq)}
            />
          )}
        </MessageActions>
      )}
    </li>
  );
}

const canDelete = (info: RoomInfo | null) => info?.viewerPermissions.includes('DELETE_MESSAGES') ?? false;
