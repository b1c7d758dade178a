import type { Client } from './client.ts';
import {
  ExplainPermissionDocument,
  type ExplainPermissionQuery,
  type ExplainPermissionQueryVariables,
  type OverrideFieldsFragment,
  type PermissionChangeInput,
  type PermissionTargetInput,
  RoomOverridesDocument,
  type RoomOverridesQuery,
  SetOverrideDocument,
} from './generated/documents.ts';
import { successOf } from './http.ts';
import { LoadedList } from './loaded-list.ts';
import { allNodes } from './pages.ts';

// An entry of its own: an application that does not change permissions does not load it. What the viewer may do is in
// `room.info`.

/** What members of a role, or one member, may do in a room other than by default: `role` or `user` is set. */
export type PermissionOverride = OverrideFieldsFragment;
/** Who changes what in a room (`id`): a document for `subscribe` of `@parley/client/documents`. */
export { FollowPermissionsDocument as permissionEvents } from './generated/documents.ts';
export type PermissionChange = PermissionChangeInput;
export type PermissionTarget = PermissionTargetInput;
export type PermissionEffect = PermissionChange['effect'];
export type RoomPermission = PermissionChange['permission'];
export type PermissionExplanation = NonNullable<ExplainPermissionQuery['explainPermission']>;

/**
 * Changes what a role or a member may do. It needs MANAGE_MEMBERS, a target below the viewer's role, and the permissions
 * themselves. Returns the override after the change; setting it again changes nothing.
 * @throws ParleyError the refusal, or `NETWORK`
 */
export async function setPermissions(
  client: Client,
  roomId: string,
  target: PermissionTarget,
  changes: readonly PermissionChange[],
): Promise<PermissionOverride> {
  const input = { roomId, target, changes: [...changes] };
  const { setRoomPermissionOverride } = await client.request(SetOverrideDocument, { input });
  return successOf(setRoomPermissionOverride).override;
}

/**
 * Why a user may do something in a room or not. Null if the viewer may not know: without MANAGE_MEMBERS, only the viewer's
 * own permissions.
 * @throws ParleyError `NETWORK`
 */
export async function explainPermission(
  client: Client,
  question: ExplainPermissionQueryVariables,
): Promise<PermissionExplanation | null> {
  return (await client.request(ExplainPermissionDocument, question)).explainPermission;
}

type Page = NonNullable<NonNullable<RoomOverridesQuery['room']>['permissionOverrides']>;

/** The overrides of a room, those of roles first. Null until they are loaded; loaded again after changes. */
export class PermissionOverrides extends LoadedList<PermissionOverride> {
  constructor(client: Client, roomId: string) {
    const { info } = client.room(roomId);
    super(client, {
      sources: [info],
      // Changes with every event of the room that is not a new message.
      version: () => `${(info.getSnapshot()?.lastRoomSeq ?? 0) - (info.getSnapshot()?.lastMessageSeq ?? 0)}`,
      load: () => loadAll(client, roomId),
    });
  }
}

async function loadAll(client: Client, id: string): Promise<PermissionOverride[]> {
  return (await allNodes<PermissionOverride>((from) => loadPage(client, { id, ...from }))) ?? [];
}

async function loadPage(client: Client, variables: { id: string; after?: string }): Promise<Page | null> {
  return (await client.request(RoomOverridesDocument, variables)).room?.permissionOverrides ?? null;
}
