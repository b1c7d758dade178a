import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { DeliveredEvent } from './ledger.ts';
import type { Person } from './people.ts';

const EVENT = `
  ... on RoomEvent { cursor roomSeq room { id } }
  ... on MessageCreated { message { id text idempotencyKey author { id } } }
  ... on StreamReady { cursor }
  ... on Heartbeat { cursor }
  ... on ResyncRequired { resyncReason }
  ... on StreamClosed { closeReason retryable retryAfterMs }`;

export const roomDocument = `subscription Room($id: ID!, $after: Cursor) { room(id: $id, after: $after) { __typename ${EVENT} } }`;
export const inboxDocument = `subscription Inbox($after: Cursor) { inbox(after: $after) {
  __typename ${EVENT} ... on AccountEvent { cursor } } }`;
const refreshDocument = `mutation Refresh($input: RefreshStreamAuthInput!) { refreshStreamAuth(input: $input) { __typename } }`;

const CONNECT_PATIENCE_MS = 10_000;
const FIRST_PAUSE_MS = 50;
const LAST_PAUSE_MS = 2_000;
// Close codes after which the same token is useless.
const EXPIRED = 4403;
const ENDED = 4401;

/** One subscription and its position. */
export interface WatchedStream {
  readonly name: string;
  readonly document: string;
  readonly variables: object;
  /** The position to resume from. */
  cursor: string;
  readonly receive: (roomId: string, event: DeliveredEvent, at: number) => void;
}

type Item = DeliveredEvent & {
  readonly cursor?: string;
  readonly room?: { readonly id: string };
  readonly resyncReason?: string;
  readonly closeReason?: string;
  readonly retryable?: boolean;
  readonly retryAfterMs?: number | null;
};

interface Frame {
  readonly type: string;
  readonly id?: string;
  readonly payload?: unknown;
}

/** One socket of a subscriber. It reconnects and resumes its streams until it is stopped. */
export class Watcher {
  /** How often the socket had to be opened again. */
  reconnects = 0;
  /** Problems that end a stream permanently, one line each. */
  readonly problems: string[] = [];
  private readonly url: string;
  private readonly person: Person;
  private readonly streams: readonly WatchedStream[];
  private readonly open = new Map<string, WatchedStream>();
  private readonly readyStreams = new Set<WatchedStream>();
  private readonly over = new Set<WatchedStream>();
  private socket: WebSocket | null = null;
  /** The token with which the socket was opened, or the latest one since. */
  private token = '';
  private isRefreshing = false;
  private lastId = 0;
  private pause = FIRST_PAUSE_MS;
  private isStopped = false;
  private onReady: () => void = () => undefined;

  constructor(url: string, person: Person, streams: readonly WatchedStream[]) {
    this.url = url.replace(/^http/, 'ws');
    this.person = person;
    this.streams = streams;
  }

  /** Resolves when all streams are live. @throws Error when one cannot be */
  async start(): Promise<void> {
    const ready = new Promise<void>((resolve) => {
      this.onReady = resolve;
    });
    void this.keepOpen();
    await ready;
    if (this.problems.length > 0) throw new Error(this.problems[0]);
  }

  /** Whether all its streams have caught up after a reconnect, except for those that ended permanently. */
  get isLive(): boolean {
    return this.readyStreams.size + this.over.size >= this.streams.length;
  }

  /** Cuts the connection. Returns false if it is not open. */
  cut(): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN || this.open.size === 0) return false;
    this.socket.terminate();
    return true;
  }

  stop(): void {
    this.isStopped = true;
    this.socket?.terminate();
  }

  // -- the socket -------------------------------------------------------------------------------

  private async keepOpen(): Promise<void> {
    for (;;) {
      const code = await this.connect().catch(() => 0);
      this.open.clear();
      this.readyStreams.clear();
      if (this.isStopped || this.over.size === this.streams.length) return;
      if (code === ENDED) return this.giveUp('the session has ended');
      await delay(this.pause);
      this.pause = Math.min(this.pause * 2, LAST_PAUSE_MS);
      this.reconnects++;
      if (code === EXPIRED) await this.person.refresh().catch(() => undefined);
    }
  }

  /** Runs a socket from opening to end; resolves with the close code. */
  private async connect(): Promise<number> {
    const token = await this.person.token();
    this.token = token;
    const socket = new WebSocket(this.url, 'graphql-transport-ws', { handshakeTimeout: CONNECT_PATIENCE_MS });
    this.socket = socket;
    return new Promise((resolve) => {
      socket.on('error', () => socket.terminate());
      socket.on('close', (code) => resolve(code));
      socket.on('open', () =>
        this.say(socket, { type: 'connection_init', payload: { Authorization: `Bearer ${token}` } }),
      );
      socket.on('message', (data: Buffer) => this.hear(socket, JSON.parse(data.toString()) as Frame));
      if (this.isStopped) socket.terminate();
    });
  }

  private say(socket: WebSocket, frame: Frame): void {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
  }

  private hear(socket: WebSocket, { type, id = '', payload }: Frame): void {
    // Messages that were under way when the connection was cut did not arrive.
    if (socket !== this.socket || socket.readyState !== WebSocket.OPEN) return;
    if (type === 'ping') this.say(socket, { type: 'pong' });
    else if (type === 'connection_ack') for (const stream of this.streams) this.subscribe(socket, stream);
    else if (type === 'next')
      this.next(socket, id, payload as { data?: Record<string, Item>; errors?: unknown });
    else if (type === 'error') this.again(socket, id, JSON.stringify(payload));
    else if (type === 'complete') this.again(socket, id, 'it ended without a word');
  }

  // -- its streams ------------------------------------------------------------------------------

  private subscribe(socket: WebSocket, stream: WatchedStream): void {
    if (this.over.has(stream)) return;
    const id = String(++this.lastId);
    this.open.set(id, stream);
    const payload = { query: stream.document, variables: { ...stream.variables, after: stream.cursor } };
    this.say(socket, { type: 'subscribe', id, payload });
  }

  private next(
    socket: WebSocket,
    id: string,
    { data, errors }: { data?: Record<string, Item>; errors?: unknown },
  ): void {
    const stream = this.open.get(id);
    if (!stream) return;
    const item = data && Object.values(data)[0];
    if (!item || errors) return this.again(socket, id, JSON.stringify(errors));
    this.take(socket, id, stream, item);
    if (item.cursor) stream.cursor = item.cursor;
  }

  private take(socket: WebSocket, id: string, stream: WatchedStream, item: Item): void {
    if (item.roomSeq !== undefined && item.room) stream.receive(item.room.id, item, performance.now());
    else if (item.__typename === 'StreamReady') this.ready(stream);
    else if (item.__typename === 'AuthExpiring') void this.refresh(socket);
    else if (item.__typename === 'ResyncRequired') this.fail(id, `resync required: ${item.resyncReason}`);
    else if (item.__typename === 'StreamClosed') this.closed(socket, id, stream, item);
  }

  private ready(stream: WatchedStream): void {
    this.pause = FIRST_PAUSE_MS;
    this.readyStreams.add(stream);
    if (this.readyStreams.size === this.streams.length) this.onReady();
  }

  private closed(
    socket: WebSocket,
    id: string,
    stream: WatchedStream,
    { closeReason, retryable, retryAfterMs }: Item,
  ): void {
    if (!retryable && closeReason !== 'AUTH_EXPIRED') return this.fail(id, `closed: ${closeReason}`);
    this.open.delete(id);
    void delay(retryAfterMs ?? FIRST_PAUSE_MS).then(() => {
      if (socket === this.socket) this.subscribe(socket, stream);
    });
  }

  /** The stream ended in a way that the API does not define: tries once more after a pause. */
  private again(socket: WebSocket, id: string, reason: string): void {
    const stream = this.open.get(id);
    if (!stream) return;
    if (!/UNAVAILABLE|RATE_LIMITED/.test(reason)) return this.fail(id, reason);
    this.open.delete(id);
    void delay(LAST_PAUSE_MS).then(() => {
      if (socket === this.socket) this.subscribe(socket, stream);
    });
  }

  private fail(id: string, reason: string): void {
    const stream = this.open.get(id);
    this.open.delete(id);
    if (!stream) return;
    this.over.add(stream);
    this.problems.push(`${stream.name}: ${reason}`);
    this.onReady();
  }

  private giveUp(reason: string): void {
    for (const stream of this.streams) this.over.add(stream);
    this.problems.push(`${this.url}: ${reason}`);
    this.onReady();
  }

  /** Gives the open socket a new token. Without one the node closes it, and it is opened again. */
  private async refresh(socket: WebSocket): Promise<void> {
    if (this.isRefreshing) return; // every stream of the socket reports it
    this.isRefreshing = true;
    try {
      if ((await this.person.token()) === this.token) await this.person.refresh();
      this.token = await this.person.token();
      const payload = { query: refreshDocument, variables: { input: { accessToken: this.token } } };
      this.say(socket, { type: 'subscribe', id: `refresh-${++this.lastId}`, payload });
    } catch {
      // Without a new token the node closes the socket.
    } finally {
      this.isRefreshing = false;
    }
  }
}
