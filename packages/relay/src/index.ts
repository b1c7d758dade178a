import type { Client, RoomInfo } from '@parley/client';
import {
  type Cache,
  execute,
  type Feed,
  feed,
  messageRecord,
  roomRecord,
  type StoredMessage,
} from '@parley/client/feed';

type Scalar = string | number | boolean | null | readonly string[];

/** The part of relay-runtime that this package needs. */
interface RecordProxy {
  getDataID(): string;
  getValue(name: string): unknown;
  setValue(value: unknown, name: string): RecordProxy;
  getLinkedRecord(name: string, args?: Arguments): RecordProxy | null | undefined;
  getLinkedRecords(name: string, args?: Arguments): (RecordProxy | null | undefined)[] | null | undefined;
  setLinkedRecord(record: RecordProxy, name: string, args?: Arguments): RecordProxy;
  setLinkedRecords(records: RecordProxy[], name: string, args?: Arguments): RecordProxy;
  invalidateRecord(): void;
}

interface RecordStore {
  get(id: string): RecordProxy | null | undefined;
  create(id: string, typeName: string): RecordProxy;
  delete(id: string): void;
}

interface Environment {
  commitUpdate(updater: (store: RecordStore) => void): void;
}

type Arguments = Readonly<Record<string, unknown>>;
type Fields = Readonly<Record<string, unknown>>;

interface Parameters {
  readonly text: string | null;
  readonly name: string;
}

/** Returns what Relay needs to run operations through the client, and to follow the client's state in its store. */
export function createParley(client: Client, { lists = [] }: { readonly lists?: readonly Arguments[] } = {}) {
  let running: Feed | null = null;

  /** For `Network.create`. */
  const fetchQuery = async ({ text, name }: Parameters, variables: object) => {
    if (text === null) throw new Error(`${name} has no text: persisted queries are not supported.`);
    const response = await execute(client, text, variables);
    // After the store has taken the response.
    setTimeout(() => running?.refresh(response.data));
    return response;
  };

  return {
    fetchQuery,
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
function put(store: RecordStore, fields: Fields, id: string = fields['id'] as string): RecordProxy {
  const record = store.get(id) ?? store.create(id, fields['__typename'] as string);
  for (const [name, value] of Object.entries(fields)) if (isScalar(value)) record.setValue(value, name);
  return record;
}

const isScalar = (value: unknown): value is Scalar =>
  typeof value !== 'object' ||
  value === null ||
  (Array.isArray(value) && value.every((item) => typeof item === 'string'));

function putMessage(store: RecordStore, message: StoredMessage): void {
  const { reactions, replyTo, ...fields } = messageRecord(message);
  const record = putAuthored(store, fields);
  const groups = reactions.map((group) => put(store, group, `${message.id}:reactions:${group.emoji}`));
  record.setLinkedRecords(groups, 'reactions');
  if (replyTo) record.setLinkedRecord(putAuthored(store, replyTo), 'replyTo');
  else record.setValue(null, 'replyTo');
}

function putAuthored(store: RecordStore, fields: Fields & { readonly author: Fields }): RecordProxy {
  return put(store, fields).setLinkedRecord(put(store, fields.author), 'author');
}

/** Adds new messages to a list. If messages are missing in between, the list is marked to be read again. */
function extendList(
  store: RecordStore,
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
  if (added[0].seq > last + 1) return list.invalidateRecord();
  const records = added.flatMap(({ id }) => store.get(id) ?? []);
  list.setLinkedRecords([...nodes, ...records], 'nodes');
}
