import type { RoomHandle, RoomInfo } from '@parley/client';
import { liveRoom } from '@parley/client/live';
import type { JSX, TargetedKeyboardEvent } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { client } from '../platform/chat.ts';
import { drafts, quote } from '../platform/drafts.ts';
import { ClosedRoom } from './blocked.tsx';
import { useTexts, useValue } from './hooks.ts';
import { Icon } from './icons.tsx';
import { ExpiryChoice, useExpiry } from './lifetime.tsx';
import { report } from './problems.tsx';
import { Replying } from './replying.tsx';
import { SlowModeNote, useSlowMode } from './slow-mode.tsx';
import { WritingField } from './writing-field.tsx';

interface ComposerProps {
  readonly room: RoomHandle;
  readonly info: RoomInfo;
  readonly onEdit: (key: string) => void;
}

export function Composer(props: ComposerProps): JSX.Element {
  const t = useTexts();
  const { info } = props;
  if (info.viewerCanSend) return <Writing {...props} />;
  const [reason = 'NOT_PERMITTED'] = info.viewerCannotSendReasons;
  if (info.kind === 'DIRECT' && reason === 'NOT_PERMITTED') return <ClosedRoom room={props.room} />;
  return <p class="cannot-send">{t.cannotSend[reason] ?? t.cannotSend['NOT_PERMITTED']}</p>;
}

function Writing({ room, onEdit }: ComposerProps): JSX.Element {
  const t = useTexts();
  const id = useId();
  const input = useRef<HTMLTextAreaElement>(null);
  const draft = drafts.of(room.id);
  const { text, quotedMessageId } = useValue(draft) ?? { text: '', quotedMessageId: null };
  const messages = useValue(room.messages);
  const wait = useSlowMode(room.id);
  const canSend = text.trim() !== '' && wait === 0;
  const cancelQuote = () => quote(room.id, null);
  const write = (value: string) => {
    draft.write(value, { quotedMessageId });
    liveRoom(client, room.id).setTyping(value.trim() !== '');
  };
  useLayoutEffect(() => {
    // Another device may have quoted the message.
    if (quotedMessageId === null ? hasKeyboard() : document.hasFocus()) input.current?.focus();
  }, [quotedMessageId]);
  const send = () => {
    if (!canSend) return;
    const options = { replyToId: quotedMessageId, key: draft.take(), ...expiry.take() };
    // The message itself ends typing on the other side.
    room.send(text, options).catch(report);
    input.current?.focus();
  };
  const expiry = useExpiry();
  const editLast = useEditLast(room, onEdit);
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLTextAreaElement>) => {
    if (sends(event)) {
      event.preventDefault();
      send();
    } else if (event.key === 'Escape') cancelQuote();
    else if (event.key === 'ArrowUp' && text === '') editLast(event);
  };
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
        <Replying messageId={quotedMessageId} among={messages} onCancel={cancelQuote} />
      )}
      <div class="composer-row">
        <WritingField
          room={room}
          input={input}
          text={text}
          label={t.writeMessage}
          describedBy={id}
          onWrite={write}
          onKeyDown={onKeyDown}
        />
        <button type="submit" class="primary round" aria-label={t.send} disabled={!canSend}>
          <Icon name="send" />
        </button>
      </div>
      <div class="composer-foot">
        <p id={id} class="hint">
          {t.writeHint}
        </p>
        <ExpiryChoice expiry={expiry} />
      </div>
    </form>
  );
}

/** On a touch screen, the keyboard would cover the messages before the user wants to write. */
const hasKeyboard = () => matchMedia('(hover: hover)').matches;

/** Whether the key is Enter, but not the Enter that ends the composition of a character. */
export const sends = (event: TargetedKeyboardEvent<HTMLTextAreaElement>) =>
  event.key === 'Enter' && !event.shiftKey && !event.isComposing;

function useEditLast(room: RoomHandle, onEdit: (key: string) => void): (event: Event) => void {
  const messages = useValue(room.messages);
  return (event) => {
    const last = messages.findLast(
      ({ isOwn, status, text }) => isOwn && status === 'stored' && text !== null,
    );
    if (!last) return;
    event.preventDefault();
    onEdit(last.key);
  };
}
