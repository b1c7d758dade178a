/**
 * What members may do, computed from the rules of docs/protocol.md with sets of names: nothing of it is taken from the
 * server.
 */

export const ROLES = ['GUEST', 'MEMBER', 'MODERATOR', 'ADMIN', 'OWNER'] as const;
export type Role = (typeof ROLES)[number];
export const EFFECTS = ['ALLOW', 'DENY', 'INHERIT'] as const;
export type Effect = (typeof EFFECTS)[number];
/** The effects of an override, by permission. */
export type Effects = Readonly<Record<string, Effect>>;

const OF_MODERATORS = [
  'SEND_MESSAGES',
  'ADD_MEMBERS',
  'MANAGE_MEMBERS',
  'DELETE_MESSAGES',
  'MENTION_EVERYONE',
  'PIN_MESSAGES',
  'TIMEOUT_MEMBERS',
  'BAN_MEMBERS',
  'BYPASS_SLOW_MODE',
  'ADD_REACTIONS',
  'REPLY_IN_THREADS',
];
const OF_ADMINS = [...OF_MODERATORS, 'UPDATE_ROOM', 'ARCHIVE_ROOM', 'VIEW_AUDIT_LOG'];
export const PERMISSIONS: readonly string[] = [...OF_ADMINS, 'DELETE_ROOM'];
export const NEVER_FOR_GUESTS: ReadonlySet<string> = new Set([
  'ADD_MEMBERS',
  'MANAGE_MEMBERS',
  'UPDATE_ROOM',
  'ARCHIVE_ROOM',
  'DELETE_ROOM',
  'TIMEOUT_MEMBERS',
  'BAN_MEMBERS',
  'VIEW_AUDIT_LOG',
]);

const defaults: Readonly<Record<Role, readonly string[]>> = {
  GUEST: ['SEND_MESSAGES'],
  MEMBER: ['SEND_MESSAGES'],
  MODERATOR: OF_MODERATORS,
  ADMIN: OF_ADMINS,
  OWNER: PERMISSIONS,
};

export const isBelow = (one: Role, other: Role): boolean => ROLES.indexOf(one) < ROLES.indexOf(other);

/** What an override says that has an effect on a member with that role. */
function effectIn(role: Role, effects: Effects, permission: string): Effect {
  const effect = effects[permission] ?? 'INHERIT';
  return role === 'GUEST' && effect === 'ALLOW' && NEVER_FOR_GUESTS.has(permission) ? 'INHERIT' : effect;
}

/** The steps about one permission of a member, in order: default, role, member. */
export function stepsOf(role: Role, ofRole: Effects, ofMember: Effects, permission: string): Effect[] {
  return [
    defaults[role].includes(permission) ? 'ALLOW' : 'DENY',
    effectIn(role, ofRole, permission),
    effectIn(role, ofMember, permission),
  ];
}

/** The permissions of a member, sorted. */
export function permissionsOf(role: Role, ofRole: Effects, ofMember: Effects): string[] {
  if (role === 'OWNER') return PERMISSIONS.toSorted();
  const isAllowed = (permission: string) =>
    stepsOf(role, ofRole, ofMember, permission).findLast((effect) => effect !== 'INHERIT') === 'ALLOW';
  return PERMISSIONS.filter(isAllowed).toSorted();
}
