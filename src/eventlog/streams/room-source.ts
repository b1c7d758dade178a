import { TtlCache } from '../../platform/ttl-cache.ts';
import { encodeRoomCursor } from '../cursors/room-cursor.ts';
import type { LogFollower } from '../follower/log-follower.ts';
import type { RoomFollower } from '../follower/room-follower.ts';
import type { Rights, RightsAt, RoomEvent } from '../kinds.ts';
import { FollowedRights } from '../rights.ts';
import { closed, type RoomItem, resync, type SourceItem } from './items.ts';
import type { EphemeralSource, Source } from './source.ts';

const RETRY_MS = 500;

/** A position in one room's log. It reads the recent events near the head, and pages of the log further back. */
export class RoomReader {
  /** The last number taken. */
  position: number;
  onWake: () => void = () => undefined;
  readonly follower: RoomFollower;
  private readonly logFollower: LogFollower;
  private page: RoomEvent[] = [];
  private filling = false;
  private isClosed = false;

  constructor(logFollower: LogFollower, follower: RoomFollower, position: number) {
    this.logFollower = logFollower;
    this.follower = follower;
    this.position = position;
  }

  /** Returns the next event; null if there is none yet, or if a page of the log is being fetched (`onWake` follows). */
  take(): RoomEvent | 'trimmed' | null {
    let event = this.page.shift() ?? this.follower.get(this.position + 1);
    // Taken from the recent events while a page was on its way.
    while (event && event.roomSeq <= this.position)
      event = this.page.shift() ?? this.follower.get(this.position + 1);
    if (event === undefined) void this.fill();
    if (!event) return null;
    if (event.roomSeq !== this.position + 1) return 'trimmed';
    this.position++;
    return event;
  }

  /** Gives the reader the events after its position, so that it need not fetch them. */
  preload(events: readonly RoomEvent[]): void {
    this.page.push(...events);
  }

  /** Whether it has taken everything that the follower has read. */
  get isLevel(): boolean {
    return this.position === this.follower.last && this.page.length === 0 && !this.filling;
  }

  /** Whether `take` would return an event, now or after a page is fetched. */
  get hasMore(): boolean {
    return this.position < this.follower.last;
  }

  /** Does not release the follower: its owner does. */
  close(): void {
    this.isClosed = true;
    this.page = [];
  }

  private async fill(): Promise<void> {
    if (this.filling) return;
    this.filling = true;
    try {
      const page = await this.logFollower.replay(this.follower.roomId, this.position);
      if (!this.isClosed) this.page = [...page];
    } catch (error) {
      // The database is down: the stream stays open and continues later.
      this.logFollower.options.log.warn({ err: (error as Error).message }, 'a replay waits for the database');
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS * (0.5 + Math.random())));
    }
    this.filling = false;
    if (!this.isClosed) this.onWake();
  }
}

const ITEMS_MS = 1_000;
const items = new TtlCache<RoomEvent, RoomItem>(ITEMS_MS);
let latest: RoomItem | null = null;

/** An event as an item of a room's stream: the same object for all its receivers. */
export function roomItem(epoch: number, event: RoomEvent): RoomItem {
  if (latest?.event === event) return latest;
  const known = items.get(event);
  if (known) return known;
  const cursor = encodeRoomCursor(epoch, event.roomId, event.roomSeq);
  latest = { kind: event.kind, event, epoch, cursor, isForAll: true };
  items.set(event, latest);
  return latest;
}

/** The start of a member's stream of a room. */
export interface RoomOpening extends RightsAt {
  readonly epoch: number;
  readonly roomId: number;
  readonly userId: number;
  /** The last number that the member has; not beyond `head`, at which the membership was checked. */
  readonly after: number;
}

/** The items of one member of one room: every event after a position, up to the member's own departure. */
export class RoomSource implements Source {
  onWake: () => void = () => undefined;
  readonly ephemeral: EphemeralSource | null;
  private readonly reader: RoomReader;
  private readonly logFollower: LogFollower;
  private readonly epoch: number;
  private readonly userId: number;
  private readonly head: number;
  private readonly rights: FollowedRights;
  private unlisten: () => void;
  private isOver = false;

  constructor(logFollower: LogFollower, opening: RoomOpening, ephemeral: EphemeralSource | null = null) {
    this.ephemeral = ephemeral;
    this.logFollower = logFollower;
    this.epoch = opening.epoch;
    this.userId = opening.userId;
    this.head = opening.head;
    this.rights = new FollowedRights(logFollower.registry, opening.userId, opening);
    const follower = logFollower.followRoom(opening.roomId, opening.head, opening.epoch);
    this.reader = new RoomReader(logFollower, follower, opening.after);
    this.reader.onWake = () => this.onWake();
    this.unlisten = this.listen();
    // Events that were committed between reading the head and following the room were not announced to this follower.
    // If this poll fails, the next one finds them.
    logFollower.cover([follower]).catch(() => undefined);
  }

  take(): SourceItem | null {
    if (this.epoch !== this.logFollower.epoch) return resync('CURSOR_FOREIGN');
    if (this.isOver) return closed('ACCESS_LOST');
    const event = this.reader.take();
    if (event === null) return null;
    if (event === 'trimmed') return resync('CURSOR_EXPIRED');
    this.isOver = this.logFollower.registry.endsAccess(event, this.userId);
    this.rights.apply(event);
    return roomItem(this.epoch, event);
  }

  cursor(): string {
    return encodeRoomCursor(this.epoch, this.reader.follower.roomId, this.reader.position);
  }

  get isCaughtUp(): boolean {
    return this.reader.position >= this.head;
  }

  rightsIn(roomId: number): Rights | null {
    return roomId === this.reader.follower.roomId ? this.rights.now : null;
  }

  applyRights(event: RoomEvent): void {
    this.rights.apply(event);
  }

  detach(): RoomFollower | null {
    const { follower, isLevel } = this.reader;
    if (this.isOver || !isLevel || follower.isClosed) return null;
    this.unlisten();
    return follower;
  }

  attach(roomSeq: number): void {
    this.reader.position = roomSeq;
    this.unlisten = this.listen();
  }

  close(): void {
    this.unlisten();
    this.reader.close();
    this.reader.follower.release();
  }

  private listen(): () => void {
    return this.reader.follower.listen(() => this.onWake());
  }
}
