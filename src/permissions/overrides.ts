import DataLoader from 'dataloader';
import { type Context, perViewer, type SignedIn } from '../context.ts';
import { idOf } from '../graphql/ids.ts';
import {
  type Connection,
  connectionOf,
  listKeys,
  PAGE_SIZE,
  type Page,
  type PageArgs,
  pageOf,
} from '../graphql/paging.ts';
import { roles, type StatusRefusals } from '../platform/database-codes.ts';
import { invalid, refuse } from '../platform/errors.ts';
import { memberView, type RoomView } from '../rooms/access.ts';
import type { Role } from '../rooms/members.ts';
import { type Permission, permissionBits } from '../rooms/permissions.ts';
import { refusals } from '../rooms/refusals.ts';
import { announce, type Changed, inRoom, roomIdOf } from '../rooms/rooms.ts';
import * as store from './store.ts';

/** Overrides of members in a room. The function `set_permission_override` uses the same number. */
export const MAX_MEMBER_OVERRIDES = 1_000;

export type { Override } from './store.ts';
export type Effect = 'ALLOW' | 'DENY' | 'INHERIT';

export const overrideRefusals: StatusRefusals = {
  ...refusals,
  RANK: () =>
    refuse('PERMISSION_DENIED', 'You can only change the permissions of roles and members below your role.'),
  DIRECT: () => refuse('CONFLICT', 'The permissions in a direct room cannot change.'),
  NO_MEMBER: () =>
    refuse('NOT_FOUND', 'This user is not a member of the room.', { path: ['input', 'target', 'userId'] }),
  NOT_HELD: () =>
    refuse('PERMISSION_DENIED', 'You can only change permissions that you have in this room yourself.'),
  GUEST_ROLE: () =>
    invalid(
      'input.changes',
      'The role GUEST cannot be allowed to add, manage, time out or ban members, to update, archive or delete the room, or to see its audit log.',
    ),
  LIMIT: () =>
    refuse(
      'CONFLICT',
      `A room can have overrides of at most ${MAX_MEMBER_OVERRIDES} members. Remove one first.`,
    ),
};

interface SetOverride {
  readonly roomId: string;
  readonly target: { readonly role?: Role | null | undefined; readonly userId?: string | null | undefined };
  readonly changes: readonly { readonly permission: Permission; readonly effect: Effect }[];
}

/** The override after a change. Without bits, it is not stored. */
export interface ChangedOverride extends Changed {
  readonly override: store.Override;
}

/** An override of a role counts as so many changes: it writes a row for each of its members, while the room waits. */
export const ROLE_CHANGE_COST = 20;

/**
 * Sets the effect of permissions for a role or a member. The target must be below the viewer, and the viewer must have
 * the permissions.
 */
export async function setRoomPermissionOverride(
  ctx: SignedIn,
  { roomId: id, target: given, changes }: SetOverride,
): Promise<ChangedOverride> {
  const [roomId, target] = [roomIdOf(id), targetOf(given)];
  const change = { target, ...bitsOf(changes) };
  await ctx.node.limits.spend('change', ctx.viewer.userId, target < 0 ? ROLE_CHANGE_COST : 1);
  const done = await inRoom(ctx, roomId, (sql) => store.setOverride(sql, roomId, ctx.viewer.userId, change));
  const { status, roomSeq, allow, deny } = done;
  const refusal = overrideRefusals[status];
  if (refusal) throw refusal();
  if (status === 'OK') announce(ctx, roomId, roomSeq);
  return { room: memberView(roomId), roomSeq, override: { target, allow, deny } };
}

function targetOf({ role, userId }: SetOverride['target']): number {
  if (role) return -roles[role];
  const id = idOf('User', userId ?? '');
  if (id === null)
    throw refuse('NOT_FOUND', 'This user does not exist.', { path: ['input', 'target', 'userId'] });
  return id;
}

/** @throws ValidationError unless each permission is there at most once, and there is one */
function bitsOf(changes: SetOverride['changes']): Omit<store.OverrideChange, 'target'> {
  const names = new Set(changes.map(({ permission }) => permission));
  if (names.size === 0 || names.size < changes.length)
    throw invalid('input.changes', 'Give at least one permission, and each of them once.');
  const sum = (effect: Effect) =>
    changes.reduce((bits, each) => bits + (each.effect === effect ? permissionBits[each.permission] : 0), 0);
  return { allow: sum('ALLOW'), deny: sum('DENY'), inherit: sum('INHERIT') };
}

// -- reading -----------------------------------------------------------------------------------

interface OverridesKey {
  readonly roomId: number;
  readonly page: Page<number>;
}

const overrideKeys = listKeys('overrides', 'number');

const overridesLoader = perViewer(
  (ctx) =>
    new DataLoader<OverridesKey, Connection<store.Override>, string>((keys) => readOverrides(ctx, keys), {
      cacheKeyFn: ({ roomId, page }) => `${roomId} ${page.size} ${page.after}`,
    }),
);

async function readOverrides(
  ctx: Context,
  keys: readonly OverridesKey[],
): Promise<Connection<store.Override>[]> {
  const pages = keys.map(({ roomId, page: { after, size } }) => ({ roomId, after, limit: size + 1 }));
  const rows = await store.listOverrides(ctx.node.db.read, pages);
  return keys.map(({ page }, i) =>
    connectionOf(rows[i] ?? [], page, ({ target }) => overrideKeys.encode(target)),
  );
}

/** The overrides of a room: those of roles, the highest first, then those of members by user id. Null for others than members. */
export async function listOverrides(
  ctx: Context,
  { roomId, access }: RoomView,
  args: Pick<PageArgs, 'first' | 'after'>,
): Promise<Connection<store.Override> | null> {
  if (access !== 'member') return null;
  const page = pageOf(args, (cursor) => overrideKeys.decode(cursor)?.[0] ?? null, { size: PAGE_SIZE });
  return overridesLoader(ctx).load({ roomId, page });
}
