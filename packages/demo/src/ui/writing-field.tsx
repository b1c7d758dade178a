import type { RoomHandle } from '@parley/client';
import type { JSX, RefObject, TargetedKeyboardEvent } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';
import { MentionList, optionId, useMentions } from './mentions.tsx';

type KeyEvent = TargetedKeyboardEvent<HTMLTextAreaElement>;

interface FieldProps {
  /** Its members can be mentioned. */
  readonly room: RoomHandle;
  readonly input: RefObject<HTMLTextAreaElement | null>;
  readonly text: string;
  readonly label: string;
  readonly describedBy?: string;
  readonly onWrite: (text: string) => void;
  /** Told of the keys that do not choose a member. */
  readonly onKeyDown: (event: KeyEvent) => void;
}

/** Where a message is written: as high as its text, with a list of members behind an @. */
export function WritingField(props: FieldProps): JSX.Element {
  const { room, input, text, label, onWrite } = props;
  const [caret, setCaret] = useState(text.length);
  const follow = () => setCaret(input.current?.selectionStart ?? 0);
  const mentions = useMentions(room, { text, caret }, (completed) => {
    onWrite(completed.text);
    setCaret(completed.caret);
  });
  useLayoutEffect(() => {
    if (document.activeElement === input.current) input.current?.setSelectionRange(caret, caret);
  }, [text]);
  const isOpen = mentions.found.length > 0;
  return (
    <>
      <MentionList completion={mentions} />
      <span class="grow" data-text={`${text}\n`}>
        <textarea
          ref={input}
          rows={1}
          value={text}
          maxLength={5000}
          aria-label={label}
          aria-describedby={props.describedBy}
          placeholder={label}
          aria-autocomplete="list"
          aria-controls={isOpen ? mentions.id : undefined}
          aria-activedescendant={isOpen ? optionId(mentions, mentions.chosen) : undefined}
          onInput={(event) => {
            onWrite(event.currentTarget.value);
            follow();
          }}
          onSelect={follow}
          onKeyDown={(event) => mentions.onKeyDown(event) || props.onKeyDown(event)}
        />
      </span>
    </>
  );
}
