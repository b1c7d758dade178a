import type { MessageInfo, RoomHandle } from '@parley/client';
import type { MessageReceipts } from '@parley/client/live';
import { pin, unpin } from '@parley/client/pins';
import { markUnread } from '@parley/client/reading';
import { saveMessage, unsaveMessage } from '@parley/client/saved';
import type { JSX, TargetedKeyboardEvent } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { client } from '../platform/chat.ts';
import { holdUnread } from '../platform/reading.ts';
import { saved } from '../platform/saved.ts';
import { language } from '../texts/texts.ts';
import { sends } from './composer.tsx';
import { confirmed } from './dialog.tsx';
import { FormattedText, plain } from './formatted-text.tsx';
import { useTexts, useValue } from './hooks.ts';
import { Icon, type IconName } from './icons.tsx';
import { Avatar, nameOf } from './people.tsx';
import { Poll } from './poll.tsx';
import { attempt } from './problems.tsx';
import { EmojiPicker, Reactions } from './reactions.tsx';
import { Edited } from './revisions.tsx';
import { openThread, ThreadSummary } from './thread.tsx';
import { Ticks } from './ticks.tsx';
import { momentOf, timeOf } from './times.ts';

export interface MessageProps {
  readonly message: MessageInfo;
  readonly room: RoomHandle;
  /** Whether the previous message has the same author and about the same time. */
  readonly isContinued: boolean;
  readonly isEditing: boolean;
  readonly canReply: boolean;
  readonly canDelete: boolean;
  readonly canPin: boolean;
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

export function Message(props: MessageProps): JSX.Element {
  const { message, isContinued, isMarked, isCurrent } = props;
  const t = useTexts();
  const name = nameOf(message.author, t);
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
      <Avatar id={message.author.id} name={name} />
      <div class="message-body">
        <MessageHead room={props.room} message={message} name={name} tabIndex={tabIndex} />
        {message.replyTo && <Quote quoted={message.replyTo} onOpen={props.onOpenQuote} />}
        <Content {...props} />
        <Poll
          message={message}
          canClose={props.canDelete}
          isArchived={props.isArchived}
          tabIndex={tabIndex}
        />
        <Reactions room={props.room} message={message} canReact={props.canReply} tabIndex={tabIndex} />
        {message.id && message.seq !== null && (
          <ThreadSummary roomId={props.room.id} messageId={message.id} tabIndex={tabIndex} />
        )}
        {isPicking && <EmojiPicker room={props.room} message={message} onClose={() => setPicking(false)} />}
        <Fate message={message} />
      </div>
      <Ticks message={message} receipts={props.receipts} tabIndex={tabIndex} />
      {!props.isEditing && <Actions {...props} onPick={() => setPicking(true)} />}
    </li>
  );
}

interface HeadProps {
  readonly room: RoomHandle;
  readonly message: MessageInfo;
  readonly name: string;
  readonly tabIndex: number;
}

function MessageHead({ room, message, name, tabIndex }: HeadProps): JSX.Element {
  const t = useTexts();
  const code = useValue(language);
  return (
    <p class="message-head">
      <strong>{name}</strong>
      <time dateTime={message.sentAt} title={momentOf(code, message.sentAt)}>
        {timeOf(code, message.sentAt)}
      </time>
      <Edited room={room} message={message} tabIndex={tabIndex} />
      {message.isPinned && (
        <small class="pinned-mark" title={t.isPinned}>
          <Icon name="pin" />
          <span class="hidden">{t.isPinned}</span>
        </small>
      )}
    </p>
  );
}

function Quote({
  quoted,
  onOpen,
}: {
  quoted: NonNullable<MessageInfo['replyTo']>;
  onOpen: (messageId: string) => void;
}): JSX.Element {
  const t = useTexts();
  const name = nameOf(quoted.author, t);
  const { id } = quoted;
  return (
    <button type="button" class="quote" onClick={() => id && onOpen(id)}>
      <span class="hidden">{t.quoted} </span>
      <strong>{name}</strong>
      <span>{plain(quoted.text) ?? t.deleted}</span>
    </button>
  );
}

function Content(props: MessageProps): JSX.Element {
  const t = useTexts();
  const { message, room, isEditing, onEdit } = props;
  const { text } = message;
  const shown = text !== null && <FormattedText text={text} authorId={message.author.id} room={room} />;
  if (isEditing && text !== null && message.id)
    return <Editor room={room} message={message} onDone={() => onEdit(null)} />;
  return <div class="content">{shown || <em class="deleted">{t.deleted}</em>}</div>;
}

interface EditorProps {
  readonly room: RoomHandle;
  readonly message: MessageInfo;
  readonly onDone: () => void;
}

function Editor({ room, message, onDone }: EditorProps): JSX.Element {
  const t = useTexts();
  const input = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState(message.text ?? '');
  useLayoutEffect(() => {
    input.current?.focus();
    input.current?.setSelectionRange(text.length, text.length);
  }, []);
  const save = () =>
    attempt(async () => {
      if (text !== message.text) await room.edit(message.id ?? '', text, message.version);
      onDone();
    });
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLTextAreaElement>) => {
    if (sends(event)) {
      event.preventDefault();
      save();
    } else if (event.key === 'Escape') onDone();
    event.stopPropagation();
  };
  return (
    <form
      class="editor"
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <span class="grow" data-text={`${text}\n`}>
        <textarea
          ref={input}
          rows={1}
          value={text}
          maxLength={5000}
          aria-label={t.editMessage}
          onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={onKeyDown}
        />
      </span>
      <div class="buttons">
        <button type="button" class="small" onClick={onDone}>
          {t.cancel}
        </button>
        <button type="submit" class="small primary" disabled={text.trim() === ''}>
          {t.save}
        </button>
      </div>
    </form>
  );
}

/** The sending state of a message of this device. */
function Fate({ message }: { message: MessageInfo }): JSX.Element | null {
  const t = useTexts();
  if (message.status === 'stored') return null;
  if (message.status !== 'failed') return <Waiting isSent={message.status === 'sent'} />;
  return (
    <p class="fate failed">
      <Icon name="warning" />
      <span>
        {t.failed}: {t.errors[message.error?.code ?? ''] ?? message.error?.detail}
      </span>
      <button type="button" class="small" onClick={() => attempt(() => client.retry(message.key))}>
        {t.retry}
      </button>
      <button type="button" class="small" onClick={() => attempt(() => client.discard(message.key))}>
        {t.discard}
      </button>
    </p>
  );
}

function Waiting({ isSent }: { isSent: boolean }): JSX.Element {
  const t = useTexts();
  return (
    <p class="fate">
      <Icon name={isSent ? 'check' : 'clock'} />
      <span>{isSent ? t.sending : t.pending}</span>
    </p>
  );
}

function Actions({
  message,
  room,
  ...props
}: MessageProps & { readonly onPick: () => void }): JSX.Element | null {
  const t = useTexts();
  useValue(saved);
  const { id, seq } = message;
  if (message.status !== 'stored' || message.text === null || id === null) return null;
  const remove = () => confirmed(t.deleteConfirm, t.delete, () => attempt(() => room.delete(id)));
  const keepUnread = (fromSeq: number) =>
    attempt(async () => {
      holdUnread(room.id);
      await markUnread(client, room.id, fromSeq);
    });
  const action = (icon: IconName, label: string, run: () => void) => (
    <button
      type="button"
      class="plain"
      aria-label={label}
      title={label}
      tabIndex={props.isCurrent ? 0 : -1}
      onClick={run}
    >
      <Icon name={icon} />
    </button>
  );
  return (
    <div class="message-actions" role="group" aria-label={t.actions}>
      {props.canReply && action('smile', t.react, props.onPick)}
      {props.canReply && action('reply', t.reply, () => props.onReply(message))}
      {props.canReply && action('thread', t.replyInThread, () => openThread(room.id, id))}
      {!message.isOwn && seq !== null && action('unread', t.markUnread, () => keepUnread(seq))}
      {saved.has(id)
        ? action('bookmarked', t.unsave, () => attempt(() => unsaveMessage(client, id)))
        : action('bookmark', t.saveMessage, () => attempt(() => saveMessage(client, id)))}
      {props.canPin &&
        (message.isPinned
          ? action('unpin', t.unpin, () => attempt(() => unpin(client, id)))
          : action('pin', t.pin, () => attempt(() => pin(client, id))))}
      {message.isOwn && action('edit', t.edit, () => props.onEdit(message.key))}
      {(message.isOwn || props.canDelete) && action('delete', t.delete, remove)}
    </div>
  );
}
