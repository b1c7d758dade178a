import { memo } from '../../platform/memo.ts';
import type { LogFollower } from '../follower/log-follower.ts';
import type { EphemeralItem, RoomEvent } from '../kinds.ts';
import { type EphemeralKind, topicOf } from '../registry.ts';
import type { EphemeralSource } from '../streams/source.ts';
import { COALESCE_MS, type EphemeralChannel } from './channel.ts';
import type { TopicSubscription } from './topic.ts';

/** After a reading that failed. */
const RETRY_MS = 1_000;

interface Node {
  readonly logFollower: LogFollower;
  readonly ephemeral: EphemeralChannel;
}

/** The position from which a room is followed. */
interface Start {
  readonly roomId: number;
  readonly head: number;
  readonly epoch: number;
  /** Where the history begins that the member may see. Without, at the beginning. */
  readonly firstRoomSeq?: number;
}

/** The values of one kind in one room, for all of its streams on this node. */
class RoomValues {
  private readonly listeners = new Set<() => void>();
  private readonly channel: EphemeralChannel;
  private readonly log: LogFollower['options'];
  private readonly kind: EphemeralKind;
  private readonly roomId: number;
  private readonly topic: string;
  private readonly close: () => void;
  private readonly values: TopicSubscription;
  private known: EphemeralItem | null = null;
  private isReading = false;
  private isStale = false;
  private isClosed = false;
  /** An event changed what was read, and nobody was told. */
  private isOutdated = false;
  private refreshing: ReturnType<typeof setTimeout> | undefined;

  constructor({ logFollower, ephemeral }: Node, kind: EphemeralKind, { roomId, head, epoch }: Start) {
    this.channel = ephemeral;
    this.log = logFollower.options;
    this.kind = kind;
    this.roomId = roomId;
    this.topic = topicOf(kind, roomId);
    const follower = logFollower.followRoom(roomId, head, epoch);
    const unlisten = follower.listen((events) => this.apply(events));
    this.values = ephemeral.subscribe(this.topic, () => this.change());
    this.close = () => {
      this.values.close();
      unlisten();
      follower.release();
      clearTimeout(this.refreshing);
      this.isClosed = true;
    };
    if (kind.read) void this.refresh(kind.read);
  }

  /** The same object until the set changes. Null until it was read for the first time. */
  get item(): EphemeralItem | null {
    const { show, name } = this.kind;
    if (show) this.known ??= { kind: name, ephemeral: show(this.roomId, [...this.values.values.values()]) };
    return this.known;
  }

  enter(listener: () => void): void {
    this.listeners.add(listener);
    if (this.isOutdated && this.kind.read) this.refreshSoon(this.kind.read);
  }

  /** Returns whether that was the last listener. */
  leave(listener: () => void): boolean {
    this.listeners.delete(listener);
    if (this.listeners.size > 0) return false;
    this.close();
    return true;
  }

  private change(): void {
    this.values.take();
    if (this.kind.read) return void this.refresh(this.kind.read);
    this.known = null;
    this.tell();
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }

  /** One reading at a time. What changes while it runs is read by the next. */
  private async refresh(read: NonNullable<EphemeralKind['read']>): Promise<void> {
    this.isStale = true;
    if (this.isReading) return;
    this.isReading = true;
    while (this.isStale && !this.isClosed) await this.readOnce(read);
    this.isReading = false;
  }

  private async readOnce(read: NonNullable<EphemeralKind['read']>): Promise<void> {
    this.isStale = false;
    this.isOutdated = false;
    try {
      this.known = { kind: this.kind.name, ephemeral: await read(this.log.sql, this.roomId) };
      this.tell();
    } catch (error) {
      this.isStale = true;
      this.log.log.warn(
        { err: (error as Error).message, kind: this.kind.name },
        'ephemeral values wait for the database',
      );
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  private apply(events: readonly RoomEvent[]): void {
    for (const event of events) {
      const key = this.kind.endedBy?.(event) ?? null;
      if (key !== null) this.channel.forget(this.topic, key);
    }
    const { changedBy, impliedBy, read } = this.kind;
    if (impliedBy && events.some(impliedBy)) this.isOutdated = true;
    if (read && changedBy && events.some(changedBy)) this.refreshSoon(read);
  }

  /** Many members may join at the same time. */
  private refreshSoon(read: NonNullable<EphemeralKind['read']>): void {
    this.refreshing ??= setTimeout(() => {
      this.refreshing = undefined;
      void this.refresh(read);
    }, COALESCE_MS);
  }
}

const valuesOf = memo((_channel: EphemeralChannel) => new Map<string, RoomValues>());

/** The values of one kind in one room, as one of its streams gets them: the whole set at first, and at each change. */
class RoomFeed implements EphemeralSource {
  onWake: () => void = () => undefined;
  private readonly values: RoomValues;
  private readonly onClose: () => void;
  private readonly kind: EphemeralKind;
  private readonly firstRoomSeq: number;
  private taken: EphemeralItem | null = null;

  constructor(node: Node, kind: EphemeralKind, start: Start) {
    this.kind = kind;
    this.firstRoomSeq = start.firstRoomSeq ?? 0;
    const all = valuesOf(node.ephemeral);
    const key = `${start.epoch} ${topicOf(kind, start.roomId)}`;
    const values = all.get(key) ?? new RoomValues(node, kind, start);
    all.set(key, values);
    const listener = () => this.onWake();
    values.enter(listener);
    this.values = values;
    this.onClose = () => {
      if (values.leave(listener)) all.delete(key);
    };
  }

  get hasNews(): boolean {
    return this.taken !== this.values.item;
  }

  take(): EphemeralItem | null {
    if (!this.hasNews) return null;
    this.taken = this.values.item;
    return this.taken && this.visible(this.taken);
  }

  /** The same object where all of it is visible: what is rendered of it is shared. */
  private visible(item: EphemeralItem): EphemeralItem {
    const ephemeral = this.kind.visibleFrom?.(item.ephemeral, this.firstRoomSeq) ?? item.ephemeral;
    return ephemeral === item.ephemeral ? item : { ...item, ephemeral };
  }

  close(): void {
    this.onClose();
  }
}

/** Several kinds for one stream. */
class RoomFeeds implements EphemeralSource {
  onWake: () => void = () => undefined;
  private readonly feeds: readonly RoomFeed[];

  constructor(feeds: readonly RoomFeed[]) {
    this.feeds = feeds;
    for (const feed of feeds) feed.onWake = () => this.onWake();
  }

  get hasNews(): boolean {
    return this.feeds.some((feed) => feed.hasNews);
  }

  take(): EphemeralItem | null {
    return this.feeds.find((feed) => feed.hasNews)?.take() ?? null;
  }

  close(): void {
    for (const feed of this.feeds) feed.close();
  }
}

/** The kinds among these that the user is shown. */
export async function kindsFor(
  { logFollower: { registry, options } }: Node,
  include: readonly string[],
  { userId, roomId }: { readonly userId: number; readonly roomId: number },
): Promise<EphemeralKind[]> {
  const kinds = registry.ephemeralKinds.filter((kind) => include.includes(kind.include));
  const shown = await Promise.all(
    kinds.map(async ({ isFor }) => isFor?.(options.sql, userId, roomId) ?? true),
  );
  return kinds.filter((_, i) => shown[i]);
}

/** What a stream of the room carries beside the log: of each kind, the current state at first, then at each change. */
export function openRoomFeeds(
  node: Node,
  kinds: readonly EphemeralKind[],
  start: Start,
): EphemeralSource | null {
  return kinds.length > 0 ? new RoomFeeds(kinds.map((kind) => new RoomFeed(node, kind, start))) : null;
}
