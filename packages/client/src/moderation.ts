import type { Client } from './client.ts';
import {
  type AuditFieldsFragment,
  type AuditLogFilter,
  AuditPageDocument,
  BanDocument,
  type BanFieldsFragment,
  DeleteTextsDocument,
  type DeleteTextsMutation,
  DismissDocument,
  MemberTimeoutsDocument,
  type MemberTimeoutsQuery,
  RoomBansDocument,
  type RoomBansQuery,
  TimeOutDocument,
  UnbanDocument,
} from './generated/documents.ts';
import { successOf } from './http.ts';
import { allNodes } from './pages.ts';

// An entry of its own: an application that moderates no rooms does not load it.

/** Who was timed out in a room (`id`): a document for `subscribe` of `@parley/client/documents`. */
export { FollowModerationDocument as moderationEvents } from './generated/documents.ts';

/** Whom it concerns, and why; the audit log of the room has the reason. */
interface Act {
  readonly roomId: string;
  readonly userId: string;
  /** At most 500 characters. */
  readonly reason?: string;
}

/**
 * Sets until when a member may not send messages, at most 28 days from now; null ends it. It needs TIMEOUT_MEMBERS and a role
 * above the member's. Doing it again changes nothing.
 * @throws ParleyError the refusal, or `NETWORK`
 */
export async function timeOut(client: Client, act: Act & { readonly until: Date | null }): Promise<void> {
  const input = { ...act, until: act.until?.toISOString() ?? null };
  successOf((await client.request(TimeOutDocument, { input })).timeoutMember);
}

/**
 * The ends of the timeouts of a room (RFC 3339), by user id. It reads all members, page by page.
 * @throws ParleyError the refusal, or `NETWORK`
 */
export async function timeoutsOf(client: Client, roomId: string): Promise<ReadonlyMap<string, string>> {
  const members = (await allNodes<MemberNode>((from) => loadMembers(client, { id: roomId, ...from }))) ?? [];
  const now = Date.now();
  return new Map(
    members.flatMap(({ user, timeoutUntil }) =>
      timeoutUntil && Date.parse(timeoutUntil) > now ? [[user.id, timeoutUntil] as const] : [],
    ),
  );
}

type MembersPage = NonNullable<NonNullable<MemberTimeoutsQuery['room']>['members']>;
type MemberNode = MembersPage['nodes'][number];

async function loadMembers(
  client: Client,
  variables: { id: string; after?: string },
): Promise<MembersPage | null> {
  return (await client.request(MemberTimeoutsDocument, variables)).room?.members ?? null;
}

/**
 * Removes a member. It needs MANAGE_MEMBERS and a role above the member's. The user can come back: see `ban`.
 * @throws ParleyError the refusal, or `NETWORK`
 */
export async function removeMember(client: Client, act: Act): Promise<void> {
  successOf((await client.request(DismissDocument, { input: act })).removeMember);
}

/** A user who may not join a room. */
export type RoomBan = BanFieldsFragment;

/**
 * Bans a user, who need not be a member, until `expiresAt`; null or no time: for ever. It needs BAN_MEMBERS, and of members a
 * role above theirs. A new ban replaces the one before.
 * @throws ParleyError the refusal, or `NETWORK`
 */
export async function ban(
  client: Client,
  { expiresAt = null, ...act }: Act & { readonly expiresAt?: Date | null },
): Promise<RoomBan> {
  const input = { ...act, expiresAt: expiresAt?.toISOString() ?? null };
  return successOf((await client.request(BanDocument, { input })).banUser).ban;
}

/**
 * Ends a ban. The user can join again, and is not added. Without a ban, nothing changes.
 * @throws ParleyError the refusal, or `NETWORK`
 */
export async function unban(client: Client, act: Act): Promise<void> {
  successOf((await client.request(UnbanDocument, { input: act })).unbanUser);
}

/**
 * The bans of a room, the newest first; null if the viewer may not ban.
 * @throws ParleyError `NETWORK`
 */
export async function bansOf(client: Client, roomId: string): Promise<readonly RoomBan[] | null> {
  return allNodes<RoomBan>((from) => loadBans(client, { id: roomId, ...from }));
}

type BansPage = NonNullable<NonNullable<RoomBansQuery['room']>['bans']>;

async function loadBans(client: Client, variables: { id: string; after?: string }): Promise<BansPage | null> {
  return (await client.request(RoomBansDocument, variables)).room?.bans ?? null;
}

type Deletions = Extract<DeleteTextsMutation['deleteMessages'], { refused: unknown }>;
/** A message that was not deleted, and why. */
export type RefusedDeletion = Deletions['refused'][number];

/**
 * Deletes 1 to 100 messages of a room, each as `room.delete` would. Returns those that were refused. A repetition has no effect.
 * @throws ParleyError the refusal of the whole call, or `NETWORK`
 */
export async function deleteMessages(
  client: Client,
  roomId: string,
  messageIds: readonly string[],
): Promise<readonly RefusedDeletion[]> {
  const input = { roomId, messageIds: [...messageIds] };
  return successOf((await client.request(DeleteTextsDocument, { input })).deleteMessages).refused;
}

/** What a member did who manages the room. */
export type AuditEntry = AuditFieldsFragment;

/** A page of the audit log of a room, the newest entry first. */
export interface AuditPage {
  readonly entries: readonly AuditEntry[];
  /** For the next page; null after the last one. */
  readonly next: string | null;
}

/**
 * Reads a page of the audit log of a room; null without the permission VIEW_AUDIT_LOG.
 * @throws ParleyError `NETWORK`
 */
export async function auditPage(
  client: Client,
  roomId: string,
  options: { readonly first?: number; readonly after?: string; readonly filter?: AuditLogFilter } = {},
): Promise<AuditPage | null> {
  const log = (await client.request(AuditPageDocument, { id: roomId, ...options })).room?.auditLog;
  if (!log) return null;
  return { entries: log.nodes, next: log.pageInfo.hasNextPage ? log.pageInfo.endCursor : null };
}
