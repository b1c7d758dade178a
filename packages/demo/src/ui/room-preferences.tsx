import type { RoomInfo } from '@parley/client';
import { isMuted, type RoomPreferences, setPreferences } from '@parley/client/reading';
import type { JSX } from 'preact';
import { client } from '../platform/chat.ts';
import { useTexts } from './hooks.ts';
import { Icon, type IconName } from './icons.tsx';
import { attempt } from './problems.tsx';

/** What the viewer sets for a room: others do not see it. */
export function Preferences({ room }: { room: RoomInfo }): JSX.Element {
  const t = useTexts();
  const set = (change: RoomPreferences) => attempt(() => setPreferences(client, room.id, change));
  const toggle = (icon: IconName, label: string, isOn: boolean, change: RoomPreferences) => (
    <button
      type="button"
      class="plain toggle"
      aria-label={label}
      title={label}
      aria-pressed={isOn}
      onClick={() => set(change)}
    >
      <Icon name={icon} />
    </button>
  );
  const [muted, pinned] = [isMuted(room), room.viewerIsPinned === true];
  return (
    <>
      {toggle('pin', t.pinRoom, pinned, { isPinned: !pinned })}
      {toggle(muted ? 'muted' : 'bell', t.muteRoom, muted, { isMuted: !muted })}
    </>
  );
}
