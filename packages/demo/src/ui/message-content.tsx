import type { MessageInfo, RoomHandle } from '@parley/client';
import type { JSX, TargetedKeyboardEvent } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { sends } from './composer.tsx';
import { FormattedText } from './formatted-text.tsx';
import { useTexts } from './hooks.ts';
import { useLivingText } from './lifetime.tsx';
import { attempt } from './problems.tsx';

interface ContentProps {
  readonly room: RoomHandle;
  readonly message: Pick<MessageInfo, 'id' | 'text' | 'version' | 'author' | 'expiresAt'>;
  readonly isEditing: boolean;
  readonly onDone: () => void;
}

/** The text of a message, or its editor. */
export function MessageContent({ message, room, isEditing, onDone }: ContentProps): JSX.Element {
  const t = useTexts();
  const { id, version } = message;
  const text = useLivingText(message);
  if (isEditing && text !== null && id !== null)
    return <Editor room={room} message={{ id, text, version }} onDone={onDone} />;
  const shown = text !== null && <FormattedText text={text} authorId={message.author.id} room={room} />;
  return <div class="content">{shown || <em class="deleted">{t.deleted}</em>}</div>;
}

interface EditorProps {
  readonly room: RoomHandle;
  readonly message: { readonly id: string; readonly text: string; readonly version: number };
  readonly onDone: () => void;
}

function Editor({ room, message, onDone }: EditorProps): JSX.Element {
  const t = useTexts();
  const input = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState(message.text);
  useLayoutEffect(() => {
    input.current?.focus();
    input.current?.setSelectionRange(text.length, text.length);
  }, []);
  const save = () =>
    attempt(async () => {
      if (text !== message.text) await room.edit(message.id, text, message.version);
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
