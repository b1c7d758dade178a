import type { Client, RoomInfo } from '@parley/client';
import {
  type Cache,
  execute,
  type Feed,
  feed,
  MESSAGE_FIELDS,
  messageRecord,
  ROOM_FIELDS,
  roomRecord,
  type StoredMessage,
} from '@parley/client/feed';

/** Feeds the cache: the results of this subscription come from this device. */
const FEED = `subscription ParleyFeed {
  inbox {
    ... on MessageCreated { room { ${ROOM_FIELDS} } message { ${MESSAGE_FIELDS} } }
    ... on RoomUpdated { room { ${ROOM_FIELDS} } }
    ... on RoomAccessLost { roomId }
  }
}`;

interface Sink {
  next(result: { readonly data?: unknown; readonly errors?: readonly { readonly message: string }[] }): void;
  error(error: unknown): void;
  complete(): void;
}

interface Request {
  readonly query?: string;
  readonly variables?: object;
}

/** The part of Graphcache that this package needs. */
interface GraphCache {
  inspectFields(entity: Entity): readonly FieldInfo[];
  resolve(entity: Entity | string | undefined, field: string): unknown;
  link(entity: string, field: string, link: readonly string[]): void;
  invalidate(entity: Entity, field?: string): void;
  keyOfEntity(entity: Entity): string | null;
}

type Entity = { readonly __typename: string; readonly id: string };

interface FieldInfo {
  readonly fieldName: string;
  readonly fieldKey: string;
  readonly arguments: Readonly<Record<string, unknown>> | null;
}

interface FeedResult {
  readonly inbox: {
    readonly room?: { readonly id: string };
    readonly message?: { readonly id: string; readonly seq: number };
    readonly roomId?: string;
  };
}

/** The part of urql's client that this package needs. */
interface Urql {
  subscription(
    query: string,
    variables: object,
  ): { subscribe(listener: () => void): { unsubscribe(): void } };
}

/** Arguments of `Room.messages` whose list does not end at the newest message. */
const ELSEWHERE = ['before', 'after', 'around', 'first'];

/** Returns what urql needs to run operations through the client, and to follow the client's state in Graphcache. */
export function createParley(client: Client) {
  let running: Feed | null = null;

  /** For `subscriptionExchange({ forwardSubscription, enableAllOperations: true })`. */
  const forwardSubscription = ({ query = '', variables = {} }: Request) => ({
    subscribe(sink: Sink) {
      if (query.includes('subscription ParleyFeed')) {
        const fed = feed(client, cacheOf(sink));
        running = fed;
        return {
          unsubscribe() {
            fed.stop();
            if (running === fed) running = null;
          },
        };
      }
      execute(client, query, variables)
        .then((response) => {
          sink.next(response);
          sink.complete();
          // After the cache has taken the response.
          setTimeout(() => running?.refresh(response.data));
        })
        .catch((error: unknown) => sink.error(error));
      return { unsubscribe: () => undefined };
    },
  });

  return {
    forwardSubscription,
    /** For `cacheExchange`: types without an id. */
    keys: Object.fromEntries(
      ['RoomMessagesConnection', 'RoomMembersConnection', 'ReactionGroup', 'PageInfo'].map((name) => [
        name,
        () => null,
      ]),
    ),
    /** For `cacheExchange`. */
    updates: {
      Subscription: {
        inbox: (result: unknown, _: unknown, cache: GraphCache) => apply(result as FeedResult, cache),
      },
    },
    /** Feeds the cache of this urql client. Returns a function that ends it. */
    start: (urql: Urql) => {
      const subscription = urql.subscription(FEED, {}).subscribe(() => undefined);
      return () => subscription.unsubscribe();
    },
  };
}

function cacheOf(sink: Sink): Cache {
  const tell = (inbox: object) => sink.next({ data: { inbox } });
  return {
    write(room: RoomInfo, changed: readonly StoredMessage[]) {
      tell({ __typename: 'RoomUpdated', room: roomRecord(room) });
      for (const message of changed)
        tell({ __typename: 'MessageCreated', room: roomRecord(room), message: messageRecord(message) });
    },
    remove: (roomId) => tell({ __typename: 'RoomAccessLost', roomId }),
  };
}

function apply({ inbox: { room, message, roomId } }: FeedResult, cache: GraphCache): void {
  if (roomId !== undefined) cache.invalidate({ __typename: 'Room', id: roomId });
  if (room && message) extendLists(cache, room.id, message);
}

/**
 * Adds a message to the lists that end at the newest message. If messages are missing in between, the list is read
 * again.
 */
function extendLists(
  cache: GraphCache,
  roomId: string,
  { id, seq }: { readonly id: string; readonly seq: number },
): void {
  const room = { __typename: 'Room', id: roomId };
  const key = cache.keyOfEntity({ __typename: 'Message', id });
  for (const { fieldName, fieldKey, arguments: args } of cache.inspectFields(room)) {
    if (fieldName !== 'messages' || ELSEWHERE.some((name) => args?.[name] != null)) continue;
    const list = cache.resolve(room, fieldKey) as string | undefined;
    const nodes = cache.resolve(list, 'nodes') as readonly string[] | undefined;
    if (!list || !nodes || key === null || nodes.includes(key)) continue;
    const last = Math.max(0, ...nodes.map((node) => (cache.resolve(node, 'seq') as number | null) ?? 0));
    if (seq > last + 1) cache.invalidate(room, fieldKey);
    else if (seq > last) cache.link(list, 'nodes', [...nodes, key]);
  }
}
