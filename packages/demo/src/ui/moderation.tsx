import type { MemberInfo, RoomInfo } from '@parley/client';
import { ban, removeMember, timeOut, timeoutsOf } from '@parley/client/moderation';
import type { JSX } from 'preact';
import { useEffect, useId, useState } from 'preact/hooks';
import { client } from '../platform/chat.ts';
import { useTexts } from './hooks.ts';
import { nameOf } from './people.tsx';
import { attempt } from './problems.tsx';

const RANKS: readonly string[] = ['GUEST', 'MEMBER', 'MODERATOR', 'ADMIN', 'OWNER'];
const DAY = 86_400;
/** In seconds. */
const DURATIONS = [300, 3_600, DAY, 7 * DAY];
/** Of bans only. */
const WITHOUT_END = 0;
const ACTS: readonly string[] = ['TIMEOUT_MEMBERS', 'MANAGE_MEMBERS', 'BAN_MEMBERS'];
/** What the server takes. */
const MAX_REASON = 500;

/** Whether the viewer can do anything about a member: one with a lower role, in a room that is not direct. */
export function mayModerate(
  { kind, membership, viewerPermissions }: RoomInfo,
  { role }: MemberInfo,
): boolean {
  const mayAct = viewerPermissions.some((each) => ACTS.includes(each));
  return mayAct && kind !== 'DIRECT' && RANKS.indexOf(role) < RANKS.indexOf(membership?.role ?? '');
}

/** Until when members may not send messages, by user id; and a function that loads it again. */
export function useTimeouts(roomId: string): [ReadonlyMap<string, string>, () => Promise<void>] {
  const [timeouts, setTimeouts] = useState<ReadonlyMap<string, string>>(new Map());
  const load = async () => setTimeouts(await timeoutsOf(client, roomId));
  useEffect(() => attempt(load), [roomId]);
  return [timeouts, load];
}

interface ModerateProps {
  readonly room: RoomInfo;
  readonly member: MemberInfo;
  readonly isTimedOut: boolean;
  /** Called after each action. */
  readonly onDone: () => Promise<void>;
}

/** What the viewer can do about one member. */
export function Moderate({ room, member, isTimedOut, onDone }: ModerateProps): JSX.Element {
  const t = useTexts();
  const [reason, setReason] = useState('');
  const [seconds, setSeconds] = useState(3_600);
  const can = (permission: string) => room.viewerPermissions.includes(permission);
  const whom = { roomId: room.id, userId: member.user.id };
  const why = reason.trim() ? { reason } : {};
  const run = (act: () => Promise<void>) => attempt(() => act().then(onDone));
  const until = () => new Date(Date.now() + seconds * 1_000);
  const expiresAt = () => (seconds === WITHOUT_END ? null : until());
  return (
    <section class="moderate" aria-label={t.moderate(nameOf(member.user, t))}>
      <h3>{t.moderate(nameOf(member.user, t))}</h3>
      <Reason value={reason} onChange={setReason} />
      <Duration value={seconds} onChange={setSeconds} />
      <div class="buttons">
        {can('TIMEOUT_MEMBERS') && isTimedOut && (
          <button type="button" onClick={() => run(() => timeOut(client, { ...whom, ...why, until: null }))}>
            {t.endTimeout}
          </button>
        )}
        {can('TIMEOUT_MEMBERS') && (
          <button
            type="button"
            disabled={seconds === WITHOUT_END}
            onClick={() => run(() => timeOut(client, { ...whom, ...why, until: until() }))}
          >
            {t.timeOut}
          </button>
        )}
        {can('MANAGE_MEMBERS') && (
          <button
            type="button"
            class="danger"
            onClick={() => run(() => removeMember(client, { ...whom, ...why }))}
          >
            {t.removeMember}
          </button>
        )}
        {can('BAN_MEMBERS') && (
          <button
            type="button"
            class="danger"
            onClick={() =>
              run(() => ban(client, { ...whom, ...why, expiresAt: expiresAt() }).then(() => undefined))
            }
          >
            {t.ban}
          </button>
        )}
      </div>
    </section>
  );
}

function Reason({ value, onChange }: { value: string; onChange: (text: string) => void }): JSX.Element {
  const t = useTexts();
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{t.reason}</label>
      <input
        id={id}
        value={value}
        maxLength={MAX_REASON}
        autocomplete="off"
        onInput={(event) => onChange(event.currentTarget.value)}
      />
    </div>
  );
}

function Duration({ value, onChange }: { value: number; onChange: (seconds: number) => void }): JSX.Element {
  const t = useTexts();
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{t.forHowLong}</label>
      <select id={id} value={value} onChange={(event) => onChange(Number(event.currentTarget.value))}>
        {DURATIONS.map((seconds) => (
          <option key={seconds} value={seconds}>
            {t.lifetimeOf(seconds)}
          </option>
        ))}
        <option value={WITHOUT_END}>{t.withoutEnd}</option>
      </select>
    </div>
  );
}
