import { type Context, perViewer, type Viewpoint } from '../context.ts';
import { type Rights, rightsNow } from '../eventlog/kinds.ts';
import { roomLoader, viewerMembership } from './access.ts';

/** What a role or an override may allow. The bits are stored, in a BIGINT: never reuse one, and none beyond 2 ** 52. */
export const permissionBits = {
  SEND_MESSAGES: 1,
  ADD_MEMBERS: 2,
  MANAGE_MEMBERS: 4,
  UPDATE_ROOM: 8,
  DELETE_MESSAGES: 16,
  ARCHIVE_ROOM: 32,
  DELETE_ROOM: 64,
  MENTION_EVERYONE: 128,
  PIN_MESSAGES: 256,
  TIMEOUT_MEMBERS: 512,
  BAN_MEMBERS: 1_024,
  VIEW_AUDIT_LOG: 2_048,
  BYPASS_SLOW_MODE: 4_096,
  ADD_REACTIONS: 8_192,
  REPLY_IN_THREADS: 16_384,
} as const;

export type Permission = keyof typeof permissionBits;
export type CannotSendReason = 'NOT_A_MEMBER' | 'ARCHIVED' | 'NOT_PERMITTED' | 'TIMED_OUT';

type Later<Value> = Value | Promise<Value>;

/** A viewer as far as rights go. */
type RightsHolder = Pick<Viewpoint, 'isViewer' | 'rightsIn'>;

/** What a field shows one viewer. */
export type ForViewer<Value> = (viewer: RightsHolder) => Value;

/**
 * A field whose value depends on the viewer's rights. Streams execute an event once for all subscribers and fill in the
 * value of each: `prepare` reads what all of them share, and the function that it returns needs nothing else.
 */
export function viewerField<Source extends { readonly roomId: number }, Value>(
  prepare: (source: Source, ctx: Context) => Later<ForViewer<Value>>,
) {
  return {
    extensions: { forViewer: prepare },
    resolve: async (source: Source, _args: object, ctx: Context): Promise<Value> => {
      const [show, viewer] = await Promise.all([prepare(source, ctx), viewpointIn(ctx, source.roomId)]);
      return show(viewer);
    },
  };
}

/** A field whose value depends on who the viewer is, not on rights: it asks the database for nothing of the viewer. */
export function identityField<Source, Value>(
  prepare: (source: Source, ctx: Context) => Later<(viewer: Pick<Viewpoint, 'isViewer'>) => Value>,
) {
  return {
    extensions: { forViewer: prepare },
    resolve: async (source: Source, _args: object, ctx: Context): Promise<Value> => {
      const show = await prepare(source, ctx);
      return show({ isViewer: (userId) => ctx.viewer?.userId === userId });
    },
  };
}

/** A value that follows from the viewer's rights in a room alone. */
export function fromRights<Value>(by: (rights: Rights | null) => Value) {
  return ({ roomId }: { readonly roomId: number }): ForViewer<Value> =>
    (viewer) =>
      by(viewer.rightsIn(roomId));
}

/** The viewer as far as it matters in one room. A stream knows; otherwise the database is asked. */
export async function viewpointIn(ctx: Context, roomId: number): Promise<RightsHolder> {
  if (ctx.viewpoint) return ctx.viewpoint;
  const rights = await rightsIn(ctx, roomId);
  return { isViewer: (userId) => ctx.viewer?.userId === userId, rightsIn: () => rights };
}

/** The viewer's rights by room, loaded once in an operation: a page may ask for them with every message. */
const knownRights = perViewer(() => new Map<number, Later<Rights | null>>());

/** The viewer's rights in a room as they are stored; null for who is no member. */
export function rightsIn(ctx: Context, roomId: number): Later<Rights | null> {
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

/** Whether `bits` contain that power of two. The operators of JavaScript see the lowest 32 bits only. */
export function hasBit(bits: number, bit: number): boolean {
  return Math.floor(bits / bit) % 2 === 1;
}

export const allows = (rights: Rights, permission: Permission): boolean =>
  hasBit(rights.permissions, permissionBits[permission]);

const all = Object.keys(permissionBits) as Permission[];
const NOTHING = [] as const;
const sets = new Map<number, readonly Permission[]>();
/** Most rooms have a few values; more are not kept. */
const MAX_SETS = 256;

/** The same array for the same bits: a stream asks for each subscriber. */
export function permissionsIn(bits: number): readonly Permission[] {
  const known = sets.get(bits);
  if (known) return known;
  const set = all.filter((permission) => hasBit(bits, permissionBits[permission]));
  if (sets.size < MAX_SETS) sets.set(bits, set);
  return set;
}

export const permissionsOf = (rights: Rights | null): readonly Permission[] =>
  rights ? permissionsIn(rights.permissions) : NOTHING;

const obstacles = {
  membership: ['NOT_A_MEMBER'],
  archive: ['ARCHIVED'],
  permission: ['NOT_PERMITTED'],
  timeout: ['TIMED_OUT'],
} as const satisfies Record<string, readonly CannotSendReason[]>;

/**
 * Why posting would be refused; empty where it would not. As `post_status` judges. `instead`: a permission that is enough
 * without SEND_MESSAGES.
 */
export function obstaclesToSending(
  rights: Rights | null,
  instead: Permission = 'SEND_MESSAGES',
): readonly CannotSendReason[] {
  if (!rights) return obstacles.membership;
  if (rights.isArchived) return obstacles.archive;
  if (!allows(rights, 'SEND_MESSAGES') && !allows(rights, instead)) return obstacles.permission;
  return rights.isTimedOut ? obstacles.timeout : NOTHING;
}
