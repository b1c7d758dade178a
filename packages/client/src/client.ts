import { type Commands, Engine, type EngineOptions } from './engine.ts';
import { ParleyError, toParleyError } from './errors.ts';
import {
  DirectoryDocument,
  EnterRoomDocument,
  FindPersonDocument,
  MakeRoomDocument,
  type RegisterInput,
  TalkToDocument,
  type TypedText,
} from './generated/documents.ts';
import { dataOf, successOf } from './http.ts';
import { newKey } from './keys.ts';
import { brokenModel, type ConnectionState, emptyModel, type Model, type OutboxEntry } from './model.ts';
import { Cell, derive, type Observable } from './observable.ts';
import { entriesOf } from './outbox.ts';
import type { Person } from './reducer.ts';
import { RoomHandle } from './room.ts';
import type { Rows } from './rows.ts';
import { memoryStorage, type Storage } from './storage.ts';
import type { StreamItem } from './stream.ts';
import { Tabs, type TabsOptions } from './tabs.ts';
import { type People, personOf, type RoomInfo, roomsOf } from './views.ts';

export interface ClientOptions {
  /** Of the GraphQL endpoint, `https://…/graphql`. */
  readonly url: string;
  /** Where everything is kept. Default: in memory. */
  readonly storage?: Storage;
  /** A WebSocket class, for Node.js 20: that of `ws`. */
  readonly webSocketImpl?: unknown;
  /** Default: the global one. */
  readonly fetch?: typeof fetch;
  /** `HEARTBEAT_SECONDS` of the server. Default: 20. */
  readonly heartbeatSeconds?: number;
  /** How long an answer over HTTP may take. Default: 15 seconds. */
  readonly requestTimeoutMs?: number;
  /** How long `connection_ack` may take. Default: 5 seconds. */
  readonly ackTimeoutMs?: number;
  /** How often the client asks whether the other end is there. Default: every 10 seconds. */
  readonly pingMs?: number;
  /** How long the other end may take to answer that. Default: 5 seconds. */
  readonly pongTimeoutMs?: number;
  /** Told of what nobody waits for: storage that fails. Default: `console.error`. */
  readonly onError?: (error: ParleyError) => void;
  /**
   * Told of each item of the stream, in their order, before it is applied: for sounds, notifications and statistics. Where
   * tabs share a connection, in the tab that has it.
   */
  readonly onItem?: (item: StreamItem) => void;
}

/** A document of the client preset of graphql-codegen, as a text. */
export interface TypedDocument<Data, Variables> {
  /** A parsed document is no text: `@parley/client/documents` runs those. */
  readonly kind?: never;
  toString(): string;
  readonly __apiType?: (variables: Variables) => Data;
}

/** A public room, as the directory lists it. */
export interface ListedRoom {
  readonly id: string;
  readonly name: string | null;
  readonly description: string | null;
  readonly memberCount: number;
  readonly isMember: boolean;
}

/** Where the commands are run. */
interface Host {
  readonly commands: Commands | Promise<Commands>;
  close(): Promise<void>;
}

function openAlone({ start, show, onError }: Omit<TabsOptions, 'name'>): Host {
  const engine = start(() => undefined).then((started) => {
    const showNow = () => show(started.store.getSnapshot());
    started.store.subscribe(showNow);
    showNow();
    return started;
  });
  // Each command fails with it, too.
  engine.catch((problem: unknown) => {
    const error = toParleyError(problem, 'STORAGE');
    show(brokenModel(error));
    onError(error);
  });
  return { commands: engine, close: async () => (await engine).close() };
}

/** A client of Parley. `createClient` makes one. */
export class Client {
  /** What the connection does. */
  readonly connection: Observable<ConnectionState>;
  /** The viewer's rooms, the latest activity first. */
  readonly rooms: Observable<readonly RoomInfo[]>;
  /** Who is signed in; null where nobody is. The name is empty before the first snapshot. */
  readonly viewer: Observable<Person | null>;
  /** The messages of all rooms that are not in a timeline yet, in the order in which they are sent. */
  readonly outbox: Observable<readonly OutboxEntry[]>;
  /** Where an application reads the model, whichever part of the client writes it. For other entries of this package. */
  readonly source = new Cell<Model>({ ...emptyModel, connection: { status: 'connecting' } });
  private readonly handles = new Map<string, RoomHandle>();
  /** For other entries of this package. */
  readonly options: EngineOptions;
  private readonly host: Host;
  private isClosed = false;

  constructor(options: ClientOptions) {
    this.connection = derive(
      this.source,
      ({ connection }) => [connection],
      (connection) => connection,
    );
    this.rooms = derive(this.source, ({ state }) => [state], roomsOf);
    this.viewer = derive(this.source, ({ session, state }) => [session?.userId, state?.people], personNamed);
    this.outbox = derive(
      this.source,
      ({ outbox }) => [outbox],
      (outbox) => entriesOf(outbox),
    );
    this.options = engineOptions(options);
    this.host = this.open(this.options);
  }

  /** One room, whether the viewer is a member or not. The same object for the same id. */
  room(id: string): RoomHandle {
    const held = this.handles.get(id) ?? new RoomHandle(id, this.source, this.commands);
    this.handles.set(id, held);
    return held;
  }

  /**
   * Makes an account and signs in.
   * @throws ParleyError the refusal, or `NETWORK`
   */
  async register(input: RegisterInput): Promise<void> {
    await (await this.commands()).register(input);
  }

  /**
   * Signs in. Data and outbox of another person are removed from this device.
   * @throws ParleyError the refusal, or `NETWORK`
   */
  async login(usernameOrEmail: string, password: string): Promise<void> {
    await (await this.commands()).login(usernameOrEmail, password);
  }

  /** Signs out, and removes everything from this device, also what was not sent yet. */
  async logout(): Promise<void> {
    await (await this.commands()).logout();
  }

  /** Sends a failed message again. Takes the `key` of the message, or the idempotency key that `send` returned. */
  async retry(key: string): Promise<void> {
    await (await this.commands()).retry(entryKey(key), newKey());
  }

  /** Removes a failed message. Takes the same keys as `retry`. */
  async discard(key: string): Promise<void> {
    await (await this.commands()).discard(entryKey(key));
  }

  /**
   * Makes a room; resolves with its id. It appears in `rooms` by itself. A `key` that is kept makes a repetition harmless.
   * @throws ParleyError the refusal, or `NETWORK`
   */
  async createRoom(
    room: { name: string; kind: 'PUBLIC' | 'PRIVATE'; description?: string },
    key: string = newKey(),
  ): Promise<string> {
    const input = { ...room, idempotencyKey: key };
    return successOf((await this.request(MakeRoomDocument, { input })).createRoom).room.id;
  }

  /**
   * Joins a public room. It appears in `rooms` by itself.
   * @throws ParleyError the refusal, or `NETWORK`
   */
  async joinRoom(roomId: string): Promise<void> {
    successOf((await this.request(EnterRoomDocument, { input: { roomId } })).joinRoom);
  }

  /**
   * The direct room with these people, 1 to 9; resolves with its id.
   * @throws ParleyError the refusal, or `NETWORK`
   */
  async openDirectRoom(userIds: readonly string[]): Promise<string> {
    const input = { userIds: [...userIds] };
    return successOf((await this.request(TalkToDocument, { input })).openDirectRoom).room.id;
  }

  /**
   * Public rooms whose name or description contains a text. `after` is the `next` of the page before.
   * @throws ParleyError
   */
  async directory(
    query = '',
    after: string | null = null,
  ): Promise<{ rooms: ListedRoom[]; next: string | null }> {
    const { nodes, pageInfo } = (await this.request(DirectoryDocument, { query, after })).rooms;
    const rooms = nodes.map(({ viewerMembership, ...room }) => ({
      ...room,
      isMember: viewerMembership !== null,
    }));
    return { rooms, next: pageInfo.hasNextPage ? pageInfo.endCursor : null };
  }

  /**
   * The person of that username; null where there is none.
   * @throws ParleyError
   */
  async findPerson(username: string): Promise<Person | null> {
    return (await this.request(FindPersonDocument, { username })).userByName;
  }

  /**
   * Runs a query or mutation of the application as the viewer, over HTTP: a text, or a typed document of the client preset
   * of graphql-codegen (`documentMode: 'string'`).
   * @throws ParleyError `NETWORK`, `SIGNED_OUT`, or the code of the request error
   */
  async request<Data, Variables>(
    document: TypedText<Data, Variables> | TypedDocument<Data, Variables>,
    variables: Variables,
  ): Promise<Data> {
    const text = document.toString() as TypedText<Data, Variables>;
    return dataOf(await (await this.commands()).request(text, variables));
  }

  /** Connects now instead of after a pause, for instance when the network has come back. */
  async reconnect(): Promise<void> {
    await (await this.commands()).reconnect();
  }

  /** Resolves when everything up to now is stored on this device. */
  async flush(): Promise<void> {
    await (await this.commands()).flush();
  }

  /** Ends the connection and everything that runs. What is stored stays. */
  async close(): Promise<void> {
    this.isClosed = true;
    await this.host.close();
  }

  /** For other entries of this package. */
  readonly commands = async (): Promise<Commands> => {
    if (this.isClosed) throw new ParleyError('CLOSED', 'Client closed.');
    return this.host.commands;
  };

  private open(options: EngineOptions): Host {
    const { storage, onError } = options;
    const show = (model: Model) => this.source.set(model);
    const start = (onCommit: (rows: Rows) => void) => Engine.start(options, onCommit);
    if (storage.sharedName === undefined) return openAlone({ start, show, onError });
    return new Tabs({ name: storage.sharedName, start, show, onError });
  }
}

/**
 * Makes a client, which loads what is stored and connects if somebody is signed in.
 *
 * @example
 * const client = createClient({ url: 'https://chat.example.org/graphql' });
 * await client.login('ada', 'correct horse battery staple');
 * client.rooms.subscribe(() => console.log(client.rooms.getSnapshot()));
 */
export function createClient(options: ClientOptions): Client {
  return new Client(options);
}

/** The key of the outbox in the key of a message, which has the author before it. */
const entryKey = (key: string): string => key.slice(key.indexOf(' ') + 1);

const personNamed = (userId: string | undefined, people: People | undefined): Person | null =>
  userId === undefined ? null : personOf(people ?? {}, userId);

function engineOptions(options: ClientOptions): EngineOptions {
  const { url, webSocketImpl, ackTimeoutMs = 5_000, pingMs = 10_000, pongTimeoutMs = 5_000 } = options;
  return {
    storage: options.storage ?? memoryStorage(),
    endpoint: {
      url,
      fetch: options.fetch ?? fetch.bind(globalThis),
      timeoutMs: options.requestTimeoutMs ?? 15_000,
    },
    socket: { url: url.replace(/^http/, 'ws'), webSocketImpl, ackTimeoutMs, pingMs, pongTimeoutMs },
    silenceMs: 2_000 * (options.heartbeatSeconds ?? 20),
    onError: options.onError ?? console.error,
    onItem: options.onItem ?? (() => undefined),
  };
}
