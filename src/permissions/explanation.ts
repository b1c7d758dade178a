import type { SignedIn } from '../context.ts';
import { idOf } from '../graphql/ids.ts';
import { roles } from '../platform/database-codes.ts';
import { viewRoom } from '../rooms/access.ts';
import { allows, hasBit, type Permission, permissionBits, rightsIn } from '../rooms/permissions.ts';
import type { Effect } from './overrides.ts';
import { findGrounds, type Grounds } from './store.ts';

export type StepKind =
  | 'NOT_A_MEMBER'
  | 'OWNER'
  | 'ROLE_DEFAULT'
  | 'ROLE_OVERRIDE'
  | 'MEMBER_OVERRIDE'
  | 'CAN_SEND'
  | 'CANNOT_SEND'
  | 'ARCHIVED'
  | 'TIMED_OUT';

export interface Step {
  readonly kind: StepKind;
  readonly effect: Effect;
}

/** Whether a user may do something in a room now, and what decides it. */
export interface Explanation {
  readonly isAllowed: boolean;
  /** In the order in which they apply: the last one that does not inherit decides. */
  readonly steps: readonly Step[];
}

interface Question {
  readonly roomId: string;
  readonly userId: string;
  readonly permission: Permission;
}

/**
 * Explains a permission: of the viewer, or with MANAGE_MEMBERS of any user. Null for what the viewer may not know,
 * whether it exists or not.
 */
export async function explainPermission(ctx: SignedIn, question: Question): Promise<Explanation | null> {
  const [roomId, userId] = [idOf('Room', question.roomId), idOf('User', question.userId)];
  if (roomId === null || userId === null || !(await mayAsk(ctx, roomId, userId))) return null;
  const grounds = await findGrounds(ctx.node.db.read, roomId, userId);
  return explanationOf(grounds ? stepsOf(grounds, question.permission) : NO_MEMBER);
}

async function mayAsk(ctx: SignedIn, roomId: number, userId: number): Promise<boolean> {
  if (!(await viewRoom(ctx, roomId))) return false;
  if (userId === ctx.viewer.userId) return true;
  const rights = await rightsIn(ctx, roomId);
  return rights !== null && allows(rights, 'MANAGE_MEMBERS');
}

const NO_MEMBER: readonly Step[] = [{ kind: 'NOT_A_MEMBER', effect: 'DENY' }];

/** What the functions of the database refuse in an archived room; the rest works there. */
const endsWithArchive: ReadonlySet<Permission> = new Set([
  'SEND_MESSAGES',
  'ADD_MEMBERS',
  'UPDATE_ROOM',
  'DELETE_MESSAGES',
  'MENTION_EVERYONE',
  'PIN_MESSAGES',
  'TIMEOUT_MEMBERS',
  'BYPASS_SLOW_MODE',
  'ADD_REACTIONS',
  'REPLY_IN_THREADS',
]);
/** Only members who can send messages may do these. */
const needsSending: ReadonlySet<Permission> = new Set([
  'MENTION_EVERYONE',
  'PIN_MESSAGES',
  'BYPASS_SLOW_MODE',
]);
/** All members who can send messages may do these. */
const partsOfSending: ReadonlySet<Permission> = new Set(['ADD_REACTIONS', 'REPLY_IN_THREADS']);
/** A timeout ends these. */
const endsWithTimeout: ReadonlySet<Permission> = new Set([
  'SEND_MESSAGES',
  ...needsSending,
  ...partsOfSending,
]);

function explanationOf(steps: readonly Step[]): Explanation {
  return { isAllowed: steps.findLast(({ effect }) => effect !== 'INHERIT')?.effect === 'ALLOW', steps };
}

function stepsOf(grounds: Grounds, permission: Permission): Step[] {
  const steps = grounds.role === roles.OWNER ? OWNER : overridableSteps(grounds, permissionBits[permission]);
  return [...steps, ...sending(grounds, permission), ...obstacles(grounds, permission)];
}

const OWNER: readonly Step[] = [{ kind: 'OWNER', effect: 'ALLOW' }];

function overridableSteps(grounds: Grounds, bit: number): Step[] {
  const { byDefault, roleAllow, roleDeny, memberAllow, memberDeny } = grounds;
  return [
    { kind: 'ROLE_DEFAULT', effect: hasBit(byDefault, bit) ? 'ALLOW' : 'DENY' },
    { kind: 'ROLE_OVERRIDE', effect: effectOf(roleAllow, roleDeny, bit) },
    { kind: 'MEMBER_OVERRIDE', effect: effectOf(memberAllow, memberDeny, bit) },
  ];
}

/** The effect of an override on one permission. */
export function effectOf(allow: number, deny: number, bit: number): Effect {
  if (hasBit(deny, bit)) return 'DENY';
  return hasBit(allow, bit) ? 'ALLOW' : 'INHERIT';
}

/** What SEND_MESSAGES changes of another permission. */
function sending({ permissions }: Grounds, permission: Permission): Step[] {
  const canSend = hasBit(permissions, permissionBits.SEND_MESSAGES);
  const isMissing = !hasBit(permissions, permissionBits[permission]);
  if (canSend && isMissing && partsOfSending.has(permission)) return [{ kind: 'CAN_SEND', effect: 'ALLOW' }];
  return when(!canSend && needsSending.has(permission), 'CANNOT_SEND');
}

function obstacles({ isArchived, isTimedOut }: Grounds, permission: Permission): Step[] {
  return [
    ...when(isArchived && endsWithArchive.has(permission), 'ARCHIVED'),
    ...when(isTimedOut && endsWithTimeout.has(permission), 'TIMED_OUT'),
  ];
}

const when = (applies: boolean, kind: StepKind): Step[] => (applies ? [{ kind, effect: 'DENY' }] : []);
