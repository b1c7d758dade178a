import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

const PATIENCE_MS = 60_000;

/** One item of a stream, as the client received it. */
export interface Item {
  readonly __typename: string;
  readonly cursor?: string;
  readonly roomSeq?: number;
  readonly [field: string]: any;
}

/** One subscription over its own socket, to be read item by item. Reading waits; it never sleeps. */
export class Feed {
  /** The received items without heartbeats, which come by the clock, also within a backlog. */
  readonly items: Item[] = [];
  readonly heartbeats: Item[] = [];
  /** Of the last item or heartbeat that had one. */
  cursor: string | null = null;
  readonly errors: unknown[] = [];
  /** How the socket was closed, once it was. */
  closed: { code: number; reason: string } | null = null;
  isComplete = false;
  socket: WebSocket | null = null;
  private read = 0;
  private wakeUp: (() => void) | null = null;
  private readonly stop: () => void;

  constructor(stop: (feed: Feed) => void) {
    this.stop = () => stop(this);
  }

  push(item: Item): void {
    this.cursor = item.cursor ?? this.cursor;
    (item.__typename === 'Heartbeat' ? this.heartbeats : this.items).push(item);
    this.wake();
  }

  wake(): void {
    this.wakeUp?.();
    this.wakeUp = null;
  }

  /** The next item of that kind; others are passed over, but not those of an end. */
  async next(kind?: string): Promise<Item> {
    for (;;) {
      const item = await this.take(`an item ${kind ?? ''}`);
      if (!kind || item.__typename === kind) return item;
    }
  }

  /** The next heartbeat that comes from now on. */
  async heartbeat(): Promise<Item> {
    const known = this.heartbeats.length;
    while (this.heartbeats.length === known) {
      if (this.isComplete || this.closed)
        throw new Error(`a heartbeat: the stream ended (${this.summary()})`);
      await this.wait('a heartbeat');
    }
    return this.heartbeats[known] as Item;
  }

  /** The next `count` events of the log, without control items. */
  async events(count: number): Promise<Item[]> {
    const found: Item[] = [];
    while (found.length < count) {
      const item = await this.take(`event ${found.length + 1} of ${count}`);
      if (item.roomSeq !== undefined) found.push(item);
    }
    return found;
  }

  async texts(count: number): Promise<string[]> {
    const found: string[] = [];
    while (found.length < count) {
      const item = await this.next('MessageCreated');
      found.push(item['message'].text);
    }
    return found;
  }

  /** Resolves when the server has ended the stream or closed the socket. */
  async ended(): Promise<void> {
    while (!this.isComplete && !this.closed) await this.wait('the end of the stream');
  }

  async closing(): Promise<{ code: number; reason: string }> {
    while (!this.closed) await this.wait('the socket to be closed');
    return this.closed;
  }

  /** The cable, not a polite close. */
  cut(): void {
    this.socket?.terminate();
  }

  close(): void {
    this.stop();
  }

  private async take(what: string): Promise<Item> {
    while (this.read >= this.items.length) {
      if (this.isComplete || this.closed) throw new Error(`${what}: the stream ended (${this.summary()})`);
      await this.wait(what);
    }
    return this.items[this.read++] as Item;
  }

  private async wait(what: string): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new Error(`waited in vain for ${what} (${this.summary()})`)),
        PATIENCE_MS,
      );
    });
    await Promise.race([
      new Promise<void>((resolve) => {
        this.wakeUp = resolve;
      }),
      tooLate,
    ]).finally(() => clearTimeout(timer));
  }

  private summary(): string {
    const kinds = this.items.map((item) => `${item.__typename}${item.roomSeq ? ` ${item.roomSeq}` : ''}`);
    return `received ${kinds.slice(-12).join(', ') || 'nothing'}; closed ${JSON.stringify(this.closed)}; errors ${JSON.stringify(this.errors)}`;
  }
}

/** Opens a subscription; resolves when the socket is acknowledged and the subscription sent. */
export async function openFeed(
  url: string,
  token: string | undefined,
  query: string,
  variables: object,
  field: string,
): Promise<Feed> {
  let unsubscribe: () => void = () => undefined;
  const client = createClient({
    url,
    webSocketImpl: WebSocket,
    lazy: false,
    retryAttempts: 0,
    ...(token && { connectionParams: { authorization: `Bearer ${token}` } }),
    onNonLazyError: () => undefined,
  });
  const feed = new Feed(() => {
    unsubscribe();
    void client.dispose();
  });
  const connected = new Promise<void>((resolve, reject) => {
    client.on('connected', (socket) => {
      feed.socket = socket as WebSocket;
      resolve();
    });
    client.on('closed', (event) => {
      const { code, reason } = event as { code: number; reason: string };
      feed.closed = { code, reason };
      feed.wake();
      reject(new Error(`the socket was closed ${code} ${reason} before it was acknowledged`));
    });
  });
  await connected;
  unsubscribe = client.subscribe<Record<string, Item>>(
    { query, variables: variables as Record<string, unknown> },
    {
      next: ({ data, errors }) => {
        if (errors) feed.errors.push(...errors);
        const item = data?.[field];
        if (item) feed.push(item);
      },
      error: (error) => {
        feed.errors.push(error);
        feed.isComplete = true;
        feed.wake();
      },
      complete: () => {
        feed.isComplete = true;
        feed.wake();
      },
    },
  );
  return feed;
}
