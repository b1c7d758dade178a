import { memo } from '../../platform/memo.ts';
import type { LogFollower } from '../follower/log-follower.ts';
import type { EphemeralItem, RoomEvent } from '../kinds.ts';
import { type EphemeralKind, topicOf } from '../registry.ts';
import type { EphemeralSource } from '../streams/source.ts';
import type { EphemeralChannel } from './channel.ts';
import type { TopicSubscription } from './topic.ts';

interface Node {
  readonly logFollower: LogFollower;
  readonly ephemeral: EphemeralChannel;
}

/** The position from which a room is followed. */
interface Start {
  readonly roomId: number;
  readonly head: number;
  readonly epoch: number;
}

/** The values of one kind in one room, for all of its streams on this node. */
class RoomValues {
  readonly listeners = new Set<() => void>();
  private readonly channel: EphemeralChannel;
  private readonly kind: EphemeralKind;
  private readonly roomId: number;
  private readonly topic: string;
  private readonly close: () => void;
  private readonly values: TopicSubscription;
  private known: EphemeralItem | null = null;

  constructor({ logFollower, ephemeral }: Node, kind: EphemeralKind, { roomId, head, epoch }: Start) {
    this.channel = ephemeral;
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
    };
  }

  /** The same object until the set changes. */
  get item(): EphemeralItem {
    this.known ??= {
      kind: this.kind.name,
      ephemeral: this.kind.show(this.roomId, [...this.values.values.values()]),
    };
    return this.known;
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
    this.known = null;
    for (const listener of this.listeners) listener();
  }

  private apply(events: readonly RoomEvent[]): void {
    for (const event of events) {
      const key = this.kind.endedBy?.(event) ?? null;
      if (key !== null) this.channel.forget(this.topic, key);
    }
  }
}

const valuesOf = memo((_channel: EphemeralChannel) => new Map<string, RoomValues>());

/** The values of one kind in one room, as one of its streams gets them: the whole set at first, and at each change. */
class RoomFeed implements EphemeralSource {
  onWake: () => void = () => undefined;
  private readonly values: RoomValues;
  private readonly onClose: () => void;
  private taken: EphemeralItem | null = null;

  constructor(node: Node, kind: EphemeralKind, start: Start) {
    const all = valuesOf(node.ephemeral);
    const key = `${start.epoch} ${topicOf(kind, start.roomId)}`;
    const values = all.get(key) ?? new RoomValues(node, kind, start);
    all.set(key, values);
    const listener = () => this.onWake();
    values.listeners.add(listener);
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
    return this.taken;
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

/** What a stream of the room carries beside the log: of each kind, the current state at first, then at each change. */
export function openRoomFeeds(node: Node, include: readonly string[], start: Start): EphemeralSource | null {
  const kinds = node.logFollower.registry.ephemeralKinds.filter((kind) => include.includes(kind.include));
  return kinds.length > 0 ? new RoomFeeds(kinds.map((kind) => new RoomFeed(node, kind, start))) : null;
}
