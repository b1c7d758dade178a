import type { StoredRights } from '../eventlog/kinds.ts';
import type { AccountEventKind, EventFacts, RoomEventKind } from '../eventlog/registry.ts';

/** What a member's event says of the membership, as of that event. */
export interface MemberFacts {
  readonly role: number;
  /** The bits of `memberships.permission_bits`. */
  readonly permissions: number;
  readonly readSeq: number;
  readonly deliveredSeq: number;
  /** RFC 3339 */
  readonly joinedAt: string;
  /** ms since 1970; missing in events that are older than timeouts. */
  readonly timeoutUntil?: number | null;
}

export interface LeftFacts {
  readonly removed: boolean;
}

const member = ({ subject }: EventFacts) => [subject];

/** The member's new rights; whether the room is archived stays what it was. */
function rightsOfMember(
  rights: StoredRights | null,
  { subject, facts }: EventFacts,
  userId: number,
): StoredRights | null {
  if (subject !== userId) return rights;
  const { role, permissions, timeoutUntil = null } = facts as MemberFacts;
  return { role, permissions, isArchived: rights?.isArchived ?? false, timeoutUntil };
}

const plain = { affects: 'nothing', subject: null } as const;

export const roomCreated: RoomEventKind = { number: 1, name: 'RoomCreated', ...plain };
export const roomUpdated: RoomEventKind = { number: 2, name: 'RoomUpdated', ...plain };

export const roomArchived: RoomEventKind = {
  number: 3,
  name: 'RoomArchived',
  affects: 'rights',
  subject: null,
  rightsAfter: (rights) => rights && { ...rights, isArchived: true },
};

export const roomDeleted: RoomEventKind = {
  number: 4,
  name: 'RoomDeleted',
  affects: 'access',
  subject: null,
  rightsAfter: () => null,
  endsAccessOf: () => true,
};

export const memberJoined: RoomEventKind = {
  number: 8,
  name: 'MemberJoined',
  affects: 'rights',
  subject: null,
  usersNamedIn: member,
  rightsAfter: rightsOfMember,
};

export const memberUpdated: RoomEventKind = { ...memberJoined, number: 9, name: 'MemberUpdated' };

export const memberLeft: RoomEventKind = {
  number: 10,
  name: 'MemberLeft',
  affects: 'access',
  subject: null,
  usersNamedIn: member,
  rightsAfter: (rights, { subject }, userId) => (subject === userId ? null : rights),
  endsAccessOf: ({ subject }, userId) => subject === userId,
};

export const roomEventKinds: readonly RoomEventKind[] = [
  roomCreated,
  roomUpdated,
  roomArchived,
  roomDeleted,
  memberJoined,
  memberUpdated,
  memberLeft,
];

export const accessGranted: AccountEventKind = { number: 1, name: 'RoomAccessGranted', access: 'granted' };
export const accessLost: AccountEventKind = { number: 2, name: 'RoomAccessLost', access: 'lost' };

export const accountEventKinds: readonly AccountEventKind[] = [accessGranted, accessLost];
