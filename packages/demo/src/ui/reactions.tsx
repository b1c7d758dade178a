import type { MessageInfo, ReactionInfo, RoomHandle } from '@parley/client';
import type { JSX, TargetedKeyboardEvent } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { emojiCodes, loadEmojis } from '../platform/emojis.ts';
import { useTexts, useValue } from './hooks.ts';
import { attempt } from './problems.tsx';

const EMOJI = ['👍', '❤️', '😂', '🎉', '😮', '😢', '🙏', '👀'];

type ReactedMessage = Pick<MessageInfo, 'id' | 'text' | 'reactions'>;

interface ReactionsProps {
  readonly room: RoomHandle;
  readonly message: ReactedMessage;
  readonly canReact: boolean;
  readonly tabIndex: number;
}

/** The reactions to a message. Each is a button that adds or removes the viewer's own reaction. */
export function Reactions({ room, message, canReact, tabIndex }: ReactionsProps): JSX.Element | null {
  const t = useTexts();
  if (message.reactions.length === 0 || message.text === null) return null;
  return (
    <ul class="reactions" aria-label={t.reactions}>
      {message.reactions.map((group) => (
        <li key={group.emoji}>
          <button
            type="button"
            class="reaction"
            aria-pressed={group.viewerHasReacted}
            aria-label={t.reaction(group.emoji, group.count, group.viewerHasReacted)}
            disabled={!canReact}
            tabIndex={tabIndex}
            onClick={() => toggle(room, message, group)}
          >
            <span>{group.emoji}</span>
            <span>{group.count}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

function toggle(
  room: RoomHandle,
  { id }: ReactedMessage,
  { emoji, viewerHasReacted }: Omit<ReactionInfo, 'count'>,
): void {
  if (id !== null) attempt(() => (viewerHasReacted ? room.unreact(id, emoji) : room.react(id, emoji)));
}

interface PickerProps {
  readonly room: RoomHandle;
  readonly message: ReactedMessage;
  readonly onClose: () => void;
}

/**
 * A choice of emoji for reactions. Arrow keys move between them; Escape closes it. The focus returns to the message.
 */
export function EmojiPicker({ room, message, onClose }: PickerProps): JSX.Element {
  const t = useTexts();
  const ref = useRef<HTMLDivElement>(null);
  const codes = useValue(emojiCodes);
  useEffect(() => attempt(loadEmojis), []);
  useLayoutEffect(() => ref.current?.querySelector('button')?.focus(), []);
  const close = () => {
    ref.current?.closest<HTMLElement>('.message')?.focus();
    onClose();
  };
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLDivElement>) => {
    if (event.key === 'Escape') close();
    else if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') move(event);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const onFocusOut = ({ relatedTarget }: FocusEvent) => {
    if (relatedTarget instanceof Node && !ref.current?.contains(relatedTarget)) onClose();
  };
  const hasOwn = (emoji: string) =>
    message.reactions.some((group) => group.emoji === emoji && group.viewerHasReacted);
  const choose = (emoji: string) => {
    toggle(room, message, { emoji, viewerHasReacted: hasOwn(emoji) });
    close();
  };
  return (
    <div
      class="emoji-picker"
      ref={ref}
      role="toolbar"
      aria-label={t.chooseEmoji}
      onKeyDown={onKeyDown}
      onFocusOut={onFocusOut}
    >
      {[...EMOJI, ...codes].map((emoji) => (
        <button
          key={emoji}
          type="button"
          class={codes.has(emoji) ? 'plain custom' : 'plain'}
          aria-pressed={hasOwn(emoji)}
          onClick={() => choose(emoji)}
        >
          {emoji}
        </button>
      ))}
    </div>
  );
}

/** Moves to the next or previous one, and wraps around. */
function move({ key, currentTarget, target }: TargetedKeyboardEvent<HTMLDivElement>): void {
  const all = [...currentTarget.querySelectorAll('button')];
  const at = all.findIndex((button) => button === target) + (key === 'ArrowLeft' ? -1 : 1);
  all.at(at % all.length)?.focus();
}
