/** Every event of a room's log. The numbers are stored; never reuse one. */
export const roomEventKinds = {
  1: 'RoomCreated',
  2: 'RoomUpdated',
  3: 'RoomArchived',
  4: 'RoomDeleted',
  5: 'MessageCreated',
  6: 'MessageEdited',
  7: 'MessageDeleted',
  8: 'MemberJoined',
  9: 'MemberUpdated',
  10: 'MemberLeft',
} as const;

export type RoomEventKind = (typeof roomEventKinds)[keyof typeof roomEventKinds] | 'EventUnavailable';

/** Every event of a person's own log. */
export const accountEventKinds = { 1: 'RoomAccessGranted', 2: 'RoomAccessLost' } as const;
export type AccountEventKind = (typeof accountEventKinds)[keyof typeof accountEventKinds];

/** A message as the log shows it: as of its event or later, never earlier. */
export interface MessageRecord {
  readonly roomId: number;
  readonly roomSeq: number;
  readonly seq: number;
  readonly authorId: number;
  readonly idempotencyKey: string;
  readonly text: string | null;
  readonly replyToRoomSeq: number | null;
  readonly version: number;
  readonly createdAt: Date;
  readonly editedAt: Date | null;
  readonly deletedAt: Date | null;
}

/** A person as the log shows one: as of the event or later. */
export interface PersonRecord {
  readonly id: number;
  readonly username: string;
  readonly displayName: string;
  /** When the account was erased. */
  readonly deletedAt: Date | null;
}

/** What a member may do in a room at one moment. Immutable. */
export interface Rights {
  readonly role: number;
  /** The bits of `memberships.permission_bits`. */
  readonly permissions: number;
  readonly isArchived: boolean;
  readonly isTimedOut: boolean;
}

/** The same as it is stored: a timeout ends by itself. */
export interface StoredRights extends Omit<Rights, 'isTimedOut'> {
  /** ms since 1970; null without a timeout. */
  readonly timeoutUntil: number | null;
}

/** What stored rights allow at this moment. */
export function rightsNow({ timeoutUntil, ...rights }: StoredRights): Rights {
  return { ...rights, isTimedOut: timeoutUntil !== null && timeoutUntil > Date.now() };
}

/** Rights that were read together with the head of the room. Null: not a member. */
export interface RightsAt {
  readonly rights: StoredRights | null;
  readonly head: number;
}

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

/** One change in a room. Immutable and shared by everybody on the node who receives it. */
export interface RoomEvent {
  readonly roomId: number;
  /** Dense from 1, in commit order. */
  readonly roomSeq: number;
  readonly kind: RoomEventKind;
  readonly actorId: number | null;
  /** The `roomSeq` of a message, or the id of a user. */
  readonly subject: number | null;
  /** The room's last message number as of this event. */
  readonly messageSeq: number;
  readonly createdAt: Date;
  readonly facts: MemberFacts | LeftFacts | null;
  /** Of message events only. */
  readonly message: MessageRecord | null;
  /** Who is named in it, so that showing it asks the database nothing. */
  readonly people: readonly PersonRecord[];
}

export interface AccountEvent {
  readonly userId: number;
  /** Dense from 1. */
  readonly accountSeq: number;
  readonly kind: AccountEventKind;
  readonly roomId: number;
  /** Granted: the first number to read. Lost: the last. */
  readonly roomSeq: number;
  readonly createdAt: Date;
  /** Granted, and still so when the log was read: the rights as of then. Null otherwise. */
  readonly granted: RightsAt | null;
}

export function isMessageKind(kind: RoomEventKind): boolean {
  return kind === 'MessageCreated' || kind === 'MessageEdited' || kind === 'MessageDeleted';
}
