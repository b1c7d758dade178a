import type { Client } from './client.ts';
import { FollowedList } from './followed-list.ts';
import {
  ChangeSettingsDocument,
  FollowSettingsDocument,
  type FollowSettingsSubscription,
  ReadSettingsDocument,
  type SettingsFieldsFragment,
  type UpdateRoomSettingsInput,
} from './generated/documents.ts';
import { successOf } from './http.ts';
import type { Observable } from './observable.ts';
import type { RoomInfo } from './views.ts';

// An entry of its own: an application without settings of rooms does not load it.

/** Who changes what in a room (`id`): a document for `subscribe` of `@parley/client/documents`. */
export { FollowSettingsDocument as settingsEvents } from './generated/documents.ts';
export type SettingsChange = Omit<UpdateRoomSettingsInput, 'roomId'>;
export type PostingPolicy = SettingsFieldsFragment['posting'];
export type JoinPolicy = SettingsFieldsFragment['joinPolicy'];

/** The settings of a room, and when slow mode lets the viewer send the next message: null if it does now. */
export interface SettingsInfo extends SettingsFieldsFragment {
  readonly viewerCanSendAt: string | null;
}

/**
 * Changes settings of a room; what is not given stays. Resolves with all settings after the change.
 * @throws ParleyError the refusal, or `NETWORK`
 */
export async function updateRoomSettings(
  client: Client,
  roomId: string,
  change: SettingsChange,
): Promise<SettingsFieldsFragment> {
  const { updateRoomSettings } = await client.request(ChangeSettingsDocument, {
    input: { ...change, roomId },
  });
  return successOf(updateRoomSettings).settings;
}

/** Nothing if the viewer is not a member. */
async function load(client: Client, id: string): Promise<SettingsInfo[]> {
  const { room } = await client.request(ReadSettingsDocument, { id });
  return room?.settings ? [{ ...room.settings, viewerCanSendAt: room.viewerCanSendAt }] : [];
}

/** The settings of a room, read again after changes and own messages. Null until they are loaded. */
export class RoomSettings implements Observable<SettingsInfo | null> {
  private readonly list: FollowedList<SettingsInfo, FollowSettingsSubscription['room']>;

  constructor(client: Client, roomId: string) {
    const viewerId = () => client.room(roomId).info.getSnapshot()?.membership?.user.id;
    this.list = new FollowedList(client, roomId, {
      document: FollowSettingsDocument,
      isChange: (item) =>
        item.__typename === 'RoomSettingsChanged' ||
        item.__typename === 'PermissionsChanged' ||
        ('sender' in item && item.sender?.id === viewerId()),
      load: () => load(client, roomId),
    });
  }

  getSnapshot(): SettingsInfo | null {
    return this.list.getSnapshot()?.[0] ?? null;
  }

  subscribe(listener: () => void): () => void {
    return this.list.subscribe(listener);
  }

  /** Reads nothing more. */
  close(): void {
    this.list.close();
  }
}

/** In how many ms slow mode lets the viewer send, by the clock of this device; 0: now. */
export function sendableInMs(
  { viewerCanSendAt }: Pick<SettingsInfo, 'viewerCanSendAt'>,
  now = Date.now(),
): number {
  return viewerCanSendAt ? Math.max(0, Date.parse(viewerCanSendAt) - now) : 0;
}

type Rights = Pick<RoomInfo, 'viewerCanSend' | 'viewerPermissions' | 'isArchived'>;

const mayInstead = (room: Rights, permission: string) =>
  room.viewerCanSend || (!room.isArchived && room.viewerPermissions.includes(permission as never));

/** Whether the viewer may reply in threads of the room, also where only moderators send messages. */
export const canReplyInThreads = (room: Rights): boolean => mayInstead(room, 'REPLY_IN_THREADS');

/** Whether the viewer may react to messages of the room, also where only moderators send messages. */
export const canReact = (room: Rights): boolean => mayInstead(room, 'ADD_REACTIONS');
