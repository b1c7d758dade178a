import { type Context, perViewer } from '../context.ts';
import { type Rights, rightsNow } from '../eventlog/kinds.ts';
import { membershipLoader, roomLoader, viewerMembership } from './access.ts';

/** What a role may allow. The bits are stored: never reuse one. */
export const permissionBits = {
  SEND_MESSAGES: 1,
  ADD_MEMBERS: 2,
  MANAGE_MEMBERS: 4,
  UPDATE_ROOM: 8,
  DELETE_MESSAGES: 16,
  ARCHIVE_ROOM: 32,
  DELETE_ROOM: 64,
} as const;

export type Permission = keyof typeof permissionBits;
export type CannotSendReason = 'NOT_A_MEMBER' | 'ARCHIVED' | 'NOT_PERMITTED' | 'TIMED_OUT';

type Later<Value> = Value | Promise<Value>;

/** Whether this person is the one who looks. */
export function isViewer(ctx: Context, userId: number): boolean {
  return ctx.viewpoint ? ctx.viewpoint.isViewer(userId) : ctx.viewer?.userId === userId;
}

/** What `by` makes of the viewer's rights in a room; at once in a stream, which knows them. */
export function judge<Value>(
  ctx: Context,
  roomId: number,
  by: (rights: Rights | null) => Later<Value>,
): Later<Value> {
  const rights = ctx.viewpoint ? ctx.viewpoint.rightsIn(roomId) : rightsIn(ctx, roomId);
  return rights instanceof Promise ? rights.then(by) : by(rights);
}

/** The viewer's rights by room, loaded once in an operation: a page may ask for them with every message. */
const knownRights = perViewer(() => new Map<number, Later<Rights | null>>());

function rightsIn(ctx: Context, roomId: number): Later<Rights | null> {
  const rights = knownRights(ctx);
  const known = rights.get(roomId);
  if (known !== undefined) return known;
  const loading = loadRights(ctx, roomId).then((loaded) => {
    rights.set(roomId, loaded);
    return loaded;
  });
  rights.set(roomId, loading);
  return loading;
}

async function loadRights(ctx: Context, roomId: number): Promise<Rights | null> {
  const [room, member] = await Promise.all([roomLoader(ctx).load(roomId), viewerMembership(ctx, roomId)]);
  if (!room || !member || room.isDeleted) return null;
  const { role, permissions, timeoutUntil } = member;
  return rightsNow({ role, permissions, timeoutUntil, isArchived: room.isArchived });
}

const allows = (rights: Rights, permission: Permission) =>
  (rights.permissions & permissionBits[permission]) !== 0;

export function permissionsOf(rights: Rights | null): Permission[] {
  const all = Object.keys(permissionBits) as Permission[];
  return rights ? all.filter((permission) => allows(rights, permission)) : [];
}

/** Why posting would be refused; empty where it would not. As `post_messages` judges. */
export function obstaclesToSending(rights: Rights | null): CannotSendReason[] {
  if (!rights) return ['NOT_A_MEMBER'];
  if (rights.isArchived) return ['ARCHIVED'];
  if (!allows(rights, 'SEND_MESSAGES')) return ['NOT_PERMITTED'];
  return rights.isTimedOut ? ['TIMED_OUT'] : [];
}

/** A message, as far as it decides who may change it. */
interface Changeable {
  readonly roomId: number;
  readonly authorId: number;
  readonly deletedAt: Date | null;
}

/** As `edit_message` judges: an edit speaks to the room, so it needs what posting needs. */
export function mayEdit(ctx: Context, { roomId, authorId, deletedAt }: Changeable): Later<boolean> {
  if (deletedAt || !isViewer(ctx, authorId)) return false;
  return judge(ctx, roomId, (rights) => obstaclesToSending(rights).length === 0);
}

/** As `delete_message` judges: authors may always take back what they said. */
export function mayDelete(ctx: Context, { roomId, authorId, deletedAt }: Changeable): Later<boolean> {
  if (deletedAt) return false;
  return judge(ctx, roomId, (rights) => {
    if (!rights || rights.isArchived) return false;
    return (
      isViewer(ctx, authorId) ||
      (allows(rights, 'DELETE_MESSAGES') && outranks(ctx, rights, roomId, authorId))
    );
  });
}

async function outranks(ctx: Context, { role }: Rights, roomId: number, userId: number): Promise<boolean> {
  const other = await membershipLoader(ctx).load({ roomId, userId });
  return (other?.role ?? 0) < role;
}
