import type { Sql } from '../platform/db.ts';
import type { EphemeralItem, PersonRecord, RoomEvent, StoredRights, Unread } from './kinds.ts';

/**
 * What an event can change for the subscribers of its room: nothing, the rights of some, or their access.
 * Whoever loses access must not get the next event, so such events are delivered to each subscriber alone.
 */
export type Effect = 'nothing' | 'rights' | 'access';

/** Names a subject within one page of events: by room and by the number or id that the event stores. */
export interface SubjectKey {
  readonly roomId: number;
  readonly subject: number;
}

/** A kind of thing that events are about. The concept that owns it says how it is read. */
export interface SubjectKind {
  readonly name: string;
  /** Reads the current state of many subjects in one statement. What is missing can no longer be shown. */
  readonly load: (sql: Sql, keys: readonly SubjectKey[]) => Promise<ReadonlyMap<string, object>>;
  /** The users that showing it names. */
  readonly usersNamedIn: (record: object) => readonly number[];
  /** Restores what JSON does not carry, such as dates. */
  readonly revive: (json: object) => object;
}

/**
 * What every kind of event has. The name and description of its GraphQL type, the test documents and its row in
 * docs/protocol.md are made from it; its own fields are written in the `events.schema.ts` of its concept.
 */
export interface EventKind {
  /** Stored as `kind` with each event; never reused. */
  readonly number: number;
  /** The name of its GraphQL type. */
  readonly name: string;
  /** The description of its GraphQL type: one or two sentences. */
  readonly description: string;
  /** The fields of its GraphQL type, besides those that all events have. */
  readonly fields: readonly string[];
  /** What a client does when it receives the event. */
  readonly clientRule: string;
}

/** One kind of event of a room's log. Registered once, by the concept that owns it. */
export interface RoomEventKind extends EventKind {
  readonly affects: Effect;
  /** What `RoomEvent.subject` refers to; null where showing the event needs nothing else to be read. */
  readonly subject: SubjectKind | null;
  /** The users it names, besides the actor and those that the subject names. */
  readonly usersNamedIn?: (event: EventFacts) => readonly (number | null)[];
  /** The rights of one user after the event. Needed where it affects rights or access. */
  readonly rightsAfter?: (
    rights: StoredRights | null,
    event: EventFacts,
    userId: number,
  ) => StoredRights | null;
  /** Whether it is the last event of the room that this user may see. Needed where it affects access. */
  readonly endsAccessOf?: (event: EventFacts, userId: number) => boolean;
  /** From now on earlier events show their subject as this event does: deleted text is not replayed. */
  readonly erasesSubject?: true;
}

/** What a kind may judge an event by. */
export type EventFacts = Pick<RoomEvent, 'roomId' | 'roomSeq' | 'actorId' | 'subject' | 'facts'>;

/** One kind of event of a user's own log. */
export interface AccountEventKind extends EventKind {
  /** What it does to the user's access to its room. */
  readonly access: 'granted' | 'lost' | 'unchanged';
  /** Whether it changes what the user has not read in its room: streams that keep count read it again. */
  readonly changesUnread?: true;
  /** Whether it changes values of the viewer that events of its room show: what was rendered before it is not used behind it. */
  readonly changesRendered?: true;
}

/** One kind of item beside the log of a room. Registered once, by the concept that owns it. */
export interface EphemeralKind<Shown extends EphemeralItem['ephemeral'] = EphemeralItem['ephemeral']> {
  /** The name of its GraphQL type. */
  readonly name: string;
  /** The description of its GraphQL type. */
  readonly description: string;
  /** The value of `RoomInclude` by which a stream asks for it, and what that means. */
  readonly include: string;
  readonly includes: string;
  /** Begins the names of its topics. */
  readonly topic: string;
  /** What clients are shown of the values of a room; each is the JSON that was published. */
  readonly show?: (roomId: number, values: readonly string[]) => Shown;
  /** The same where the values only tell that something has changed, and the database knows what. In place of `show`. */
  readonly read?: (sql: Sql, roomId: number) => Promise<Shown>;
  /** Whether the user is shown it. Asked when a stream opens; without, all members are. */
  readonly isFor?: (sql: Sql, userId: number, roomId: number) => Promise<boolean>;
  /**
   * What a member sees of it who may see the history of the room only from `firstRoomSeq` on; the same object where that is
   * all.
   */
  visibleFrom?(shown: Shown, firstRoomSeq: number): Shown;
  /** The key of the value that an event ends, on every node and without a packet. */
  readonly endedBy?: (event: RoomEvent) => string | null;
  /** Whether what `read` returns changes with the event, so that it has to be read again, at most once a second. */
  readonly changedBy?: (event: RoomEvent) => boolean;
  /** The same, but clients know it from the event: it is read again when the next stream opens. */
  readonly impliedBy?: (event: RoomEvent) => boolean;
}

/** The topic of a room's values. */
export const topicOf = ({ topic }: Pick<EphemeralKind, 'topic'>, roomId: number) => `${topic} ${roomId}`;

/** The name under which an event is shown that this node cannot show: unknown, erased or damaged. */
export const UNAVAILABLE = 'EventUnavailable';
/** The same for an event of a user's own log. */
export const ACCOUNT_UNAVAILABLE = 'AccountEventUnavailable';

/** How events are shown that this node cannot show. They have no number: the log stores another kind. */
export const unavailable = {
  room: {
    name: UNAVAILABLE,
    description:
      'An event that cannot be shown: a newer version wrote it, or it was erased or damaged. It keeps roomSeq without gaps.',
    fields: [],
    clientRule: 'fetch the room again: only a snapshot shows what changed',
  },
  account: {
    name: ACCOUNT_UNAVAILABLE,
    description:
      'An event that this server cannot show, because a newer version wrote it. It keeps accountSeq without gaps.',
    fields: [],
    clientRule: 'fetch a snapshot: only that shows what changed',
  },
} as const;

/** What was not read in a room, as of these numbers of its log and of the member's own log. */
export interface UnreadAt extends Unread {
  readonly roomId: number;
  readonly head: number;
  readonly accountSeq: number;
}

/** How the numbers are read and how they follow from events. Registered by the concept that owns them. */
export interface UnreadRules {
  /** What the user has not read in these rooms, of one snapshot. Rooms that the user is not in are missing. */
  load(sql: Sql, userId: number, roomIds: readonly number[]): Promise<UnreadAt[]>;
  /** The numbers after one event of the room: the same object where it changes none. */
  after(unread: Unread, event: RoomEvent, userId: number): Unread;
}

const NOT_COUNTED: UnreadRules = { load: async () => [], after: (unread) => unread };

export interface EventKinds {
  readonly room: readonly RoomEventKind[];
  readonly account: readonly AccountEventKind[];
  readonly ephemeral?: readonly EphemeralKind[];
  /** The people that events name, by id. */
  readonly people: (sql: Sql, ids: readonly number[]) => Promise<readonly PersonRecord[]>;
  /** How what a member has not read follows from events. Without, nothing is counted. */
  readonly unread?: UnreadRules;
}

/**
 * Every kind of event that this node knows.
 * @throws Error where two registrations clash or one lacks a part
 */
export class EventRegistry {
  readonly roomKinds: readonly RoomEventKind[];
  readonly accountKinds: readonly AccountEventKind[];
  readonly ephemeralKinds: readonly EphemeralKind[];
  readonly people: EventKinds['people'];
  readonly unread: UnreadRules;
  private readonly roomByNumber: ReadonlyMap<number, RoomEventKind>;
  private readonly roomByName: ReadonlyMap<string, RoomEventKind>;
  private readonly accountByNumber: ReadonlyMap<number, AccountEventKind>;

  constructor({ room, account, ephemeral = [], people, unread = NOT_COUNTED }: EventKinds) {
    this.roomKinds = room;
    this.accountKinds = account;
    this.ephemeralKinds = ephemeral;
    this.people = people;
    this.unread = unread;
    this.roomByNumber = indexBy(room, ({ number }) => number);
    this.roomByName = indexBy(room, ({ name }) => name);
    this.accountByNumber = indexBy(account, ({ number }) => number);
    indexBy([...room, ...account, ...ephemeral], ({ name }) => name);
    indexBy(ephemeral, ({ include }) => include);
    indexBy(ephemeral, ({ topic }) => topic);
    for (const kind of room) requireParts(kind);
  }

  /** Undefined for a kind that this node does not know, such as one of a newer version. */
  roomKind(number: number): RoomEventKind | undefined {
    return this.roomByNumber.get(number);
  }

  /** Undefined for `EventUnavailable`. */
  roomKindNamed(name: string): RoomEventKind | undefined {
    return this.roomByName.get(name);
  }

  accountKind(number: number): AccountEventKind | undefined {
    return this.accountByNumber.get(number);
  }

  /** What the event can change for the subscribers of its room. */
  effectOf(event: RoomEvent): Effect {
    return this.roomKindNamed(event.kind)?.affects ?? 'nothing';
  }

  /** Membership is judged by the number of an event, not by clocks. */
  endsAccess(event: RoomEvent, userId: number): boolean {
    return this.roomKindNamed(event.kind)?.endsAccessOf?.(event, userId) ?? false;
  }

  /** Whether earlier events in memory must show their subject as this one does. */
  erasesSubject(event: RoomEvent): boolean {
    return this.roomKindNamed(event.kind)?.erasesSubject ?? false;
  }

  /** Whether two events of one room are about the same thing. */
  shareSubject(one: RoomEvent, other: RoomEvent): boolean {
    const kindOf = (event: RoomEvent) => this.roomKindNamed(event.kind)?.subject ?? null;
    return one.subject === other.subject && kindOf(one) !== null && kindOf(one) === kindOf(other);
  }

  rightsAfter(rights: StoredRights | null, event: RoomEvent, userId: number): StoredRights | null {
    const rule = this.roomKindNamed(event.kind)?.rightsAfter;
    return rule ? rule(rights, event, userId) : rights;
  }
}

export const subjectKey = ({ roomId, subject }: SubjectKey) => `${roomId}.${subject}`;

function indexBy<Item extends { readonly name: string }, Key extends string | number>(
  items: readonly Item[],
  keyOf: (item: Item) => Key,
): ReadonlyMap<Key, Item> {
  const index = new Map<Key, Item>();
  for (const item of items) {
    const other = index.get(keyOf(item));
    if (other)
      throw new Error(`the events ${other.name} and ${item.name} are both registered as ${keyOf(item)}`);
    index.set(keyOf(item), item);
  }
  return index;
}

function requireParts({ name, affects, rightsAfter, endsAccessOf }: RoomEventKind): void {
  if (affects !== 'nothing' && !rightsAfter)
    throw new Error(`the event ${name} affects ${affects}: add rightsAfter to its registration`);
  if (affects === 'access' && !endsAccessOf)
    throw new Error(`the event ${name} affects access: add endsAccessOf to its registration`);
}
