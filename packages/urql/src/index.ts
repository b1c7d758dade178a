import type { Client, RoomInfo } from '@parley/client';
import { createDocuments } from '@parley/client/documents';
import {
  type Cache,
  type Feed,
  feed,
  MESSAGE_FIELDS,
  messageRecord,
  operate,
  ROOM_FIELDS,
  roomRecord,
  type Sink,
  type StoredMessage,
} from '@parley/client/feed';
import type { ExecutionResult, SubscriptionForwarder, Client as Urql } from '@urql/core';
import type { Cache as GraphCache, KeyingConfig, UpdatesConfig } from '@urql/exchange-graphcache';

/** Feeds the cache: the results of this subscription come from this device. */
const FEED = `subscription ParleyFeed {
  inbox {
    ... on MessageCreated { room { ${ROOM_FIELDS} } message { ${MESSAGE_FIELDS} } }
    ... on RoomUpdated { room { ${ROOM_FIELDS} } }
    ... on RoomAccessLost { roomId }
  }
}`;

interface FeedResult {
  readonly inbox: {
    readonly room?: { readonly id: string };
    readonly message?: { readonly id: string; readonly seq: number };
    readonly roomId?: string;
  };
}

/** Arguments of `Room.messages` whose list does not end at the newest message. */
const ELSEWHERE = ['before', 'after', 'around', 'first'];
/** Types without an id. */
const UNKEYED = ['RoomMessagesConnection', 'RoomMembersConnection', 'ReactionGroup', 'PageInfo'];

interface Request {
  readonly query?: string;
  readonly variables?: object;
}

/** Returns what urql needs to run operations through the client, and to follow the client's state in Graphcache. */
export function createParley(client: Client) {
  const documents = createDocuments(client);
  let running: Feed | null = null;

  const feedTo = (sink: Sink) => {
    const fed = feed(client, cacheOf(sink));
    running = fed;
    return () => {
      fed.stop();
      if (running === fed) running = null;
    };
  };
  const refresh = (response: unknown) => running?.refresh(response);
  const run = ({ query = '', variables = {} }: Request, sink: Sink) =>
    query.includes('subscription ParleyFeed')
      ? feedTo(sink)
      : operate(documents, { query, variables }, sink, refresh);

  /** For `subscriptionExchange({ forwardSubscription, enableAllOperations: true })`. */
  const forwardSubscription: SubscriptionForwarder = (request) => ({
    subscribe: ({ next, error, complete }) => ({
      unsubscribe: run(request as Request, {
        next: (response) => next(response as ExecutionResult),
        error,
        complete,
      }),
    }),
  });
  const keys: KeyingConfig = Object.fromEntries(UNKEYED.map((name) => [name, () => null]));
  const updates: UpdatesConfig = {
    Subscription: {
      inbox: (result, _, cache) => apply(result as unknown as FeedResult, cache),
    },
  };

  return {
    forwardSubscription,
    /** For `cacheExchange`: types without an id. */
    keys,
    /** For `cacheExchange`. */
    updates,
    /** Feeds the cache of this urql client. Returns a function that ends it. */
    start: (urql: Pick<Urql, 'subscription'>) => {
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
