import type { Client } from './client.ts';
import type { Documents } from './document-client.ts';
import { prepare, type Source } from './document-text.ts';
import type { GraphQLResponse } from './http.ts';
import type { MetadataAnswer } from './reducer.ts';
import type { MessageInfo, RoomInfo } from './views.ts';

/** A message that the server has stored. */
export type StoredMessage = MessageInfo & { readonly id: string; readonly seq: number };

/** The normalised cache of another GraphQL client. */
export interface Cache {
  /**
   * Writes a room and its changed messages, oldest first. `timeline` contains all known messages, without a gap up to
   * the newest: new ones are added to the lists of the room.
   */
  write(room: RoomInfo, changed: readonly StoredMessage[], timeline: readonly StoredMessage[]): void;
  /** Removes a room that the viewer can no longer read. */
  remove(roomId: string): void;
}

export interface Feed {
  /**
   * Call it after the cache has taken a response, which may be older than the last write, and may contain new lists.
   */
  readonly refresh: (response: unknown) => void;
  readonly stop: () => void;
}

interface Written {
  readonly room: RoomInfo;
  readonly messages: ReadonlySet<MessageInfo>;
}

/**
 * Writes the state of the client, which follows the inbox, into a cache. It writes whole objects and never adds
 * differences, so the cache cannot miss or repeat a change, whatever happens to the connection or the page.
 */
export function feed(client: Client, cache: Cache): Feed {
  const written = new Map<string, Written>();
  const sync = () => {
    const rooms = client.rooms.getSnapshot();
    for (const room of rooms) if (written.get(room.id)?.room !== room) write(client, cache, written, room);
    const present = new Set(rooms.map(({ id }) => id));
    for (const id of written.keys()) {
      if (present.has(id)) continue;
      written.delete(id);
      cache.remove(id);
    }
  };
  const refresh = (response: unknown) => {
    const ids = idsIn(response);
    for (const [id, { messages }] of written)
      if (ids.has(id) || [...messages].some((message) => ids.has(message.id ?? ''))) written.delete(id);
    sync();
  };
  const stop = client.rooms.subscribe(sync);
  sync();
  return { refresh, stop };
}

function write(client: Client, cache: Cache, written: Map<string, Written>, room: RoomInfo): void {
  const timeline = client.room(room.id).messages.getSnapshot().filter(isStored);
  const before = written.get(room.id)?.messages;
  written.set(room.id, { room, messages: new Set(timeline) });
  const changed = timeline.filter((message) => !before?.has(message));
  cache.write(room, changed, timeline);
}

const isStored = (message: MessageInfo): message is StoredMessage => message.status === 'stored';

/** Returns all texts that may be global ids. */
function idsIn(value: unknown, found: Set<string> = new Set()): Set<string> {
  if (typeof value !== 'object' || value === null) return found;
  for (const [name, inner] of Object.entries(value)) {
    if (name === 'id' && typeof inner === 'string') found.add(inner);
    else idsIn(inner, found);
  }
  return found;
}

/** A room in the form of the API. */
export function roomRecord(room: RoomInfo) {
  const { membership: _membership, lastMessage: _lastMessage, ...facts } = room;
  return { __typename: 'Room' as const, ...facts };
}

/** A message in the form of the API, with the fields that the client knows. */
export function messageRecord(message: StoredMessage) {
  return {
    ...plainRecord(message),
    isPinned: message.isPinned ?? false,
    metadata: (message.metadata ?? []).map(metadataRecord),
    poll: pollRecord(message),
    reactions: message.reactions.map(reactionRecord),
    replyTo: quoteOf(message),
    quote: message.quote ?? null,
    forward: message.forward ? { __typename: 'Forward' as const, ...message.forward } : null,
  };
}

const quoteOf = ({ replyTo }: StoredMessage) => (replyTo ? plainRecord(replyTo) : null);

const reactionRecord = ({ emoji, count, viewerHasReacted }: MessageInfo['reactions'][number]) => ({
  __typename: 'ReactionGroup' as const,
  emoji,
  count,
  viewerHasReacted,
});

const metadataRecord = ({ key, value }: MetadataAnswer) => ({
  __typename: 'MetadataEntry' as const,
  key,
  value: { __typename: 'MetadataValue' as const, ...value },
});

function pollRecord({ poll }: StoredMessage) {
  if (!poll) return null;
  const options = poll.options.map((option) => ({ __typename: 'PollOption' as const, ...option }));
  return { __typename: 'Poll' as const, ...poll, options };
}

function plainRecord(message: Omit<MessageInfo, 'replyTo'>) {
  const { id, seq, version, text, sentAt, editedAt, deletedAt, expiresAt = null } = message;
  const { username, displayName, isDeleted } = message.author;
  const author = { __typename: 'User' as const, id: message.author.id, username, displayName, isDeleted };
  const times = { sentAt, editedAt, deletedAt, expiresAt };
  return { __typename: 'Message' as const, id, seq, version, text, ...times, author };
}

/** The fields of the two records, for caches that are written with fragments. */
export const ROOM_FIELDS =
  'id kind name description isArchived messageLifetimeSeconds memberCount lastRoomSeq lastMessageSeq viewerPermissions viewerCanSend viewerCannotSendReasons';
const PLAIN_FIELDS =
  'id seq version text sentAt editedAt deletedAt expiresAt author { id username displayName isDeleted }';
const POLL_FIELDS =
  'options { id text count } maxChoices isAnonymous resultsVisibility closesAt closedAt voterCount viewerVotes';
export const MESSAGE_FIELDS = `${PLAIN_FIELDS} isPinned metadata { key value { text number isTrue } } poll { ${POLL_FIELDS} } reactions { emoji count viewerHasReacted } replyTo { ${PLAIN_FIELDS} } quote { __typename } forward { sentAt }`;

/** Where the responses of an operation go: an observer of another GraphQL client. */
export interface Sink {
  next(response: GraphQLResponse<unknown>): void;
  error(error: unknown): void;
  complete(): void;
}

export interface Operation {
  readonly query: Source;
  readonly variables: object;
}

/**
 * Runs an operation of another GraphQL client as the viewer, over the connection of the client: queries, mutations, and
 * subscriptions to `inbox` and `room`. Returns what ends it. `refresh` is called behind each response, when the cache has taken
 * it.
 */
export function operate(
  documents: Documents,
  { query, variables }: Operation,
  sink: Sink,
  refresh: (response: unknown) => void,
): () => void {
  const take = (response: GraphQLResponse<unknown>) => {
    sink.next(response);
    setTimeout(() => refresh(response.data));
  };
  try {
    if (prepare(query).kind !== 'subscription') return answer(documents, { query, variables }, take, sink);
    return documents.subscribe<unknown, object>(query, variables, {
      next: (data, { errors }) => take(errors.length > 0 ? { data, errors } : { data }),
      error: (error) => sink.error(error),
    });
  } catch (error) {
    sink.error(error);
    return () => undefined;
  }
}

/** A query or mutation: one response, unless the operation was ended before it. */
function answer(
  documents: Documents,
  { query, variables }: Operation,
  take: (response: GraphQLResponse<unknown>) => void,
  sink: Sink,
): () => void {
  let isOver = false;
  documents.respond<unknown, object>(query, variables).then(
    (response) => {
      if (isOver) return;
      take(response);
      sink.complete();
    },
    (error: unknown) => isOver || sink.error(error),
  );
  return () => {
    isOver = true;
  };
}
