import { type ApolloCache, ApolloLink, Observable, type Reference } from '@apollo/client';
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
  type StoredMessage,
} from '@parley/client/feed';
import { parse } from 'graphql';

const ROOM = parse(`fragment ParleyRoom on Room { ${ROOM_FIELDS} }`);
const MESSAGE = parse(`fragment ParleyMessage on Message { ${MESSAGE_FIELDS} }`);
/** Arguments of `Room.messages` whose list does not end at the newest message. */
const ELSEWHERE = /"(before|after|around|first)"/;

/** Runs operations over the connection of the client, and writes the client's state into the cache. */
export class ParleyLink extends ApolloLink {
  private readonly feed: Feed;

  /** `stop` ends the writes into the cache. */
  constructor(client: Client, cache: ApolloCache) {
    const fed = feed(client, cacheOf(cache));
    const documents = createDocuments(client);
    super(
      (operation) =>
        new Observable((observer) => {
          const next = (response: object) => observer.next(response as ApolloLink.Result);
          const error = (problem: unknown) => observer.error(problem);
          const complete = () => observer.complete();
          return operate(documents, operation, { next, error, complete }, fed.refresh);
        }),
    );
    this.feed = fed;
  }

  stop(): void {
    this.feed.stop();
  }
}

function cacheOf(cache: ApolloCache): Cache {
  return {
    write: (room, changed, timeline) =>
      cache.batch({
        update: () => {
          writeRoom(cache, room);
          for (const message of changed) writeMessage(cache, message);
          extendLists(cache, room.id, timeline);
        },
      }),
    remove(roomId) {
      cache.evict({ id: idOf(cache, 'Room', roomId) });
      cache.gc();
    },
  };
}

const idOf = (cache: ApolloCache, __typename: string, id: string) =>
  cache.identify({ __typename, id }) as string;

function writeRoom(cache: ApolloCache, room: RoomInfo): void {
  cache.writeFragment({ id: idOf(cache, 'Room', room.id), fragment: ROOM, data: roomRecord(room) });
}

function writeMessage(cache: ApolloCache, message: StoredMessage): void {
  cache.writeFragment({
    id: idOf(cache, 'Message', message.id),
    fragment: MESSAGE,
    data: messageRecord(message),
  });
}

interface List {
  readonly nodes?: readonly Reference[];
}

/**
 * Adds new messages to the lists that end at the newest message. If messages are missing in between, the list is read
 * again.
 */
function extendLists(cache: ApolloCache, roomId: string, timeline: readonly StoredMessage[]): void {
  cache.modify<{ messages: List }>({
    id: idOf(cache, 'Room', roomId),
    fields: {
      messages(list, { readField, toReference, storeFieldName, DELETE }) {
        const { nodes } = list as List;
        if (!nodes || ELSEWHERE.test(storeFieldName)) return list;
        const last = Math.max(0, ...nodes.map((node) => readField<number>('seq', node) ?? 0));
        const added = timeline.filter(({ seq }) => seq > last);
        if (!added[0]) return list;
        if (added[0].seq > last + 1) return DELETE;
        const references = added.map(({ id }) => toReference({ __typename: 'Message', id }) as Reference);
        return { ...list, nodes: [...nodes, ...references] };
      },
    },
  });
}
