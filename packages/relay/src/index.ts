import type { Client, RoomInfo } from '@parley/client';
import { createDocuments } from '@parley/client/documents';
import {
  type Cache,
  type Feed,
  feed,
  messageRecord,
  operate,
  roomRecord,
  type StoredMessage,
} from '@parley/client/feed';
import {
  type Environment,
  type GraphQLResponse,
  Observable,
  type RecordProxy,
  type RecordSourceProxy,
  type RequestParameters,
  type Variables,
} from 'relay-runtime';

type Scalar = string | number | boolean | null | readonly string[];

type Arguments = Readonly<Record<string, unknown>>;
type Fields = Readonly<Record<string, unknown>>;

/** Returns what Relay needs to run operations over the client, and to follow the client's state in its store. */
export function createParley(client: Client, { lists = [] }: { readonly lists?: readonly Arguments[] } = {}) {
  const documents = createDocuments(client);
  let running: Feed | null = null;

  const run = ({ text, name }: RequestParameters, variables: Variables) =>
    Observable.create<GraphQLResponse>((sink) => {
      if (text === null) throw new Error(`${name} has no text: persisted queries are not supported.`);
      const next = (response: object) => sink.next(response as GraphQLResponse);
      const error = (problem: unknown) => sink.error(problem as Error);
      const complete = () => sink.complete();
      const refresh = (response: unknown) => running?.refresh(response);
      return operate(documents, { query: text, variables }, { next, error, complete }, refresh);
    });

  return {
    /** For `Network.create`: queries and mutations. */
    fetchQuery: run,
    /** For `Network.create`: subscriptions. */
    subscribe: run,
    /** Feeds the store of this environment. Returns a function that ends it. */
    start(environment: Environment) {
      const fed = feed(client, cacheOf(environment, lists));
      running = fed;
      return () => {
        fed.stop();
        if (running === fed) running = null;
      };
    },
  };
}

function cacheOf(environment: Environment, lists: readonly Arguments[]): Cache {
  return {
    write: (room: RoomInfo, changed: readonly StoredMessage[], timeline: readonly StoredMessage[]) =>
      environment.commitUpdate((store) => {
        const record = put(store, roomRecord(room));
        for (const message of changed) putMessage(store, message);
        for (const args of lists) extendList(store, record, args, timeline);
      }),
    remove: (roomId) => environment.commitUpdate((store) => store.delete(roomId)),
  };
}

/** Writes a record with an id, and its fields that are not records themselves. */
function put(store: RecordSourceProxy, fields: Fields, id: string = fields['id'] as string): RecordProxy {
  const record = store.get(id) ?? store.create(id, fields['__typename'] as string);
  for (const [name, value] of Object.entries(fields)) if (isScalar(value)) record.setValue(value, name);
  return record;
}

const isScalar = (value: unknown): value is Scalar =>
  typeof value !== 'object' ||
  value === null ||
  (Array.isArray(value) && value.every((item) => typeof item === 'string'));

function putMessage(store: RecordSourceProxy, message: StoredMessage): RecordProxy {
  const { reactions, poll, replyTo, ...fields } = messageRecord(message);
  const record = putAuthored(store, fields);
  const groups = reactions.map((group) => put(store, group, `${message.id}:reactions:${group.emoji}`));
  record.setLinkedRecords(groups, 'reactions');
  if (poll) record.setLinkedRecord(putPoll(store, message.id, poll), 'poll');
  else record.setValue(null, 'poll');
  if (replyTo) record.setLinkedRecord(putAuthored(store, replyTo), 'replyTo');
  else record.setValue(null, 'replyTo');
  return record;
}

function putPoll(
  store: RecordSourceProxy,
  messageId: string,
  { options, ...fields }: NonNullable<ReturnType<typeof messageRecord>['poll']>,
): RecordProxy {
  const records = options.map((option) => put(store, option));
  return put(store, fields, `${messageId}:poll`).setLinkedRecords(records, 'options');
}

function putAuthored(store: RecordSourceProxy, fields: Fields & { readonly author: Fields }): RecordProxy {
  return put(store, fields).setLinkedRecord(put(store, fields.author), 'author');
}

/**
 * Adds new messages to a list. If messages are missing in between, the list begins anew with the newest ones. If these are
 * fewer than the list asks for, it is marked to be read again.
 */
function extendList(
  store: RecordSourceProxy,
  room: RecordProxy,
  args: Arguments,
  timeline: readonly StoredMessage[],
): void {
  const list = room.getLinkedRecord('messages', args);
  const nodes = list?.getLinkedRecords('nodes')?.filter((node) => node != null);
  if (!list || !nodes) return;
  const last = Math.max(0, ...nodes.map((node) => Number(node.getValue('seq') ?? 0)));
  const added = timeline.filter(({ seq }) => seq > last);
  if (!added[0]) return;
  const isGap = added[0].seq > last + 1;
  const asked = Number(args['last'] ?? added.length);
  if (isGap && added.length < asked) list.invalidateRecord();
  const shown = isGap ? added.slice(-asked) : added;
  // The store may have dropped a record that no list had.
  const records = shown.map((message) => store.get(message.id) ?? putMessage(store, message));
  list.setLinkedRecords([...(isGap ? [] : nodes), ...records], 'nodes');
}
