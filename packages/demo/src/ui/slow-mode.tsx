import { sendableInMs } from '@parley/client/room-settings';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useTexts } from './hooks.ts';
import { useRoomSettings } from './room-rules.tsx';

const SECOND_MS = 1_000;

/** How many seconds slow mode makes the viewer wait in a room; 0: not at all. */
export function useSlowMode(roomId: string): number {
  const settings = useRoomSettings(roomId);
  const [, refresh] = useState({});
  const seconds = settings ? Math.ceil(sendableInMs(settings) / SECOND_MS) : 0;
  useEffect(() => {
    if (seconds === 0) return undefined;
    const timer = setTimeout(() => refresh({}), SECOND_MS);
    return () => clearTimeout(timer);
  });
  return seconds;
}

/** Says when the viewer can send the next message. */
export function SlowModeNote({ seconds }: { seconds: number }): JSX.Element | null {
  const t = useTexts();
  if (seconds === 0) return null;
  return (
    <p class="slow-mode" role="timer">
      {t.slowModeWait(clockOf(seconds))}
    </p>
  );
}

/** Minutes and seconds, such as `1:05`. */
const clockOf = (seconds: number) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
