import { canReplyInThreads } from '@parley/client/room-settings';
import type { OpenThread, ThreadView } from '@parley/client/threads';
import type { JSX, TargetedKeyboardEvent } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { client } from '../platform/chat.ts';
import { drafts, quoteInThread } from '../platform/drafts.ts';
import { sends } from './composer.tsx';
import { useTexts, useValue } from './hooks.ts';
import { Icon } from './icons.tsx';
import { ExpiryChoice, useExpiry } from './lifetime.tsx';
import { report } from './problems.tsx';
import { Replying } from './replying.tsx';
import { SlowModeNote, useSlowMode } from './slow-mode.tsx';
import { WritingField } from './writing-field.tsx';

interface ComposerProps {
  readonly open: OpenThread;
  readonly view: ThreadView;
  readonly onEdit: (key: string) => void;
}

export function ReplyComposer(props: ComposerProps): JSX.Element | null {
  const info = useValue(client.room(props.open.roomId).info);
  return info && canReplyInThreads(info) ? <Writing {...props} canSendToRoom={info.viewerCanSend} /> : null;
}

type WritingProps = ComposerProps & { readonly canSendToRoom: boolean };

function Writing({ open, view, canSendToRoom, onEdit }: WritingProps): JSX.Element {
  const t = useTexts();
  const input = useRef<HTMLTextAreaElement>(null);
  const draft = drafts.of(open.roomId, open.messageId);
  const { text, quotedMessageId } = useValue(draft) ?? { text: '', quotedMessageId: null };
  const [isInRoom, setInRoom] = useState(false);
  const expiry = useExpiry();
  const wait = useSlowMode(open.roomId);
  const canSend = text.trim() !== '' && wait === 0;
  const cancelQuote = () => quoteInThread(open.roomId, open.messageId, null);
  useLayoutEffect(() => {
    // Another device may have quoted the message.
    if (quotedMessageId === null || document.hasFocus()) input.current?.focus();
  }, [quotedMessageId]);
  const send = () => {
    if (!canSend) return;
    const options = {
      alsoSendToRoom: isInRoom,
      replyToId: quotedMessageId,
      key: draft.take(),
      ...expiry.take(),
    };
    open.send(text, options).catch(report);
    setInRoom(false);
    input.current?.focus();
  };
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLTextAreaElement>) => {
    const last = view.replies.findLast((reply) => reply.isOwn && reply.text !== null);
    if (sends(event)) send();
    else if (event.key === 'Escape' && quotedMessageId !== null) cancelQuote();
    else if (event.key === 'ArrowUp' && text === '' && last) onEdit(last.key);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const all = view.root ? [view.root, ...view.replies] : view.replies;
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <SlowModeNote seconds={wait} />
      {quotedMessageId !== null && (
        <Replying messageId={quotedMessageId} among={all} onCancel={cancelQuote} />
      )}
      <div class="composer-row">
        <WritingField
          room={client.room(open.roomId)}
          input={input}
          text={text}
          label={t.writeReply}
          onWrite={(value) => draft.write(value, { quotedMessageId })}
          onKeyDown={onKeyDown}
        />
        <button type="submit" class="primary round" aria-label={t.send} disabled={!canSend}>
          <Icon name="send" />
        </button>
      </div>
      <div class="composer-foot">
        {canSendToRoom && (
          <label class="also-send">
            <input
              type="checkbox"
              checked={isInRoom}
              onChange={(event) => setInRoom(event.currentTarget.checked)}
            />
            {t.alsoSendToRoom}
          </label>
        )}
        <ExpiryChoice expiry={expiry} />
      </div>
    </form>
  );
}
