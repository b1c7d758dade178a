import type { MessageInfo, RoomHandle } from '@parley/client';
import type { MessageReceipts } from '@parley/client/live';
import { quoteStateOf } from '@parley/client/quotes';
import { markUnread } from '@parley/client/reading';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { client } from '../platform/chat.ts';
import { holdUnread } from '../platform/reading.ts';
import { openThread } from '../platform/threads.ts';
import { CollapsedMessage, useBlocked } from './blocked.tsx';
import { Fate } from './fate.tsx';
import { ForwardButton } from './forward-dialog.tsx';
import { Forwarded } from './forwarded.tsx';
import { useTexts } from './hooks.ts';
import { Location } from './location.tsx';
import { Action, MessageActions, type MessageRights } from './message-actions.tsx';
import { MessageContent } from './message-content.tsx';
import { MessageHead } from './message-head.tsx';
import { Metadata } from './metadata.tsx';
import { Avatar, nameOf } from './people.tsx';
import { Poll } from './poll.tsx';
import { attempt } from './problems.tsx';
import { InvisibleQuote, Quote } from './quote.tsx';
import { EmojiPicker, Reactions } from './reactions.tsx';
import { ThreadSummary } from './thread-summary.tsx';
import { Ticks } from './ticks.tsx';

export interface MessageProps extends MessageRights {
  readonly message: MessageInfo;
  readonly room: RoomHandle;
  readonly canReplyInThread: boolean;
  /** Whether the previous message has the same author and about the same time. */
  readonly isContinued: boolean;
  readonly isEditing: boolean;
  readonly isArchived: boolean;
  /** Whether the tab key reaches it; arrow keys reach the others. */
  readonly isCurrent: boolean;
  readonly isMarked: boolean;
  readonly receipts: MessageReceipts | undefined;
  readonly onFocus: (key: string) => void;
  readonly onReply: (message: MessageInfo) => void;
  readonly onEdit: (key: string | null) => void;
  readonly onOpenQuote: (messageId: string) => void;
}

/** A message; one of a blocked user is collapsed. */
export function Message(props: MessageProps): JSX.Element {
  const { message, isCurrent, onFocus } = props;
  const [isShown, setShown] = useState(false);
  const isBlocked = useBlocked(message.author.id);
  if (!isBlocked || isShown) return <WholeMessage {...props} />;
  return (
    <CollapsedMessage
      messageKey={message.key}
      tabIndex={isCurrent ? 0 : -1}
      onFocus={onFocus}
      onShow={() => setShown(true)}
    />
  );
}

function WholeMessage(props: MessageProps): JSX.Element {
  const { message, room, isContinued, isMarked, isCurrent } = props;
  const t = useTexts();
  const [isPicking, setPicking] = useState(false);
  const tabIndex = isCurrent ? 0 : -1;
  const classes = ['message', message.status, isContinued && 'continued', isMarked && 'marked'];
  return (
    <li
      class={classes.filter(Boolean).join(' ')}
      data-key={message.key}
      tabIndex={tabIndex}
      onFocusIn={() => props.onFocus(message.key)}
    >
      <Avatar id={message.author.id} name={nameOf(message.author, t)} />
      <div class="message-body">
        <MessageHead room={room} message={message} tabIndex={tabIndex} />
        {message.replyTo && <Quote quoted={message.replyTo} onOpen={props.onOpenQuote} />}
        {quoteStateOf(message) === 'INVISIBLE' && <InvisibleQuote />}
        {message.id && message.forward && <Forwarded messageId={message.id} tabIndex={tabIndex} />}
        <MessageContent
          room={room}
          message={message}
          isEditing={props.isEditing}
          onDone={() => props.onEdit(null)}
        />
        <Metadata message={message} />
        {message.id && (
          <Location roomId={room.id} message={{ id: message.id, isOwn: message.isOwn }} tabIndex={tabIndex} />
        )}
        <Poll
          message={message}
          canClose={props.canDelete}
          isArchived={props.isArchived}
          tabIndex={tabIndex}
        />
        <Reactions room={room} message={message} canReact={props.canReact} tabIndex={tabIndex} />
        {message.id && message.seq !== null && (
          <ThreadSummary roomId={room.id} messageId={message.id} tabIndex={tabIndex} />
        )}
        {isPicking && <EmojiPicker room={room} message={message} onClose={() => setPicking(false)} />}
        <Fate message={message} />
      </div>
      <Ticks message={message} receipts={props.receipts} tabIndex={tabIndex} />
      {!props.isEditing && <Actions {...props} tabIndex={tabIndex} onPick={() => setPicking(true)} />}
    </li>
  );
}

type ActionsProps = MessageProps & { readonly tabIndex: number; readonly onPick: () => void };

function Actions({ message, ...props }: ActionsProps): JSX.Element | null {
  const t = useTexts();
  const { room, tabIndex } = props;
  const { id, seq, isOwn, isPinned = false } = message;
  if (message.status !== 'stored' || message.text === null || id === null) return null;
  const inThread = () => openThread(room.id, id);
  const keepUnread = (fromSeq: number) =>
    attempt(async () => {
      holdUnread(room.id);
      await markUnread(client, room.id, fromSeq);
    });
  return (
    <MessageActions
      room={room}
      message={{ id, isOwn, isPinned }}
      canReact={props.canReact}
      canReply={props.canReply}
      canDelete={props.canDelete}
      canPin={props.canPin}
      tabIndex={tabIndex}
      onReact={props.onPick}
      onReply={() => props.onReply(message)}
      onEdit={() => props.onEdit(message.key)}
    >
      {props.canReplyInThread && (
        <Action icon="thread" label={t.replyInThread} tabIndex={tabIndex} run={inThread} />
      )}
      <ForwardButton messageId={id} tabIndex={tabIndex} />
      {!isOwn && seq !== null && (
        <Action icon="unread" label={t.markUnread} tabIndex={tabIndex} run={() => keepUnread(seq)} />
      )}
    </MessageActions>
  );
}
