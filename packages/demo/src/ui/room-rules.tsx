import type { RoomInfo } from '@parley/client';
import {
  type JoinPolicy,
  type PostingPolicy,
  RoomSettings,
  type SettingsChange,
  type SettingsInfo,
  updateRoomSettings,
} from '@parley/client/room-settings';
import type { JSX } from 'preact';
import { useEffect, useId, useState } from 'preact/hooks';
import { client } from '../platform/chat.ts';
import { useTexts } from './hooks.ts';
import { attempt } from './problems.tsx';

const WAITS = [5, 10, 30, 60, 300, 900, 3_600, 21_600];
const JOINING = ['OPEN', 'REQUEST', 'INVITE'] as const;
const POLICIES = ['EVERYONE', 'MODERATORS', 'MODERATORS_AND_REPLIES'] as const;

/** The settings of a room that hold for all members. Members without the permission to change them do not see it. */
export function RoomRules({ room }: { room: RoomInfo }): JSX.Element | null {
  const t = useTexts();
  const mayChange =
    room.viewerPermissions.includes('UPDATE_ROOM') && room.kind !== 'DIRECT' && !room.isArchived;
  const settings = useRoomSettings(room.id, mayChange);
  if (!mayChange || !settings) return null;
  const set = (change: SettingsChange) => attempt(() => updateRoomSettings(client, room.id, change));
  return (
    <section class="rules" aria-label={t.roomRules}>
      <h3>{t.roomRules}</h3>
      <SlowMode seconds={settings.slowModeSeconds} onSet={(slowModeSeconds) => set({ slowModeSeconds })} />
      <Posting policy={settings.posting} onSet={(posting) => set({ posting })} />
      {room.kind === 'PUBLIC' && (
        <Joining policy={settings.joinPolicy} onSet={(joinPolicy) => set({ joinPolicy })} />
      )}
    </section>
  );
}

/** Null until they are loaded, and where they are not needed. */
export function useRoomSettings(roomId: string, isNeeded = true): SettingsInfo | null {
  const [shown, setShown] = useState<SettingsInfo | null>(null);
  useEffect(() => {
    if (!isNeeded) return undefined;
    const settings = new RoomSettings(client, roomId);
    const update = () => setShown(settings.getSnapshot());
    update();
    const stop = settings.subscribe(update);
    return () => {
      stop();
      settings.close();
      setShown(null);
    };
  }, [roomId, isNeeded]);
  return shown;
}

interface SlowModeProps {
  readonly seconds: number | null;
  readonly onSet: (seconds: number) => void;
}

function SlowMode({ seconds, onSet }: SlowModeProps): JSX.Element {
  const t = useTexts();
  const id = useId();
  const waits = seconds === null || WAITS.includes(seconds) ? WAITS : [seconds, ...WAITS];
  return (
    <div class="field">
      <label for={id}>{t.slowMode}</label>
      <select
        id={id}
        value={seconds ?? 0}
        aria-describedby={`${id}-note`}
        onChange={(event) => onSet(Number(event.currentTarget.value))}
      >
        <option value={0}>{t.noSlowMode}</option>
        {waits.map((wait) => (
          <option key={wait} value={wait}>
            {t.lifetimeOf(wait)}
          </option>
        ))}
      </select>
      <p id={`${id}-note`} class="hint">
        {t.slowModeHint}
      </p>
    </div>
  );
}

interface JoiningProps {
  readonly policy: JoinPolicy;
  readonly onSet: (policy: JoinPolicy) => void;
}

function Joining({ policy, onSet }: JoiningProps): JSX.Element {
  const t = useTexts();
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{t.joining}</label>
      <select id={id} value={policy} onChange={(event) => onSet(event.currentTarget.value as JoinPolicy)}>
        {JOINING.map((each) => (
          <option key={each} value={each}>
            {t.joinPolicies[each]}
          </option>
        ))}
      </select>
    </div>
  );
}

interface PostingProps {
  readonly policy: PostingPolicy;
  readonly onSet: (policy: PostingPolicy) => void;
}

function Posting({ policy, onSet }: PostingProps): JSX.Element {
  const t = useTexts();
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{t.posting}</label>
      <select id={id} value={policy} onChange={(event) => onSet(event.currentTarget.value as PostingPolicy)}>
        {POLICIES.map((each) => (
          <option key={each} value={each}>
            {t.postingPolicies[each]}
          </option>
        ))}
        {policy === 'CUSTOM' && (
          <option value="CUSTOM" disabled>
            {t.postingPolicies.CUSTOM}
          </option>
        )}
      </select>
    </div>
  );
}
