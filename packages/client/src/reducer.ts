/**
 * The reference reducer: it turns a snapshot and the events after it into the state of a new snapshot.
 *
 * It is pure, has no dependencies and does not depend on a transport, so it can be ported together with
 * documents/inbox.graphql. The state is plain JSON, so that it can be stored together with its cursor in one transaction.
 * The rules are in docs/protocol.md, "The reference reducer"; test/realtime/convergence.test.ts compares it with a real
 * server after every kind of mutation. Example:
 *
 *     let state = begin(await inboxSnapshot());                   // and after every ResyncRequired
 *     for await (const item of followInbox({ after: state.cursor })) {
 *       state = apply(state, item);
 *       for (const id of partialRooms(state)) state = fill(state, id, await roomSnapshot(id));
 *       await save(state);
 *     }
 *
 * The state equals a new snapshot, except for:
 * - `readSeq` and `deliveredSeq` of members: the server combines such marks and may drop some. They are a lower bound;
 *   `viewerReadSeq` of the room is exact.
 * - what only the viewer sees (`Own`), in a `room` stream: it is null there.
 * - names of users who no longer share a room with the viewer: no room reports the change. A viewer without rooms does not
 *   get their own new name, either.
 * - members and messages that no snapshot loaded, until an event changes them.
 */

// -- what the server says: the parts of the generated types that matter here -------------------------

export interface Person {
  readonly id: string;
  readonly username: string;
  readonly displayName: string;
  readonly isDeleted: boolean;
}

export interface MemberAnswer {
  readonly id: string;
  readonly role: string;
  readonly joinedAt: string;
  readonly readSeq: number;
  readonly deliveredSeq: number;
  readonly user: Person;
}

interface QuoteAnswer {
  readonly id: string;
  readonly seq: number | null;
  readonly version: number;
  readonly text: string | null;
  readonly sentAt: string;
  readonly editedAt: string | null;
  readonly deletedAt: string | null;
  /** RFC 3339: from then on the server shows it as deleted. */
  readonly expiresAt: string | null;
  readonly idempotencyKey: string;
  readonly author: Person;
}

export interface ReactionsAnswer {
  readonly emoji: string;
  /** 0: the group was removed. */
  readonly count: number;
  /** Null in an event of a large group: the value does not change. */
  readonly viewerHasReacted: boolean | null;
}

export interface PollAnswer {
  /** `count` is null while the results are hidden. */
  readonly options: readonly { readonly id: string; readonly text: string; readonly count: number | null }[];
  readonly maxChoices: number;
  readonly isAnonymous: boolean;
  readonly resultsVisibility: string;
  readonly closesAt: string | null;
  readonly closedAt: string | null;
  readonly voterCount: number;
  /** Null in an event of a poll with many voters: the value does not change. */
  readonly viewerVotes: readonly string[] | null;
}

/** A typed value that a client has attached to a message; one of the three fields is not null. */
export interface MetadataAnswer {
  readonly key: string;
  readonly value: {
    readonly text: string | null;
    readonly number: number | null;
    readonly isTrue: boolean | null;
  };
}

export interface MessageAnswer extends QuoteAnswer {
  readonly isPinned: boolean;
  readonly metadata: readonly MetadataAnswer[];
  readonly poll: PollAnswer | null;
  readonly reactions: readonly ReactionsAnswer[];
  readonly replyTo: QuoteAnswer | null;
  /** Set if it quotes a message, also one that the viewer may not see. */
  readonly quote: { readonly __typename: string } | null;
  /** Set if it was forwarded: when the origin was sent. */
  readonly forward: { readonly sentAt: string } | null;
}

export interface RoomFacts {
  readonly id: string;
  readonly kind: string;
  readonly name: string | null;
  readonly description: string | null;
  readonly isArchived: boolean;
  /** Of messages that are sent now; null: they stay. */
  readonly messageLifetimeSeconds: number | null;
  readonly memberCount: number;
  readonly lastRoomSeq: number | null;
  readonly lastMessageSeq: number | null;
  /** Every change of them is an event of the room. */
  readonly viewerPermissions: readonly string[];
  readonly viewerCanSend: boolean;
  readonly viewerCannotSendReasons: readonly string[];
  /** As of the last item that showed the room. */
  readonly viewerReadSeq: number | null;
  readonly viewerUnreadCount: number | null;
  readonly viewerUnreadMentionCount: number | null;
  readonly viewerIsPinned: boolean | null;
  /** The next message shows the room again. */
  readonly viewerIsHidden: boolean | null;
  /** RFC 3339; it may be over. */
  readonly viewerMutedUntil: string | null;
  /** The folder of the viewer's own list that contains the room. */
  readonly viewerFolder: string | null;
  /** Null: the setting in `Viewer.sharesReceipts` applies. */
  readonly viewerSharesReceipts: boolean | null;
}

/** What only the viewer sees, and no event of the room needs to tell. */
type Own =
  | 'id'
  | 'viewerReadSeq'
  | 'viewerUnreadCount'
  | 'viewerUnreadMentionCount'
  | 'viewerIsPinned'
  | 'viewerIsHidden'
  | 'viewerMutedUntil'
  | 'viewerFolder'
  | 'viewerSharesReceipts';

export interface RoomAnswer extends RoomFacts {
  readonly viewerMembership: MemberAnswer | null;
  readonly members: { readonly nodes: readonly MemberAnswer[] } | null;
  readonly messages: { readonly nodes: readonly MessageAnswer[] } | null;
}

/** The rooms of all pages, and the cursor of the first. For a `room` stream: the one room, and its cursor. */
export interface Snapshot {
  readonly cursor: string;
  readonly viewer: Person;
  readonly rooms: readonly RoomAnswer[];
}

interface RoomEvent {
  readonly cursor: string;
  readonly roomSeq: number;
  readonly occurredAt: string;
  readonly room: RoomFacts;
}

interface AccountEvent {
  readonly cursor: string;
  readonly accountSeq: number;
}

export type RoomItem = RoomEvent &
  (
    | {
        readonly __typename:
          | 'RoomCreated'
          | 'RoomUpdated'
          | 'RoomArchived'
          | 'RoomDeleted'
          | 'ThreadUpdated'
          | 'LiveLocationEnded'
          | 'PermissionsChanged'
          | 'MemberTimedOut'
          | 'RoomSettingsChanged'
          | 'JoinRequestsChanged'
          | 'EventUnavailable';
      }
    | {
        readonly __typename: 'MessageCreated' | 'MessageEdited' | 'MessageDeleted';
        readonly message: MessageAnswer;
      }
    | {
        readonly __typename: 'ReactionsChanged';
        readonly message: { readonly id: string };
        readonly reactionGroup: ReactionsAnswer;
      }
    | {
        readonly __typename: 'PollUpdated';
        readonly message: { readonly id: string };
        readonly poll: PollAnswer | null;
      }
    | {
        readonly __typename: 'MessagePinned' | 'MessageUnpinned';
        readonly message: Pick<MessageAnswer, 'id' | 'isPinned'>;
      }
    | { readonly __typename: 'MemberJoined' | 'MemberUpdated'; readonly membership: MemberAnswer }
    | { readonly __typename: 'MemberLeft'; readonly user: Person }
  );

export type AccountItem = AccountEvent &
  (
    | { readonly __typename: 'RoomAccessGranted'; readonly roomSeq: number; readonly room: RoomFacts }
    | { readonly __typename: 'RoomAccessLost'; readonly roomId: string }
    | {
        readonly __typename: 'ReadStateChanged' | 'RoomPreferencesChanged';
        readonly room: Pick<RoomFacts, Own>;
      }
    // Their changes are outside of this state.
    | {
        readonly __typename:
          | 'ThreadStateChanged'
          | 'SavedMessageChanged'
          | 'DraftChanged'
          | 'BlockChanged'
          | 'JoinRequestChanged';
      }
    | { readonly __typename: 'AccountEventUnavailable' }
  );

/** Items beside the log are not part of the state: each is valid until the next one, or until the stream ends. */
export type EphemeralItem = {
  readonly __typename: 'TypingChanged' | 'ReceiptsChanged' | 'LiveLocationsChanged';
};

export type ControlItem =
  | { readonly __typename: 'StreamReady' | 'Heartbeat'; readonly cursor: string }
  | { readonly __typename: 'AuthExpiring' | 'ResyncRequired' | 'StreamClosed' };

export type Item = RoomItem | AccountItem | EphemeralItem | ControlItem;

// -- what is kept --------------------------------------------------------------------------------

/** `asOf` is the time of the event that named the user; empty for a snapshot. */
export type KnownPerson = Person & { readonly asOf: string };
export type Member = Omit<MemberAnswer, 'user'> & { readonly userId: string };
export type Message = Omit<QuoteAnswer, 'author' | 'expiresAt'> & {
  readonly expiresAt?: string | null;
  readonly authorId: string;
  readonly replyToId?: string | null;
  readonly reactions?: readonly ReactionsAnswer[];
  readonly isPinned?: boolean;
  readonly metadata?: readonly MetadataAnswer[];
  readonly poll?: PollAnswer | null;
  readonly quote?: MessageAnswer['quote'];
  readonly forward?: MessageAnswer['forward'];
};

export interface Room extends RoomFacts {
  readonly lastRoomSeq: number;
  readonly lastMessageSeq: number;
  /** By user id. */
  readonly members: Readonly<Record<string, Member>>;
  /** By message id: the timeline from `firstSeq` on, and others, such as quoted messages. */
  readonly messages: Readonly<Record<string, Message>>;
  readonly firstSeq: number;
  /** The number of the last event from the stream; null before the first one after a snapshot. */
  readonly appliedSeq: number | null;
  /** Some data of the room is missing: fetch it (`partialRooms`). */
  readonly isPartial: boolean;
}

export interface State {
  /** The cursor to subscribe with. */
  readonly cursor: string;
  readonly viewerId: string;
  /** The number of the last applied event of the viewer's own log. */
  readonly accountSeq: number;
  /** The last event of the viewer's own log that changed something outside of this state, such as the saved messages and drafts. */
  readonly otherSeq?: number;
  readonly people: Readonly<Record<string, KnownPerson>>;
  readonly rooms: Readonly<Record<string, Room>>;
}

// -- reading it ----------------------------------------------------------------------------------

/** The messages to show, oldest first, without a gap. */
export function timeline(room: Room): Message[] {
  const seqOf = (message: Message) => message.seq ?? 0;
  return Object.values(room.messages)
    .filter((message) => seqOf(message) >= room.firstSeq && seqOf(message) <= room.lastMessageSeq)
    .sort((a, b) => seqOf(a) - seqOf(b));
}

/** Rooms to fetch, and to `fill` before the next item is applied. */
export function partialRooms(state: State): string[] {
  return Object.values(state.rooms).flatMap((room) => (room.isPartial ? [room.id] : []));
}

/**
 * Whether the stream has passed the snapshot in all rooms; before that, the data may be from several moments. True
 * after `StreamReady`.
 */
export function isWhole(state: State): boolean {
  return Object.values(state.rooms).every(
    ({ appliedSeq, lastRoomSeq, isPartial }) => !isPartial && (appliedSeq ?? lastRoomSeq) === lastRoomSeq,
  );
}

// -- folding -------------------------------------------------------------------------------------

/** Returns the state of a snapshot. It replaces the whole previous state. */
export function begin({ cursor, viewer, rooms }: Snapshot): State {
  const empty: State = { cursor, viewerId: viewer.id, accountSeq: 0, people: {}, rooms: {} };
  return rooms.reduce((state, room) => put(state, room), meet(empty, [viewer], ''));
}

/** Applies the answer for a partial room; null if the viewer may not see the room. */
export function fill(state: State, roomId: string, answer: RoomAnswer | null): State {
  const held = state.rooms[roomId];
  if (!held) return state; // lost while the answer was on its way
  if (!answer?.viewerMembership) return remove(state, roomId);
  // The answer is older than the applied events: the room stays partial and is queried again.
  return (answer.lastRoomSeq ?? 0) < held.lastRoomSeq ? state : put(state, answer, held.appliedSeq);
}

/** Adds a page of a room's timeline. `firstSeq` is the start of the timeline with this page. */
export function addMessages(
  state: State,
  roomId: string,
  page: readonly MessageAnswer[],
  firstSeq?: number,
): State {
  const held = state.rooms[roomId];
  if (!held) return state; // lost while the page was on its way
  const room = page.reduce(keepMessage, { ...held, firstSeq: firstSeq ?? held.firstSeq });
  return withRoom(page.reduce(meetAuthors, state), room);
}

/** Adds a page of a room's members, as of that event. Returns null if it is older than the applied events. */
export function addMembers(
  state: State,
  roomId: string,
  page: readonly MemberAnswer[],
  lastRoomSeq: number,
): State | null {
  const held = state.rooms[roomId];
  if (!held) return state; // lost while the page was on its way
  if (lastRoomSeq < held.lastRoomSeq) return null;
  const people = page.map(({ user }) => user);
  return withRoom(meet(state, people, ''), page.reduce(keepMember, held));
}

/** Applies one item of the stream. Call it in the order of the stream. Unknown kinds change nothing. */
export function apply(state: State, item: Item): State {
  let next = state;
  if ('accountSeq' in item) next = applyAccountItem(state, item);
  else if ('roomSeq' in item) next = applyRoomItem(state, item);
  return 'cursor' in item ? { ...next, cursor: item.cursor } : next;
}

function applyAccountItem(state: State, item: AccountItem): State {
  if (item.accountSeq <= state.accountSeq) return state; // a repeat
  const next = { ...state, accountSeq: item.accountSeq };
  if (item.__typename === 'RoomAccessLost') return remove(next, item.roomId);
  if (item.__typename === 'AccountEventUnavailable') return doubtAll(next);
  if (!('room' in item)) return { ...next, otherSeq: item.accountSeq };
  const held = next.rooms[item.room.id];
  if ('roomSeq' in item) return held ? next : withRoom(next, roomBefore(item.roomSeq, item.room));
  return held ? withRoom(next, { ...held, ...item.room }) : next; // what the viewer has read or set
}

/** Marks all rooms as partial: only snapshots show what changed. */
function doubtAll(state: State): State {
  const rooms = Object.entries(state.rooms).map(([id, room]) => [id, { ...room, isPartial: true }] as const);
  return { ...state, rooms: Object.fromEntries(rooms) };
}

/** A room before its events from that number on. From number 1 on, they contain everything. */
function roomBefore(roomSeq: number, facts: RoomFacts): Room {
  const numbers = { lastRoomSeq: roomSeq - 1, lastMessageSeq: 0, firstSeq: 1, appliedSeq: roomSeq - 1 };
  return { ...facts, ...numbers, members: {}, messages: {}, isPartial: roomSeq > 1 };
}

function applyRoomItem(state: State, item: RoomItem): State {
  const { room: facts, roomSeq } = item;
  // An unknown room moved between the pages of the snapshot, and was on none.
  const held = state.rooms[facts.id] ?? roomBefore(roomSeq, facts);
  // A repeat. Events that a snapshot may contain are not repeats: they are applied again.
  if (roomSeq <= (held.appliedSeq ?? 0)) return state;
  const expected = (held.appliedSeq ?? held.lastRoomSeq) + 1;
  if (roomSeq > expected) throw new Error(`${facts.id}: ${roomSeq} is not ${expected}`);
  if (item.__typename === 'RoomDeleted') return remove(state, facts.id);
  if (item.__typename === 'MemberLeft' && item.user.id === state.viewerId) return remove(state, facts.id);
  const lastRoomSeq = Math.max(held.lastRoomSeq, roomSeq);
  const lastMessageSeq = Math.max(held.lastMessageSeq, facts.lastMessageSeq ?? 0);
  const room = { ...held, ...facts, lastRoomSeq, lastMessageSeq, appliedSeq: roomSeq };
  return withRoom(meetPeople(state, item), change(room, item));
}

function change(room: Room, item: RoomItem): Room {
  switch (item.__typename) {
    case 'MessageCreated':
      // Sending a message marks it as read; there is no separate event.
      return raiseMarks(keepMessage(room, item.message), item.message.author.id, item.message.seq ?? 0);
    case 'ReactionsChanged':
      return patch(room, item.message.id, {
        reactions: withGroup(room.messages[item.message.id]?.reactions ?? [], item.reactionGroup),
      });
    case 'PollUpdated':
      return patch(room, item.message.id, { poll: keepVotes(item.poll, room.messages[item.message.id]) });
    case 'MemberLeft': {
      const { [item.user.id]: _left, ...members } = room.members;
      return { ...room, members };
    }
    case 'EventUnavailable':
      return { ...room, isPartial: true }; // only a snapshot shows what changed
    default:
      if ('membership' in item) return keepMember(room, item.membership);
      if (!('message' in item)) return room; // the fields of the room are applied already
      // A whole message, or what has changed of it.
      return 'author' in item.message
        ? keepMessage(room, item.message)
        : patch(room, item.message.id, item.message);
  }
}

/** Keeps the highest version. The text of a deleted message disappears with its older version. */
function keepMessage(room: Room, answer: MessageAnswer): Room {
  const { replyTo, ...message } = withKnown(answer, room.messages[answer.id]);
  const quoted = replyTo ? keepVersion(room.messages, toMessage(replyTo)) : room.messages;
  return {
    ...room,
    messages: keepVersion(quoted, { ...toMessage(message), replyToId: replyTo?.id ?? null }),
  };
}

const groupIn = (groups: Message['reactions'], emoji: string) =>
  groups?.find((group) => group.emoji === emoji);

/** In a large group an event carries only the actor's own value; otherwise the value does not change. */
function completed(group: ReactionsAnswer, held: Message['reactions']): ReactionsAnswer {
  if (group.viewerHasReacted !== null) return group;
  return { ...group, viewerHasReacted: groupIn(held, group.emoji)?.viewerHasReacted ?? false };
}

/** Keeps the known votes of the viewer if an event has none, as in a poll with many voters. */
export function keepVotes<Poll extends PollAnswer>(
  poll: Poll | null,
  held: { readonly poll?: Poll | null } | null | undefined,
): Poll | null {
  return poll && { ...poll, viewerVotes: poll.viewerVotes ?? held?.poll?.viewerVotes ?? [] };
}

/** Adds to a message what an event does not say of the viewer, but is known. */
export function withKnown<Answer extends Pick<MessageAnswer, 'reactions' | 'poll'>>(
  message: Answer,
  held: Pick<Message, 'reactions' | 'poll'> | undefined,
): Answer {
  const reactions = message.reactions.map((group) => completed(group, held?.reactions));
  return { ...message, reactions, poll: keepVotes(message.poll, held) };
}

/** Changes a message, unless it is older than the loaded ones. */
function patch(room: Room, messageId: string, values: Partial<Message>): Room {
  const message = room.messages[messageId];
  return message ? { ...room, messages: { ...room.messages, [messageId]: { ...message, ...values } } } : room;
}

/** An event carries the whole group, so applying it twice does no harm. Groups are ordered by their first reactions. */
export function withGroup(held: readonly ReactionsAnswer[], group: ReactionsAnswer): ReactionsAnswer[] {
  const known = groupIn(held, group.emoji);
  const reactions = known
    ? held.map((each) => (each === known ? completed(group, held) : each))
    : [...held, completed(group, held)];
  return reactions.filter(({ count }) => count > 0);
}

function toMessage({ author, ...rest }: QuoteAnswer): Message {
  return { ...rest, authorId: author.id };
}

function keepVersion(messages: Room['messages'], message: Message): Room['messages'] {
  const held = messages[message.id];
  return held && held.version > message.version
    ? messages
    : { ...messages, [message.id]: { ...held, ...message } };
}

/** Marks of the same membership only rise, because an event may be older than the state. */
function keepMember(room: Room, { user, ...member }: MemberAnswer): Room {
  const members = { ...room.members, [user.id]: { ...member, userId: user.id } };
  const held = room.members[user.id];
  if (held?.joinedAt !== member.joinedAt) return { ...room, members };
  return raiseMarks({ ...room, members }, user.id, held.readSeq, held.deliveredSeq);
}

function raiseMarks(room: Room, userId: string, read: number, delivered = read): Room {
  const member = room.members[userId];
  if (!member) return room;
  const readSeq = Math.max(member.readSeq, read);
  const deliveredSeq = Math.max(member.deliveredSeq, delivered);
  return { ...room, members: { ...room.members, [userId]: { ...member, readSeq, deliveredSeq } } };
}

/** Replaces a room by that of a snapshot, which is newer. */
function put(state: State, answer: RoomAnswer, appliedSeq: number | null = null): State {
  const { viewerMembership, members, messages, ...facts } = answer;
  const all = [...(viewerMembership ? [viewerMembership] : []), ...(members?.nodes ?? [])];
  const said = messages?.nodes ?? [];
  const [lastRoomSeq, lastMessageSeq] = [facts.lastRoomSeq ?? 0, facts.lastMessageSeq ?? 0];
  const firstSeq = said[0]?.seq ?? lastMessageSeq + 1;
  const numbers = { lastRoomSeq, lastMessageSeq, firstSeq, appliedSeq };
  const empty: Room = { ...facts, ...numbers, members: {}, messages: {}, isPartial: false };
  const room = said.reduce(keepMessage, all.reduce(keepMember, empty));
  return withRoom(meet(state, [...all.map(({ user }) => user), ...said.flatMap(authorsOf)], ''), room);
}

function meetPeople(state: State, item: RoomItem): State {
  // Of a member who left, because the account may have been deleted, and the name with it.
  const { user } = 'membership' in item ? item.membership : (item as { user?: Person });
  if (user) return meet(state, [user], item.occurredAt);
  return 'message' in item && 'author' in item.message ? meetAuthors(state, item.message) : state;
}

function authorsOf({ author, replyTo }: MessageAnswer): Person[] {
  return replyTo ? [author, replyTo.author] : [author];
}

/**
 * Takes users from snapshots and from the events of members; the latest event counts, because each room reports a new
 * name at its own time. An author only adds an unknown user, because a room does not report the new name of a user who
 * left.
 */
function meet(state: State, met: readonly Person[], asOf: string): State {
  const people = { ...state.people };
  for (const person of met) {
    const held = people[person.id]?.asOf ?? '';
    if (asOf === '' || asOf >= held) people[person.id] = { ...person, asOf: asOf || held };
  }
  return { ...state, people };
}

function meetAuthors(state: State, message: MessageAnswer): State {
  const unknown = authorsOf(message).filter(({ id }) => !state.people[id]);
  return unknown.length > 0 ? meet(state, unknown, '') : state;
}

function withRoom(state: State, room: Room): State {
  return { ...state, rooms: { ...state.rooms, [room.id]: room } };
}

function remove(state: State, roomId: string): State {
  const { [roomId]: _gone, ...rooms } = state.rooms;
  return { ...state, rooms };
}
