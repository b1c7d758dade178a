import WebSocket from 'ws';

const PATIENCE_MS = 60_000;

/** A message of a server over graphql-transport-ws. */
export interface Message {
  readonly type: string;
  readonly id?: string;
  readonly payload?: any;
}

/** An item of a stream, as it was selected. */
export interface StreamItem {
  readonly __typename: string;
  readonly [field: string]: unknown;
}

export interface SocketOptions {
  readonly protocol?: string;
  readonly headers?: Record<string, string>;
}

/** An upgrade that was answered with something else. */
class RefusedUpgrade extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`the upgrade was refused with ${status}`);
    this.status = status;
  }
}

/** What arrives, to be taken in order. Taking waits; it never sleeps. */
class Inbox<Item> {
  private readonly items: Item[] = [];
  private read = 0;
  private isOver = false;
  private wakeUp: (() => void) | null = null;

  push(item: Item): void {
    this.items.push(item);
    this.wake();
  }

  end(): void {
    this.isOver = true;
    this.wake();
  }

  /** The next that fits; others are passed over. */
  async take(fits: (item: Item) => boolean = () => true): Promise<Item> {
    for (;;) {
      while (this.read < this.items.length) {
        const item = this.items[this.read++] as Item;
        if (fits(item)) return item;
      }
      if (this.isOver) throw new Error(`it ended; received ${this.summary()}`);
      await this.arrival();
    }
  }

  async over(): Promise<void> {
    while (!this.isOver) await this.arrival();
  }

  get all(): readonly Item[] {
    return this.items;
  }

  private wake(): void {
    this.wakeUp?.();
    this.wakeUp = null;
  }

  private arrival(): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`waited in vain; received ${this.summary()}`)),
        PATIENCE_MS,
      );
      this.wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  private summary(): string {
    return JSON.stringify(this.items.slice(-10)).slice(0, 2_000);
  }
}

/** graphql-transport-ws without a library: sends exactly the given messages, valid or not. */
export class RawSocket {
  readonly ws: WebSocket;
  closed: { code: number; reason: string } | null = null;
  private readonly inbox = new Inbox<Message>();

  private constructor(ws: WebSocket) {
    this.ws = ws;
    ws.on('message', (data) => this.inbox.push(JSON.parse((data as Buffer).toString()) as Message));
    ws.on('close', (code, reason) => {
      this.closed = { code, reason: String(reason) };
      this.inbox.end();
    });
    ws.on('error', () => undefined); // `close` follows
  }

  /** @throws RefusedUpgrade */
  static async open(
    url: string,
    { protocol = 'graphql-transport-ws', headers = {} }: SocketOptions = {},
  ): Promise<RawSocket> {
    const ws = new WebSocket(url, protocol || [], { headers });
    const opened = new RawSocket(ws);
    await new Promise<void>((resolve, reject) => {
      ws.once('open', resolve);
      ws.once('error', reject);
      ws.once('unexpected-response', (request, response) => {
        request.destroy();
        reject(new RefusedUpgrade(response.statusCode ?? 0));
      });
    });
    return opened;
  }

  /** Opens one that the server lets in. */
  static async connect(url: string, token?: string, options?: SocketOptions): Promise<RawSocket> {
    const socket = await RawSocket.open(url, options);
    socket.send({ type: 'connection_init', ...(token && { payload: { authorization: `Bearer ${token}` } }) });
    await socket.next('connection_ack');
    return socket;
  }

  send(message: object | string): void {
    this.ws.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  subscribe(id: string, query: string, variables: object = {}, more: object = {}): void {
    this.send({ type: 'subscribe', id, payload: { query, variables, ...more } });
  }

  complete(id: string): void {
    this.send({ type: 'complete', id });
  }

  /** The next message of that type, about that operation. */
  next(type?: string, id?: string): Promise<Message> {
    return this.inbox.take((message) => (!type || message.type === type) && (!id || message.id === id));
  }

  /** The next item of a stream, of the given kind if there is one; heartbeats only if requested. */
  async item(id: string, kind?: string): Promise<StreamItem> {
    for (;;) {
      const { payload } = await this.next('next', id);
      const item = Object.values(payload.data ?? {})[0] as StreamItem | undefined;
      if (!item || payload.errors) throw new Error(JSON.stringify(payload));
      if (kind ? item.__typename === kind : item.__typename !== 'Heartbeat') return item as StreamItem;
    }
  }

  /** One query or mutation. */
  async run(id: string, query: string, variables: object = {}) {
    this.subscribe(id, query, variables);
    const { type, payload } = await this.inbox.take((message) => message.id === id);
    return type === 'error' ? { errors: payload } : payload;
  }

  async closing(): Promise<{ code: number; reason: string }> {
    await this.inbox.over();
    return this.closed as { code: number; reason: string };
  }

  get received(): readonly Message[] {
    return this.inbox.all;
  }

  /** The cable, not a polite close. */
  cut(): void {
    this.ws.terminate();
  }

  close(): void {
    this.ws.close(1000);
  }
}

/** A subscription over HTTP, as server-sent events. */
export class EventStream {
  readonly response: Response;
  private readonly inbox = new Inbox<{ readonly event: string; readonly data: unknown }>();
  private readonly abort: AbortController;

  private constructor(response: Response, abort: AbortController) {
    this.response = response;
    this.abort = abort;
    void this.read().finally(() => this.inbox.end());
  }

  static async open(
    url: string,
    query: string,
    variables: object = {},
    token?: string,
  ): Promise<EventStream> {
    const abort = new AbortController();
    const headers = {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      ...(token && { authorization: `Bearer ${token}` }),
    };
    const body = JSON.stringify({ query, variables });
    const response = await fetch(url, { method: 'POST', headers, body, signal: abort.signal });
    return new EventStream(response, abort);
  }

  /** What the next `next` event carries. */
  async next(): Promise<any> {
    const { data } = await this.inbox.take(({ event }) => event === 'next');
    return data;
  }

  async item(kind: string): Promise<Record<string, unknown>> {
    for (;;) {
      const { data, errors } = await this.next();
      const item = Object.values(data ?? {})[0] as Record<string, unknown> | undefined;
      if (!item || errors) throw new Error(JSON.stringify({ data, errors }));
      if (item['__typename'] === kind) return item;
    }
  }

  /** Resolves when the server has completed the stream and ended the response. */
  async complete(): Promise<void> {
    await this.inbox.take(({ event }) => event === 'complete');
    await this.inbox.over();
  }

  cut(): void {
    this.abort.abort();
  }

  private async read(): Promise<void> {
    let text = '';
    const decoder = new TextDecoder();
    try {
      for await (const chunk of this.response.body ?? []) {
        text += decoder.decode(chunk as Uint8Array, { stream: true });
        const blocks = text.split('\n\n');
        text = blocks.pop() ?? '';
        for (const block of blocks) this.take(block);
      }
    } catch {
      // cut
    }
  }

  private take(block: string): void {
    const event = /^event: (.*)$/m.exec(block)?.[1];
    const data = /^data: ?(.*)$/m.exec(block)?.[1];
    if (event) this.inbox.push({ event, data: data ? JSON.parse(data) : null });
  }
}
