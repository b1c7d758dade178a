import { setTimeout as delay } from 'node:timers/promises';
import type { Services, Viewer } from '../../context.ts';
import { type closed, resync } from '../../eventlog/streams/items.ts';
import type { Stream } from '../../eventlog/streams/stream.ts';
import { LiveConnection, type OpenConnection } from './live-connection.ts';
import { type Ticker, Wheel } from './ticker.ts';

const DRAIN_SLICE_MS = 50;
// A few connections need not be spread: their clients reconnect elsewhere without a visible delay.
const DRAIN_MS_PER_CONNECTION = 5;

type Needed = Pick<Services, 'settings' | 'metrics' | 'logFollower'>;

/**
 * All connections of the node with a viewer's token or live streams. Access lasts as long as the token: this class ends
 * connections on expiry, revocation and drain, for WebSockets and SSE.
 */
export class Connections {
  private readonly live = new Set<LiveConnection>();
  private readonly perUser = new Map<number, number>();
  private readonly streamsPerUser = new Map<number, number>();
  private readonly heartbeats: Wheel<Stream>;
  private readonly node: Needed;
  private readonly ticker: Ticker;

  constructor(node: Needed, ticker: Ticker) {
    this.node = node;
    this.ticker = ticker;
    this.heartbeats = new Wheel(node.settings.HEARTBEAT_SECONDS);
    ticker.onTick((tick) => this.tick(tick));
    // Earlier positions are no longer valid.
    node.logFollower.onEpochChange(() => this.sayToAll(() => resync('CURSOR_FOREIGN')));
  }

  open(options: OpenConnection): LiveConnection {
    return new LiveConnection(this, options);
  }

  /** The number of a user's open connections, over all transports. */
  countOf(userId: number): number {
    return this.perUser.get(userId) ?? 0;
  }

  /** The number of a user's open streams, over all connections. */
  streamsOf(userId: number): number {
    return this.streamsPerUser.get(userId) ?? 0;
  }

  /** Whether the user has the maximum number of streams. */
  hasAllStreams(viewer: Viewer | null): boolean {
    return viewer !== null && this.streamsOf(viewer.userId) >= this.node.settings.MAX_STREAMS_PER_USER;
  }

  /** Open sockets, and requests that carry a stream. */
  get count(): number {
    return this.live.size;
  }

  /** Ends all connections of this session at once. */
  endSession(sessionId: number): void {
    for (const connection of [...this.live]) {
      if (connection.viewer?.sessionId === sessionId) connection.finish('SESSION_ENDED');
    }
  }

  /** Closes all connections in random order and a few at a time, so that the other nodes are not overloaded. */
  async drain(): Promise<void> {
    const waiting = shuffled([...this.live]);
    const duration = Math.min(
      this.node.settings.DRAIN_SECONDS * 1_000,
      waiting.length * DRAIN_MS_PER_CONNECTION,
    );
    const perSlice = Math.ceil(waiting.length / Math.max(1, duration / DRAIN_SLICE_MS));
    while (waiting.length > 0) {
      for (const connection of waiting.splice(0, perSlice)) connection.finish('SERVER_DRAINING');
      if (waiting.length > 0) await delay(DRAIN_SLICE_MS);
    }
  }

  /** @internal */
  get hasStoodStill(): boolean {
    return this.ticker.hasStoodStill;
  }

  /** @internal */
  register(connection: LiveConnection): void {
    if (this.live.has(connection)) return;
    this.live.add(connection);
    this.recount(connection.viewer, 1);
  }

  /** @internal */
  unregister(connection: LiveConnection): void {
    if (this.live.delete(connection)) this.recount(connection.viewer, -1);
  }

  /** @internal */
  swapped(connection: LiveConnection, before: Viewer | null): void {
    if (!this.live.has(connection)) return;
    this.recount(before, -1);
    this.recount(connection.viewer, 1);
  }

  /** @internal */
  added(stream: Stream, viewer: Viewer | null): void {
    this.heartbeats.add(stream);
    if (viewer) add(this.streamsPerUser, viewer.userId, 1);
    this.node.metrics.streams.inc();
  }

  /** @internal */
  removed(stream: Stream, viewer: Viewer | null): void {
    this.heartbeats.delete(stream);
    if (viewer) add(this.streamsPerUser, viewer.userId, -1);
    this.node.metrics.streams.dec();
  }

  private recount(viewer: Viewer | null, by: 1 | -1): void {
    if (viewer) add(this.perUser, viewer.userId, by);
  }

  private tick(tick: number): void {
    const now = Date.now();
    for (const connection of [...this.live]) connection.checkToken(now);
    for (const stream of this.heartbeats.due(tick)) stream.beat();
  }

  private sayToAll(item: () => ReturnType<typeof closed>): void {
    for (const connection of this.live) connection.say(item());
  }
}

function add(counts: Map<number, number>, userId: number, by: 1 | -1): void {
  const count = (counts.get(userId) ?? 0) + by;
  if (count > 0) counts.set(userId, count);
  else counts.delete(userId);
}

function shuffled<Item>(items: Item[]): Item[] {
  for (let i = items.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    [items[i], items[j]] = [items[j] as Item, items[i] as Item];
  }
  return items;
}
