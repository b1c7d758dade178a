import { useLayoutEffect, useState } from 'preact/hooks';

/** How long a message is highlighted after a jump, in milliseconds. */
const MARK_MS = 2_500;

/** The id of the message that is highlighted for a moment. */
export function useMark(): [string | null, (messageId: string | null) => void] {
  const [marked, setMarked] = useState<string | null>(null);
  useLayoutEffect(() => {
    const timer = setTimeout(() => setMarked(null), MARK_MS);
    return () => clearTimeout(timer);
  }, [marked]);
  return [marked, setMarked];
}

/** Arrow keys move between messages. */
export function moveFocus(event: KeyboardEvent): void {
  const { target, key } = event;
  if (!(target instanceof HTMLElement) || (key !== 'ArrowUp' && key !== 'ArrowDown')) return;
  const all = [...(target.closest('ol.messages')?.querySelectorAll<HTMLElement>('[data-key]') ?? [])];
  const at = all.findIndex((each) => each.contains(target));
  const next = all[at + (key === 'ArrowUp' ? -1 : 1)];
  if (!next) return;
  event.preventDefault();
  next.focus();
}
