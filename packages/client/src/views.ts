import { spanShown } from './history.ts';
import { memoize } from './memoize.ts';
import type { Model, OutboxEntry, RoomView } from './model.ts';
import { entriesOf } from './outbox.ts';
import { type ReactionInfo, reactionsOf } from './reactions.ts';
import {
  type KnownPerson,
  type Member,
  type Message,
  type MessageAnswer,
  type MetadataAnswer,
  type Person,
  type PollAnswer,
  type Room,
  type RoomFacts,
  timeline,
} from './reducer.ts';

/** A room in the form that applications show. */
export interface RoomInfo extends RoomFacts {
  /** The membership of the viewer. Null if the viewer is not a member. */
  readonly membership: MemberInfo | null;
  /** The name or, in a direct room, the names of the other members, oldest account first. */
  readonly title: string;
  readonly lastMessage: MessageInfo | null;
}

export interface MemberInfo extends Omit<Member, 'userId'> {
  readonly user: Person;
}

/** A message in the form that applications show, from the timeline or from the outbox. */
export interface MessageInfo {
  /** The same before and after the server has stored it, so it can be the key of a list. */
  readonly key: string;
  /** Null before the server has stored it. */
  readonly id: string | null;
  readonly seq: number | null;
  /** Null after its deletion. */
  readonly text: string | null;
  readonly version: number;
  readonly author: Person;
  readonly isOwn: boolean;
  /** The quoted message; null if there is none, or the viewer may not see it. */
  readonly replyTo: Omit<MessageInfo, 'replyTo'> | null;
  /** Set if it quotes a message, also one that the viewer may not see (`@parley/client/quotes`). */
  readonly quote?: MessageAnswer['quote'];
  /** Set if it was forwarded and not edited since (`@parley/client/forwards`). */
  readonly forward?: MessageAnswer['forward'];
  /** In the order of their first reactions; including unsent ones of this device. */
  readonly reactions: readonly ReactionInfo[];
  /** Whether it is pinned in its room. */
  readonly isPinned?: boolean;
  /** What the client of the author attached (`@parley/client/metadata`). Empty once deleted. */
  readonly metadata?: readonly MetadataAnswer[];
  /** Its question is `text`. Null once deleted. */
  readonly poll?: PollAnswer | null;
  /** RFC 3339; the time of this device until the server has stored it. */
  readonly sentAt: string;
  readonly editedAt: string | null;
  readonly deletedAt: string | null;
  /** From then on the server shows it as deleted; null or missing: never. */
  readonly expiresAt?: string | null;
  /** `stored`: in the timeline. The other values are those of the outbox. */
  readonly status: 'stored' | OutboxEntry['status'];
  /** Why it failed. */
  readonly error: OutboxEntry['error'];
}

/** Whether there are messages before and after those shown. */
export interface HistoryInfo {
  readonly hasOlder: boolean;
  /** Whether there are later messages than those shown, after `jump`. */
  readonly hasNewer: boolean;
  readonly loading: RoomView['loading'];
}

export type People = Readonly<Record<string, KnownPerson>>;

export function personOf(people: People, id: string): Person {
  return people[id] ?? { id, username: '', displayName: '', isDeleted: false };
}

const messageInfo = memoize(
  (
    message: Message,
    author: Person,
    isOwn: boolean,
    quoted: MessageInfo | null,
    reactions: readonly ReactionInfo[],
  ): MessageInfo => {
    const { authorId, replyToId: _replyToId, idempotencyKey, ...shown } = message;
    const key = `${authorId} ${idempotencyKey}`;
    return { ...shown, reactions, key, author, isOwn, replyTo: quoted, status: 'stored', error: null };
  },
);

const entryInfo = memoize((entry: OutboxEntry, author: Person, quoted: MessageInfo | null): MessageInfo => {
  const { key, text, createdAt, status, error } = entry;
  const nothing = { id: null, seq: null, version: 0, editedAt: null, deletedAt: null };
  const common = { text, author, isOwn: true, replyTo: quoted, reactions: [], sentAt: createdAt };
  return { ...nothing, ...common, status, error, key: `${author.id} ${key}` };
});

function infoOf(
  room: Room,
  people: People,
  viewerId: string,
  message: Message,
  entries: Model['reactions'] = {},
  isQuote = false,
): MessageInfo {
  const quoted = isQuote ? null : quoteIn(room, people, viewerId, message.replyToId);
  const isOwn = message.authorId === viewerId;
  return messageInfo(
    message,
    personOf(people, message.authorId),
    isOwn,
    quoted,
    reactionsOf(message, entries),
  );
}

function quoteIn(
  room: Room,
  people: People,
  viewerId: string,
  id: string | null | undefined,
): MessageInfo | null {
  const quoted = id ? room.messages[id] : undefined;
  return quoted ? infoOf(room, people, viewerId, quoted, {}, true) : null;
}

const memberInfo = memoize(
  ({ userId: _userId, ...member }: Member, user: Person): MemberInfo => ({ ...member, user }),
);

/** Older accounts have lower numbers in their ids. */
const byAccount = (a: string, b: string) => a.length - b.length || (a < b ? -1 : 1);

/** A user who is alone in a direct room sees their own name. */
function titleOf(members: Room['members'], people: People, viewerId: string): string {
  const ids = Object.keys(members).sort(byAccount);
  const others = ids.filter((id) => id !== viewerId);
  return (others[0] ? others : ids).map((id) => personOf(people, id).displayName).join(', ');
}

const roomInfo = memoize((room: Room, people: People, viewerId: string): RoomInfo => {
  const {
    members,
    messages: _messages,
    firstSeq: _first,
    appliedSeq: _applied,
    isPartial: _partial,
    ...facts
  } = room;
  const own = members[viewerId];
  const last = timeline(room).at(-1);
  return {
    ...facts,
    title: room.name ?? titleOf(members, people, viewerId),
    membership: own ? memberInfo(own, personOf(people, viewerId)) : null,
    lastMessage: last ? infoOf(room, people, viewerId, last) : null,
  };
});

const lastSign = ({ lastMessage, membership }: RoomInfo) => lastMessage?.sentAt ?? membership?.joinedAt ?? '';

/** Latest activity first. */
export function roomsOf(state: Model['state']): readonly RoomInfo[] {
  if (!state) return [];
  const rooms = Object.values(state.rooms).map((room) => roomInfo(room, state.people, state.viewerId));
  return rooms.sort((a, b) => (lastSign(a) < lastSign(b) ? 1 : -1));
}

export function roomOf(state: Model['state'], roomId: string): RoomInfo | null {
  const room = state?.rooms[roomId];
  return state && room ? roomInfo(room, state.people, state.viewerId) : null;
}

/** In the order in which they joined. */
export function membersOf(room: Room | undefined, people: People | undefined): readonly MemberInfo[] {
  const all = Object.values(room?.members ?? {}).map((each) =>
    memberInfo(each, personOf(people ?? {}, each.userId)),
  );
  return all.sort((a, b) => (a.joinedAt < b.joinedAt ? -1 : 1));
}

/** The shown messages of the timeline, oldest first; after the newest, those of the outbox. */
export function messagesOf(model: Model, roomId: string): readonly MessageInfo[] {
  const { state, outbox, reactions, views } = model;
  const room = state?.rooms[roomId];
  if (!state || !room) return [];
  const stored = shownOf(model, room).map((message) =>
    infoOf(room, state.people, state.viewerId, message, reactions),
  );
  if (views[roomId]?.span) return stored;
  const author = personOf(state.people, state.viewerId);
  const waiting = entriesOf(outbox, roomId)
    .filter(({ thread }) => !thread)
    .map((entry) => entryInfo(entry, author, quoteIn(room, state.people, state.viewerId, entry.replyToId)));
  return [...stored, ...waiting];
}

function shownOf(model: Model, room: Room): Message[] {
  const { from, to } = spanShown(model, room);
  return timeline({ ...room, firstSeq: from, lastMessageSeq: to });
}

export function historyOf(model: Model, roomId: string): HistoryInfo {
  const room = model.state?.rooms[roomId];
  const view = model.views[roomId];
  const hasOlder = room !== undefined && spanShown(model, room).from > 1;
  return { hasOlder, hasNewer: Boolean(view?.span), loading: view?.loading ?? null };
}
