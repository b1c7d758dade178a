/** A process with SDK clients, which the run kills and starts again. It is bundled into one file and told what to do. */
import WebSocket from 'ws';
import { fileStorage } from '../../packages/client/src/file-storage.ts';
import { type Client, createClient, type StreamItem } from '../../packages/client/src/index.ts';
import { Continuity } from './continuity.ts';
import type { DeviceOptions, Order, Report, Shown } from './device-messages.ts';
import { MortalStorage } from './mortal-storage.ts';
import { Random } from './random.ts';

const HEARTBEAT_SECONDS = 5;
const REQUEST_TIMEOUT_MS = 5_000;
/** States are told this often at most, in milliseconds. */
const TELL_MS = 100;
const QUOTING = 0.2;

type Untold<One> = One extends Report ? Omit<One, 'device'> : never;

/** A request for a message, and what the server said of it. */
interface SendRequest {
  readonly roomId: string;
  readonly text: string;
  readonly replyToId?: string | null;
  readonly idempotencyKey: string;
}
interface Answer {
  readonly data?: Readonly<Record<string, { code?: string; roomSeq?: number } | null>> | null;
  readonly errors?: readonly { readonly extensions?: { readonly code?: string } }[];
}

/** Requests that wait until the run has taken note of them. */
const asking = new Map<number, () => void>();
let asks = 0;

class Device {
  readonly storage: MortalStorage;
  private readonly options: DeviceOptions;
  private readonly client: Client;
  private readonly continuity: Continuity;
  private readonly random: Random;
  private telling: NodeJS.Timeout | undefined;
  private hasNewRooms = true;

  constructor(options: DeviceOptions) {
    this.options = options;
    this.random = new Random(options.seed);
    this.continuity = new Continuity(options.userId);
    this.storage = new MortalStorage(fileStorage(options.file), () => this.tellState());
    const { storage, continuity } = this;
    const pick = () => this.random.pick(options.urls);
    class Balanced extends WebSocket {
      constructor(_url: string, protocols?: string) {
        super(pick().replace(/^http/, 'ws'), protocols);
      }
    }
    this.client = createClient({
      url: options.urls[0] as string,
      webSocketImpl: Balanced,
      fetch: (_url, init) => this.fetch(pick(), init as RequestInit),
      storage: {
        load: async () => {
          const rows = await storage.load();
          continuity.restore(rows);
          return rows;
        },
        commit: (changes) => storage.commit(changes),
        close: () => storage.close(),
      },
      heartbeatSeconds: HEARTBEAT_SECONDS,
      requestTimeoutMs: REQUEST_TIMEOUT_MS,
      onItem: (item) => this.take(item),
      onError: ({ code, message }) => {
        if (code === 'STORAGE') this.tell({ tell: 'trouble', says: `the storage failed: ${message}` });
      },
    });
    this.client.connection.subscribe(() => this.connectionChanged());
  }

  async send(roomId: string, text: string): Promise<void> {
    const quoted = this.random.chance(QUOTING) ? this.shownIn(roomId).at(-1) : undefined;
    const key = await this.client.room(roomId).send(text, { replyToId: quoted?.id ?? null });
    this.tell({ tell: 'accepted', roomId, key });
  }

  async react(roomId: string, emoji: string): Promise<void> {
    const message = this.shownIn(roomId).at(-1 - this.random.below(5));
    if (!message?.id) return;
    const hasReacted = message.reactions.some((group) => group.emoji === emoji && group.viewerHasReacted);
    await this.client.room(roomId)[hasReacted ? 'unreact' : 'react'](message.id, emoji);
  }

  async reconnect(): Promise<void> {
    await this.client.reconnect();
  }

  async close(): Promise<void> {
    await this.client.flush();
    const shown = this.shown();
    await this.client.close();
    this.tell({ tell: 'closed', shown });
  }

  private shownIn(roomId: string) {
    const messages = this.client.room(roomId).messages.getSnapshot();
    return messages.filter(({ status, text }) => status === 'stored' && text !== null);
  }

  private shown(): Shown {
    const rooms = this.client.rooms.getSnapshot().map(({ id }) => {
      const messages = this.client.room(id).messages.getSnapshot();
      return [id, messages.map(({ id, text, version, status }) => ({ id, text, version, status }))] as const;
    });
    return Object.fromEntries(rooms);
  }

  private take(item: StreamItem): void {
    const misfit = this.continuity.take(item);
    if (misfit) this.tell({ tell: 'misfit', ...misfit });
  }

  private connectionChanged(): void {
    const connection = this.client.connection.getSnapshot();
    this.tellState();
    // The reducer found a gap. The client heals it with a snapshot, so nothing of it is left to see.
    if (connection.status === 'offline' && /expected \d+, got \d+/.test(connection.error.message))
      this.tell({ tell: 'misfit', kind: 'gap', says: connection.error.message });
    if (connection.status === 'live') this.loadMembers().catch(() => undefined);
  }

  /** As an application that shows its rooms' members: a snapshot has only some. */
  private async loadMembers(): Promise<void> {
    if (!this.hasNewRooms) return;
    this.hasNewRooms = false;
    try {
      for (const { id, memberCount } of this.client.rooms.getSnapshot())
        if (this.client.room(id).members.getSnapshot().length < memberCount)
          await this.client.room(id).loadMembers();
    } catch (error) {
      // At the next connection.
      this.hasNewRooms = true;
      throw error;
    }
  }

  private async fetch(url: string, init: RequestInit): Promise<Response> {
    const { query, variables } = JSON.parse(init.body as string) as {
      query: string;
      variables: { input?: SendRequest };
    };
    const name = /(?:query|mutation) (\w+)/.exec(query)?.[1];
    if (name === 'SendMessage' && variables.input) return this.fetchSend(url, init, variables.input);
    const response = await fetch(url, init);
    if (name === 'InboxSnapshot') {
      this.continuity.reset();
      this.hasNewRooms = true;
    }
    return response;
  }

  private async fetchSend(url: string, init: RequestInit, input: SendRequest): Promise<Response> {
    const { roomId, text, replyToId, idempotencyKey: key } = input;
    const isQuoting = typeof replyToId === 'string';
    await this.ask({ tell: 'sending', roomId, key, text });
    let [code, roomSeq]: [string | null, number | null] = ['NETWORK', null];
    try {
      const response = await fetch(url, init);
      const { data, errors } = (await response.clone().json()) as Answer;
      const result = data?.['sendMessage'];
      code = errors?.[0]?.extensions?.code ?? result?.code ?? (result?.roomSeq ? null : 'EMPTY');
      roomSeq = result?.roomSeq ?? null;
      return response;
    } finally {
      this.tell({ tell: 'answered', roomId, key, text, isQuoting, code, roomSeq });
    }
  }

  private tellState(): void {
    this.telling ??= setTimeout(() => {
      this.telling = undefined;
      const connection = this.client.connection.getSnapshot();
      const { status } = connection;
      const error = status === 'offline' ? `${connection.error.code}: ${connection.error.message}` : null;
      this.tell({ tell: 'state', state: { ...this.storage.state, status, error } });
    }, TELL_MS);
  }

  private ask(report: { tell: 'sending'; roomId: string; key: string; text: string }): Promise<void> {
    const ask = ++asks;
    return new Promise((resolve) => {
      asking.set(ask, resolve);
      this.tell({ ...report, ask });
    });
  }

  private tell(report: Untold<Report>): void {
    process.send?.({ device: this.options.name, ...report });
  }
}

const devices = new Map<string, Device>();

async function obey(order: Order): Promise<void> {
  switch (order.do) {
    case 'open':
      return void devices.set(order.device.name, new Device(order.device));
    case 'send':
      return devices.get(order.device)?.send(order.roomId, order.text);
    case 'react':
      return devices.get(order.device)?.react(order.roomId, order.emoji);
    case 'go on':
      asking.get(order.ask)?.();
      return void asking.delete(order.ask);
    case 'die':
      for (const { storage } of devices.values()) storage.doom = order.at;
      return undefined;
    case 'reconnect':
      for (const device of devices.values()) await device.reconnect();
      return undefined;
    case 'close':
      return devices.get(order.device)?.close();
  }
}

process.on('message', (order: Order) => void obey(order));
// The run is over, however it ended.
process.on('disconnect', () => process.exit());
