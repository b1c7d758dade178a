import type { RoomInfo } from '@parley/client';
import { sharesReceipts } from '@parley/client/live';
import { isMuted, MAX_FOLDER_NAME, type RoomPreferences, setPreferences } from '@parley/client/reading';
import type { JSX } from 'preact';
import { useId, useLayoutEffect, useState } from 'preact/hooks';
import { client } from '../platform/chat.ts';
import { Dialog } from './dialog.tsx';
import { useTexts, useValue } from './hooks.ts';
import { Icon } from './icons.tsx';
import { RoomRequests } from './join-requests.tsx';
import { MessageLifetime } from './lifetime.tsx';
import { attempt } from './problems.tsx';
import { RoomAudit } from './room-audit.tsx';
import { RoomBans } from './room-bans.tsx';
import { RoomInvites } from './room-invites.tsx';
import { foldersOf } from './room-list.tsx';
import { RoomPermissions } from './room-permissions.tsx';
import { RoomRules } from './room-rules.tsx';

/** A button that opens the viewer's settings of a room. */
export function Preferences({ room }: { room: RoomInfo }): JSX.Element {
  const t = useTexts();
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button
        type="button"
        class="plain"
        aria-label={t.roomSettings}
        title={t.roomSettings}
        onClick={() => setOpen(true)}
      >
        <Icon name="settings" />
      </button>
      {isOpen && <Settings room={room} onClose={() => setOpen(false)} />}
    </>
  );
}

/** What the viewer sets for a room: on all devices, and only for the viewer. */
function Settings({ room, onClose }: { room: RoomInfo; onClose: () => void }): JSX.Element {
  const t = useTexts();
  const isSharing = useSharing(room);
  const set = (change: RoomPreferences) => attempt(() => setPreferences(client, room.id, change));
  const option = (label: string, isOn: boolean, change: (isOn: boolean) => RoomPreferences) => (
    <label class="option">
      <input type="checkbox" checked={isOn} onChange={(event) => set(change(event.currentTarget.checked))} />
      {label}
    </label>
  );
  return (
    <Dialog title={t.roomSettings} onClose={onClose}>
      {option(t.pinRoom, room.viewerIsPinned === true, (isPinned) => ({ isPinned }))}
      {option(t.muteRoom, isMuted(room), (isMuted) => ({ isMuted }))}
      {option(t.hideRoom, room.viewerIsHidden === true, (isHidden) => ({ isHidden }))}
      <Folder room={room} onSet={(folder) => set({ folder })} />
      {option(t.shareReceipts, isSharing, (sharesReceipts) => ({ sharesReceipts }))}
      <p class="hint">{t.shareReceiptsHint}</p>
      <MessageLifetime room={room} />
      <RoomRules room={room} />
      <RoomRequests room={room} />
      <RoomInvites room={room} />
      <RoomPermissions room={room} />
      <RoomBans room={room} />
      <RoomAudit room={room} />
    </Dialog>
  );
}

/** The folder of the room: an existing one, or a new name. */
function Folder({ room, onSet }: { room: RoomInfo; onSet: (folder: string) => void }): JSX.Element {
  const t = useTexts();
  const id = useId();
  const rooms = useValue(client.rooms);
  return (
    <div class="field">
      <label for={id}>{t.folder}</label>
      <input
        id={id}
        list={`${id}-known`}
        maxLength={MAX_FOLDER_NAME}
        value={room.viewerFolder ?? ''}
        aria-describedby={`${id}-note`}
        onChange={(event) => onSet(event.currentTarget.value)}
      />
      <p id={`${id}-note`} class="hint">
        {t.folderHint}
      </p>
      <datalist id={`${id}-known`}>
        {foldersOf(rooms).map((folder) => (
          <option key={folder} value={folder} />
        ))}
      </datalist>
    </div>
  );
}

/** Whether the viewer shares what they read in the room: by its own setting, or by that of all rooms. */
function useSharing({ viewerSharesReceipts }: RoomInfo): boolean {
  const [everywhere, setEverywhere] = useState(true);
  useLayoutEffect(() => {
    if (viewerSharesReceipts === null) attempt(async () => setEverywhere(await sharesReceipts(client)));
  }, [viewerSharesReceipts]);
  return viewerSharesReceipts ?? everywhere;
}
