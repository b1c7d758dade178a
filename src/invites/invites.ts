import type { Context, SignedIn } from '../context.ts';
import { idOf } from '../graphql/ids.ts';
import {
  type Connection,
  connectionOf,
  listKeys,
  PAGE_SIZE,
  type PageArgs,
  pageOf,
} from '../graphql/paging.ts';
import { roles, type StatusRefusals } from '../platform/database-codes.ts';
import { invalid, refuse } from '../platform/errors.ts';
import type { RoomView } from '../rooms/access.ts';
import type { Role } from '../rooms/members.ts';
import { allows, rightsIn } from '../rooms/permissions.ts';
import { refusals } from '../rooms/refusals.ts';
import { inRoom, roomIdOf } from '../rooms/rooms.ts';
import { codeHash, inviteLink, newInviteCode } from './codes.ts';
import * as store from './store.ts';

/** Open invites of a room. The function `create_invite` uses the same number. */
export const MAX_INVITES = 100;
/** The largest limit of uses. */
export const MAX_USES = 100_000;

export type { InviteRow } from './store.ts';

export const inviteRefusals: StatusRefusals = {
  ...refusals,
  RANK: () => refuse('PERMISSION_DENIED', 'The role of an invite must be below yours.'),
  LIMIT: () => refuse('CONFLICT', `A room can have at most ${MAX_INVITES} open invites. Revoke one first.`),
};

interface CreateInvite {
  readonly roomId: string;
  readonly role: Role;
  readonly expiresAt?: Date | null | undefined;
  readonly maxUses?: number | null | undefined;
}

/** An invite with its code, which only this result contains. */
export interface CreatedInvite {
  readonly invite: store.InviteRow;
  readonly code: string;
  readonly link: string;
}

/** Creates an invite to a room. Its role is below that of the viewer. */
export async function createInvite(ctx: SignedIn, input: CreateInvite): Promise<CreatedInvite> {
  const { node, viewer } = ctx;
  const roomId = roomIdOf(input.roomId);
  const code = newInviteCode();
  const invite = newInvite(input, code);
  await node.limits.spend('change', viewer.userId);
  const made = await inRoom(ctx, roomId, (sql) => store.insertInvite(sql, roomId, viewer.userId, invite));
  const refusal = inviteRefusals[made.status];
  if (refusal) throw refusal();
  const row = await store.findInvite(node.db.read, made.inviteId);
  if (!row) throw refuse('CONFLICT', 'The invite was revoked.');
  return { invite: row, code, link: inviteLink(node.settings.INVITE_PAGE_URL, code) };
}

/** @throws ValidationError */
function newInvite({ role, expiresAt = null, maxUses = null }: CreateInvite, code: string): store.NewInvite {
  if (maxUses !== null && (maxUses < 1 || maxUses > MAX_USES))
    throw invalid('input.maxUses', `An invite can be used 1 to ${MAX_USES} times.`);
  if (expiresAt !== null && expiresAt.getTime() <= Date.now())
    throw invalid('input.expiresAt', 'An invite must expire in the future.');
  return { codeHash: codeHash(code) as Buffer, role: roles[role], expiresAt, maxUses };
}

/** Ends an invite for good. */
export async function revokeInvite(
  ctx: SignedIn,
  input: { readonly inviteId: string },
): Promise<{ inviteId: string }> {
  const { node, viewer } = ctx;
  const id = idOf('Invite', input.inviteId);
  if (id === null) throw noInvite('inviteId');
  await node.limits.spend('change', viewer.userId);
  const { status } = await node.changes.run(`invite ${id}`, (sql) => store.endInvite(sql, id, viewer.userId));
  const refusal = status === 'NOT_FOUND' ? () => noInvite('inviteId') : inviteRefusals[status];
  if (refusal) throw refusal();
  return input;
}

/** One refusal for unknown and for ended invites, so that nobody learns which ones exist. */
export const noInvite = (field: string) =>
  refuse('NOT_FOUND', 'This invite does not exist or cannot be used any more.', { path: ['input', field] });

// -- reading -----------------------------------------------------------------------------------

/** Whether the viewer may create invites to that room, and so see them. */
async function mayInvite(ctx: Context, roomId: number): Promise<boolean> {
  const rights = await rightsIn(ctx, roomId);
  return rights !== null && !ctx.viewer?.isGuest && allows(rights, 'ADD_MEMBERS');
}

/** Returns the invite, or null if the viewer may not see it. */
export async function findVisibleInvite(ctx: Context, id: number): Promise<store.InviteRow | null> {
  const row = ctx.viewer && (await store.findInvite(ctx.node.db.read, id));
  return row && (await mayInvite(ctx, row.roomId)) ? row : null;
}

const inviteKeys = listKeys('invites', 'number');

/** The invites of a room that were not revoked, the newest first; null if the viewer may not create any. */
export async function listInvites(
  ctx: Context,
  { roomId }: RoomView,
  args: Pick<PageArgs, 'first' | 'after'>,
): Promise<Connection<store.InviteRow> | null> {
  if (!(await mayInvite(ctx, roomId))) return null;
  const page = pageOf(args, (cursor) => inviteKeys.decode(cursor)?.[0] ?? null, { size: PAGE_SIZE });
  const before = page.after ?? Number.MAX_SAFE_INTEGER;
  const rows = await store.listInvites(ctx.node.db.read, roomId, before, page.size + 1);
  return connectionOf(rows, page, ({ id }) => inviteKeys.encode(id));
}
