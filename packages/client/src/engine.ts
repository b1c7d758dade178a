import type { ParleyError } from './errors.ts';
import {
  MemberListDocument,
  type MessageAnchor,
  type NewTokensFragment,
  type RegisterInput,
  type TypedText,
} from './generated/documents.ts';
import { History } from './history.ts';
import type { Endpoint, GraphQLResponse } from './http.ts';
import { Inbox } from './inbox.ts';
import { addEntry, type NewEntry, removeEntry, retryEntry } from './outbox.ts';
import { addReaction, type NewReaction } from './reactions.ts';
import { addMembers } from './reducer.ts';
import type { Rows } from './rows.ts';
import { Sender } from './sender.ts';
import { Sessions } from './sessions.ts';
import type { Socket, SocketOptions } from './socket.ts';
import type { Storage } from './storage.ts';
import { Store } from './store.ts';
import type { StreamOptions } from './stream.ts';

export interface EngineOptions {
  readonly storage: Storage;
  readonly endpoint: Endpoint;
  readonly socket: SocketOptions;
  readonly silenceMs: number;
  readonly onItem: StreamOptions['onItem'];
  /** What `operate` runs: set by other entries of this package. */
  extend?: (engine: Engine) => Extension;
  readonly onError: (error: ParleyError) => void;
}

/** What runs other operations over the connection. */
export interface Extension {
  run(call: unknown): Promise<unknown>;
  /** Told the connection while it is live, otherwise null. */
  connect(socket: Socket | null): void;
  close(): void;
}

/** What a client can be told to do. Arguments and results can be sent to another tab. */
export interface Commands {
  register(input: RegisterInput): Promise<void>;
  login(usernameOrEmail: string, password: string): Promise<void>;
  logout(): Promise<void>;
  begin(userId: string, tokens: NewTokensFragment): Promise<void>;
  renew(): Promise<void>;
  send(entry: NewEntry): Promise<void>;
  retry(key: string, newKey: string): Promise<void>;
  discard(key: string): Promise<void>;
  react(entry: NewReaction): Promise<void>;
  loadOlder(roomId: string, count: number): Promise<void>;
  loadNewer(roomId: string, count: number): Promise<void>;
  jump(roomId: string, anchor: MessageAnchor, count: number): Promise<void>;
  showLatest(roomId: string): Promise<void>;
  loadMembers(roomId: string): Promise<void>;
  request<Data, Variables>(
    document: TypedText<Data, Variables>,
    variables: Variables,
  ): Promise<GraphQLResponse<Data>>;
  operate(call: unknown): Promise<unknown>;
  reconnect(): Promise<void>;
  flush(): Promise<void>;
}

/** The working parts of a client. There is one for each storage: in the one tab that has the connection. */
export class Engine implements Commands {
  readonly store: Store;
  readonly sessions: Sessions;
  private readonly options: EngineOptions;
  private extension: Extension | undefined;
  private readonly history: History;
  private readonly sender: Sender;
  private readonly inbox: Inbox;
  /** The connection while it is live. */
  socket: Socket | null = null;

  /** Ends the pauses between attempts: the network has come back. */
  private readonly goOn = (): void => {
    this.inbox.reconnect();
    this.sender.wake();
  };

  private constructor(options: EngineOptions, store: Store) {
    this.store = store;
    this.options = options;
    this.sessions = new Sessions({ store, endpoint: options.endpoint });
    const parts = { store, sessions: this.sessions };
    this.history = new History(parts);
    this.sender = new Sender({ ...parts, onError: options.onError });
    this.inbox = new Inbox({
      ...options,
      ...parts,
      onLive: (socket) => this.connect(socket),
      onConnected: () => this.sender.wake(),
    });
    this.sender.wake();
    // Until the client is closed: a controller has the `signal` that the options name.
    globalThis.addEventListener?.('online', this.goOn, this.sessions.closing);
  }

  /**
   * Loads what is stored, and connects.
   * @throws ParleyError `STORAGE`
   */
  static async start(options: EngineOptions, onCommit: (rows: Rows) => void): Promise<Engine> {
    const store = new Store({ storage: options.storage, onCommit, onError: options.onError });
    await store.load();
    return new Engine(options, store);
  }

  register(input: RegisterInput): Promise<void> {
    return this.sessions.register(input);
  }

  login(usernameOrEmail: string, password: string): Promise<void> {
    return this.sessions.login(usernameOrEmail, password);
  }

  logout(): Promise<void> {
    return this.sessions.logout();
  }

  begin(userId: string, tokens: NewTokensFragment): Promise<void> {
    return this.sessions.begin(userId, tokens);
  }

  renew(): Promise<void> {
    return this.sessions.renewNow();
  }

  async send(entry: NewEntry): Promise<void> {
    this.store.update((model) => addEntry(model, entry));
    this.sender.wake();
    await this.store.flush();
  }

  async react(entry: NewReaction): Promise<void> {
    this.store.update((model) => addReaction(model, entry));
    this.sender.wake();
    await this.store.flush();
  }

  async retry(key: string, newKey: string): Promise<void> {
    this.store.update((model) => retryEntry(model, key, newKey));
    this.sender.wake();
    await this.store.flush();
  }

  async discard(key: string): Promise<void> {
    this.store.update((model) => (model.outbox[key]?.status === 'failed' ? removeEntry(model, key) : model));
    await this.store.flush();
  }

  loadOlder(roomId: string, count: number): Promise<void> {
    return this.history.loadOlder(roomId, count);
  }

  loadNewer(roomId: string, count: number): Promise<void> {
    return this.history.loadNewer(roomId, count);
  }

  jump(roomId: string, anchor: MessageAnchor, count: number): Promise<void> {
    return this.history.jump(roomId, anchor, count);
  }

  async showLatest(roomId: string): Promise<void> {
    this.history.showLatest(roomId);
  }

  async loadMembers(roomId: string): Promise<void> {
    let after: string | null = null;
    do after = await this.loadMemberPage(roomId, after);
    while (after !== null);
  }

  request<Data, Variables>(
    document: TypedText<Data, Variables>,
    variables: Variables,
  ): Promise<GraphQLResponse<Data>> {
    return this.sessions.respond(document, variables);
  }

  async operate(call: unknown): Promise<unknown> {
    this.extension ??= this.options.extend?.(this);
    return this.extension?.run(call);
  }

  async reconnect(): Promise<void> {
    this.goOn();
  }

  flush(): Promise<void> {
    return this.store.flush();
  }

  async close(): Promise<void> {
    this.sessions.close();
    await Promise.all([this.inbox.close(), this.sender.close()]);
    this.extension?.close();
    await this.store.flush();
    await this.options.storage.close?.();
  }

  private connect(socket: Socket | null): void {
    this.socket = socket;
    this.extension?.connect(socket);
  }

  /** Adds a page; returns where the next one begins. A page that is older than what was applied is read again. */
  private async loadMemberPage(id: string, after: string | null): Promise<string | null> {
    const { room } = await this.sessions.authorized(MemberListDocument, { id, after });
    if (!room?.members) return null;
    const { members, lastRoomSeq } = room;
    const { state } = this.store.getSnapshot();
    const next = state && addMembers(state, id, members.nodes, lastRoomSeq ?? 0);
    if (state && !next) return this.loadMemberPage(id, after);
    this.store.update((model) => ({ ...model, state: next }));
    return members.pageInfo.hasNextPage ? members.pageInfo.endCursor : null;
  }
}
