/**
 * Numbers and names that also occur in the functions of prisma/functions. The test of SQL constants compares them, and
 * fails if a function has one that is not listed here.
 */

/** `room_heads.state`. */
export const roomStates = { OPEN: 0, ARCHIVED: 1, DELETED: 2 } as const;

/** `rooms.kind`. */
export const roomKinds = { PUBLIC: 1, PRIVATE: 2, DIRECT: 3 } as const;

/** `memberships.role`. Roles are ordered: members act only on those with a lower role. */
export const roles = { GUEST: 10, MEMBER: 20, MODERATOR: 30, ADMIN: 40, OWNER: 50 } as const;

/** `users.direct_messages_from` and `users.addable_by`: who may reach a user. */
export const contactRules = { EVERYONE: 0, SHARED_ROOMS: 1, NOBODY: 2 } as const;

/** How calls of the functions that change something end. The first three mean that the state asked for is there. */
export const statuses = [
  'OK',
  'SAME',
  'REPLAYED',
  'ADDRESS',
  'AGAIN',
  'ARCHIVED',
  'BANNED',
  'BEYOND',
  'BLOCKED',
  'BUSY',
  'CLOSED',
  'CREATED',
  'DELETED',
  'DIRECT',
  'FORBIDDEN',
  'FULL',
  'GUEST',
  'GUEST_ROLE',
  'KEY_CONFLICT',
  'LAST_ADMIN',
  'LAST_OWNER',
  'LAST_WAY',
  'LIMIT',
  'MORE_RIGHTS',
  'NOT_AUTHOR',
  'NOT_FOUND',
  'NOT_HELD',
  'NOT_OPEN',
  'NOT_PUBLIC',
  'NOT_REACHABLE',
  'NO_LOCATION',
  'NO_MEMBER',
  'NO_OPTION',
  'NO_ORIGIN',
  'NO_PLACE',
  'NO_POLL',
  'NO_QUOTE',
  'NO_THREAD',
  'NO_USER',
  'OPEN',
  'OTHERS_FULL',
  'PAUSED',
  'QUEUE_FULL',
  'RANK',
  'SLOW_MODE',
  'TAKEN',
  'TIMED_OUT',
  'TOO_FAR',
  'USER_BANNED',
  'VERSION',
] as const;
export type Status = (typeof statuses)[number];

/** What the statuses of some functions mean to a client. Batched changes have details. */
export type StatusRefusals = Readonly<Partial<Record<Status, (details?: object | null) => Error>>>;
