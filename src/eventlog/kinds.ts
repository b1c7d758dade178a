/** A user as the log shows one: as of the event or later. */
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

/** Combinations of rights that are kept. There are a few roles and states. */
const MAX_KNOWN_RIGHTS = 256;
const knownRights = new Map<string, Rights>();

/** What stored rights allow at this moment. The same object for the same rights, if there are few. */
export function rightsNow({ timeoutUntil, ...rights }: StoredRights): Rights {
  const now: Rights = { ...rights, isTimedOut: timeoutUntil !== null && timeoutUntil > Date.now() };
  const key = `${now.role} ${now.permissions} ${now.isArchived} ${now.isTimedOut}`;
  const known = knownRights.get(key);
  if (known) return known;
  if (knownRights.size < MAX_KNOWN_RIGHTS) knownRights.set(key, Object.freeze(now));
  return now;
}

/** Rights that were read together with the head of the room. Null: not a member. */
export interface RightsAt {
  readonly rights: StoredRights | null;
  readonly head: number;
}

/** One change in a room. Immutable and shared by everybody on the node who receives it. */
export interface RoomEvent {
  readonly roomId: number;
  /** Dense from 1, in commit order. */
  readonly roomSeq: number;
  /** The name of its kind; `EventUnavailable` where it cannot be shown. */
  readonly kind: string;
  readonly actorId: number | null;
  /** What it is about, as its kind defines: a number within the room, or an id. */
  readonly subject: number | null;
  /** The room's last message number as of this event. */
  readonly messageSeq: number;
  readonly createdAt: Date;
  /** Small facts as of the event; their shape belongs to the kind. */
  readonly facts: object | null;
  /** The subject as of the event or later, never earlier; null where its kind reads none. */
  readonly record: object | null;
  /** The users it names, so that showing it reads nothing from the database. */
  readonly people: readonly PersonRecord[];
}

export interface AccountEvent {
  readonly userId: number;
  /** Dense from 1. */
  readonly accountSeq: number;
  /** The name of its kind; `AccountEventUnavailable` where this node does not know it. */
  readonly kind: string;
  readonly access: 'granted' | 'lost' | 'unchanged';
  /** Whether it changes what the user has not read in its room. */
  readonly changesUnread: boolean;
  /** Whether it changes values of the viewer that events of its room show. */
  readonly changesRendered: boolean;
  /** 0 where it concerns no room. */
  readonly roomId: number;
  /** Access granted: the first number to read. Access lost: the last. Of a thread: its root. */
  readonly roomSeq: number;
  readonly createdAt: Date;
  /** Granted, and still so when the log was read: the rights as of then. Null otherwise. */
  readonly granted: RightsAt | null;
}

/** An item beside the log: no number, no cursor, and only the latest counts. Shared by all who get it. */
export interface EphemeralItem {
  /** The name of its GraphQL type. */
  readonly kind: string;
  readonly ephemeral: {
    readonly roomId: number;
    /** The users it names, so that showing it reads nothing from the database. */
    readonly people: readonly PersonRecord[];
  };
}

/** What a member has not read in a room. Immutable; the same object until something changes. */
export interface Unread {
  /** Everything up to this message number was read. */
  readonly readSeq: number;
  /** Messages above this number count: the mark, or the edge of the visible history if that is above it. */
  readonly floor: number;
  readonly messages: number;
  readonly mentions: number;
  /** ms since 1970; null where the room is not muted. */
  readonly mutedUntil: number | null;
  readonly isPinned: boolean;
  /** Out of the member's list, until the next message. */
  readonly isHidden: boolean;
  /** Whether others see the member's marks there; null where the user's own setting says so. */
  readonly sharesReceipts: boolean | null;
  /** The section of the member's own list; null for none. */
  readonly folder: string | null;
}

/** The same of all rooms that are not muted. */
export interface UnreadTotals {
  readonly messages: number;
  readonly mentions: number;
  /** How many of them have unread messages. */
  readonly rooms: number;
}
