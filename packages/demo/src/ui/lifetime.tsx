import type { MessageInfo, RoomInfo } from '@parley/client';
import { expiresInMs, setMessageLifetime } from '@parley/client/lifetimes';
import type { JSX } from 'preact';
import { useId, useLayoutEffect, useState } from 'preact/hooks';
import { client } from '../platform/chat.ts';
import { language } from '../texts/texts.ts';
import { useTexts, useValue } from './hooks.ts';
import { Icon } from './icons.tsx';
import { attempt } from './problems.tsx';
import { momentOf } from './times.ts';

const DAY = 86_400;
const CHOICES = [300, 3_600, DAY, 7 * DAY, 30 * DAY];
/** Timers of browsers take no more than 24 days. */
const MAX_TIMER_MS = DAY * 1_000;

/** After which time new messages of the room disappear, for members who may change it. */
export function MessageLifetime({ room }: { room: RoomInfo }): JSX.Element | null {
  const t = useTexts();
  const id = useId();
  const seconds = room.messageLifetimeSeconds ?? null;
  if (room.kind !== 'DIRECT' && !room.viewerPermissions.includes('UPDATE_ROOM')) return null;
  const choices = seconds === null || CHOICES.includes(seconds) ? CHOICES : [seconds, ...CHOICES];
  const set = (value: string) =>
    attempt(() => setMessageLifetime(client, room.id, value === '' ? null : Number(value)));
  return (
    <div class="field">
      <label for={id}>{t.messageLifetime}</label>
      <select
        id={id}
        value={seconds ?? ''}
        aria-describedby={`${id}-note`}
        onChange={(event) => set(event.currentTarget.value)}
      >
        <option value="">{t.messagesStay}</option>
        {choices.map((choice) => (
          <option key={choice} value={choice}>
            {t.lifetimeOf(choice)}
          </option>
        ))}
      </select>
      <p id={`${id}-note`} class="hint">
        {t.messageLifetimeHint}
      </p>
    </div>
  );
}

/** After how many seconds the next message disappears; null: as the room says. */
export interface Expiry {
  readonly seconds: number | null;
  readonly set: (seconds: number | null) => void;
  /** What the message is sent with. The choice is for one message. */
  readonly take: () => { readonly expiresInSeconds?: number };
}

export function useExpiry(): Expiry {
  const [seconds, set] = useState<number | null>(null);
  const take = () => {
    set(null);
    return seconds === null ? {} : { expiresInSeconds: seconds };
  };
  return { seconds, set, take };
}

/** Chooses when the message that is being written disappears. */
export function ExpiryChoice({ expiry }: { readonly expiry: Expiry }): JSX.Element {
  const t = useTexts();
  return (
    <select
      class="expiry"
      aria-label={t.expiry}
      value={expiry.seconds ?? ''}
      onChange={({ currentTarget: { value } }) => expiry.set(value === '' ? null : Number(value))}
    >
      <option value="">{t.expiryOfRoom}</option>
      {CHOICES.map((choice) => (
        <option key={choice} value={choice}>
          {t.lifetimeOf(choice)}
        </option>
      ))}
    </select>
  );
}

type Expiring = Pick<MessageInfo, 'text' | 'expiresAt'>;

/** Says of a message that it disappears, and when. */
export function ExpiryMark({ message }: { message: Expiring }): JSX.Element | null {
  const t = useTexts();
  const code = useValue(language);
  if (!message.expiresAt || message.text === null) return null;
  const label = t.disappears(momentOf(code, message.expiresAt));
  return (
    <small class="pinned-mark" title={label}>
      <Icon name="clock" />
      <span class="hidden">{label}</span>
    </small>
  );
}

/** The text of a message until it expires, also without a connection. */
export function useLivingText(message: Expiring | null): string | null {
  const [, refresh] = useState({});
  const leftMs = message && expiresInMs(message);
  useLayoutEffect(() => {
    if (!leftMs) return;
    const timer = setTimeout(() => refresh({}), Math.min(leftMs, MAX_TIMER_MS));
    return () => clearTimeout(timer);
  });
  return leftMs === 0 ? null : (message?.text ?? null);
}
