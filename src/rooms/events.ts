import type { StoredRights } from '../eventlog/kinds.ts';
import type { AccountEventKind, EventFacts, RoomEventKind } from '../eventlog/registry.ts';

/** The membership as of a member's event. */
export interface MemberFacts {
  readonly role: number;
  /** The bits of `memberships.permission_bits`. */
  readonly permissions: number;
  readonly readSeq: number;
  readonly deliveredSeq: number;
  /** RFC 3339 */
  readonly joinedAt: string;
  /** In ms since 1970. Missing in events from before timeouts existed. */
  readonly timeoutUntil?: number | null;
}

export interface LeftFacts {
  readonly removed: boolean;
}

const member = ({ subject }: EventFacts) => [subject];

/** Returns the member's new rights; whether the room is archived does not change. */
function rightsOfMember(
  rights: StoredRights | null,
  { subject, facts }: EventFacts,
  userId: number,
): StoredRights | null {
  if (subject !== userId) return rights;
  const { role, permissions, timeoutUntil = null } = facts as MemberFacts;
  return { role, permissions, isArchived: rights?.isArchived ?? false, timeoutUntil };
}

const ROOM_RULE = 'take the fields of `room`';

export const roomCreated: RoomEventKind = {
  number: 1,
  name: 'RoomCreated',
  description: 'The room was created. Always the first event of its log.',
  fields: [],
  clientRule: ROOM_RULE,
  affects: 'nothing',
  subject: null,
};

export const roomUpdated: RoomEventKind = {
  number: 2,
  name: 'RoomUpdated',
  description: 'The name or the description of the room changed, or the lifetime of its messages.',
  fields: [],
  clientRule: ROOM_RULE,
  affects: 'nothing',
  subject: null,
};

export const roomArchived: RoomEventKind = {
  number: 3,
  name: 'RoomArchived',
  description: 'The room was archived: it is now read-only.',
  fields: [],
  clientRule: ROOM_RULE,
  affects: 'rights',
  subject: null,
  rightsAfter: (rights) => rights && { ...rights, isArchived: true },
};

export const roomDeleted: RoomEventKind = {
  number: 4,
  name: 'RoomDeleted',
  description: 'The room was deleted. Always the last event of its log.',
  fields: [],
  clientRule: 'remove the room',
  affects: 'access',
  subject: null,
  rightsAfter: () => null,
  endsAccessOf: () => true,
};

export const memberJoined: RoomEventKind = {
  number: 8,
  name: 'MemberJoined',
  description: 'A user became a member.',
  fields: ['membership'],
  clientRule: 'store the membership; its marks only rise',
  affects: 'rights',
  subject: null,
  usersNamedIn: member,
  rightsAfter: rightsOfMember,
};

export const memberUpdated: RoomEventKind = {
  ...memberJoined,
  number: 9,
  name: 'MemberUpdated',
  description: "A member's role or display name changed.",
};

export const memberLeft: RoomEventKind = {
  number: 10,
  name: 'MemberLeft',
  description: 'A member left or was removed. This is the last event of the room that this member receives.',
  fields: ['membershipId', 'user', 'removed'],
  clientRule: 'remove the membership; if it is that of the viewer, remove the room',
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

export const accessGranted: AccountEventKind = {
  number: 1,
  name: 'RoomAccessGranted',
  description:
    'The viewer got access to a room. The inbox shows its events from roomSeq on. Its history is in Room.messages.',
  fields: ['room', 'roomSeq'],
  clientRule: 'add the room; query it, unless `roomSeq` is 1',
  access: 'granted',
};

export const accessLost: AccountEventKind = {
  number: 2,
  name: 'RoomAccessLost',
  description: 'The viewer lost access to a room.',
  fields: ['roomId', 'roomSeq'],
  clientRule: 'remove the room',
  access: 'lost',
};

export const accountEventKinds: readonly AccountEventKind[] = [accessGranted, accessLost];
