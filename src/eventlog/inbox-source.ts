import { CatchUpPlan } from './catch-up.ts';
import { encodeInboxCursor, tagOf } from './cursor.ts';
import type { Hub } from './hub.ts';
import type { InboxOpening, OpenedRoom } from './inbox-opening.ts';
import type { AccountEvent, Rights, RightsAt, RoomEvent } from './kinds.ts';
import { readAccountLog, readHeadsOf } from './log.ts';
import { RightsNow } from './rights.ts';
import { endsAccess, RoomReader } from './room-source.ts';
import { type RoomItem, resync, type Source, type StreamItem } from './stream.ts';
import type { AccountTail } from './tail.ts';

const RETRY_MS = 500;

/** One room as an inbox follows it. */
interface Followed {
  readonly reader: RoomReader;
  /** The first number that this member's inbox shows. */
  readonly from: number;
  readonly rights: RightsNow;
  readonly unlisten: () => void;
  /** The own departure was delivered: nothing more of this room, even before the own log says so. */
  hasEnded: boolean;
}

/**
 * What one person gets of all rooms and of the own log. First the rooms one after the other up to the snapshot of the
 * opening, then the own log and the rooms live. Order holds within a room; the cursor is exact at every item.
 */
export class InboxSource implements Source {
  onWake: () => void = () => undefined;
  private readonly hub: Hub;
  private readonly epoch: number;
  private readonly userId: number;
  private readonly account: AccountTail;
  private readonly unlistenAccount: () => void;
  private readonly openedAt: number;
  private readonly rooms = new Map<number, Followed>();
  /** The set of rooms as of `accountSeq`, those lost since among them: cursors refer to it. */
  private readonly known: Set<number>;
  /** Rooms that may have something to take. */
  private readonly awake = new Set<number>();
  /** Rooms that came with the backlog, and how far it goes in each. */
  private readonly backlog = new Map<number, number>();
  private plan: CatchUpPlan | null;
  private accountSeq: number;
  private pending: AccountEvent[] = [];
  private seenHints = -1;
  private isBusy = false;
  private isClosed = false;
  /** Rooms that stand elsewhere than the mark of that generation says; worked out anew when it moves. */
  private moved = new Set<number>();
  private generation = -1;
  private sorted: number[] | null = null;

  private constructor(hub: Hub, opening: InboxOpening) {
    this.hub = hub;
    this.epoch = opening.epoch;
    this.userId = opening.userId;
    this.accountSeq = opening.accountSeq;
    this.openedAt = opening.accountHead;
    this.known = new Set(opening.known);
    this.account = hub.followAccount(this.userId, opening.accountHead, this.epoch);
    this.unlistenAccount = this.account.listen(() => this.onWake());
    for (const room of opening.rooms) this.follow(room);
    this.plan = opening.phases.length ? new CatchUpPlan(hub, opening.phases, this.readers()) : null;
  }

  /**
   * Follows everything the opening names. The mark of the node covers all of it when this resolves.
   * @throws UnavailableError where the node is not in the epoch of the opening
   */
  static async open(hub: Hub, opening: InboxOpening): Promise<InboxSource> {
    await hub.enterEpoch(opening.epoch);
    const source = new InboxSource(hub, opening);
    try {
      await hub.cover([...source.rooms.values()].map(({ reader }) => reader.tail));
      return source;
    } catch (error) {
      source.close();
      throw error;
    }
  }

  get isCaughtUp(): boolean {
    return !this.plan && this.accountSeq >= this.openedAt && this.backlog.size === 0;
  }

  take(): StreamItem | null {
    if (this.epoch !== this.hub.epoch) return resync('CURSOR_FOREIGN');
    if (this.plan) {
      const step = this.plan.take();
      if (step === 'trimmed') return resync('CURSOR_EXPIRED');
      if (step === 'waiting') return null;
      if (step !== 'done') return this.itemOf(step);
      this.plan = null;
    }
    return this.takeAccount() ?? this.takeRoom();
  }

  cursor(): string {
    const catchUp = this.plan?.position() ?? null;
    const position = {
      epoch: this.epoch,
      userTag: tagOf(this.userId),
      snapshot: catchUp?.snapshot ?? this.hub.mark.snapshot,
      accountSeq: this.accountSeq,
      catchUp: catchUp?.catchUp ?? null,
      moved: catchUp?.moved ?? this.movedRooms(),
    };
    return encodeInboxCursor(position, () => this.sortedKnown());
  }

  rightsIn(roomId: number): Rights | null {
    return this.rooms.get(roomId)?.rights.now ?? null;
  }

  close(): void {
    this.isClosed = true;
    this.unlistenAccount();
    this.account.release();
    for (const room of this.rooms.values()) this.release(room);
    this.rooms.clear();
  }

  // -- rooms ----------------------------------------------------------------------------------

  private readers(): Map<number, RoomReader> {
    return new Map([...this.rooms].map(([roomId, { reader }]) => [roomId, reader]));
  }

  private follow({ roomId, from, position, head, rights }: OpenedRoom): void {
    const tail = this.hub.followRoom(roomId, head, this.epoch);
    const reader = new RoomReader(this.hub, tail, position);
    const wake = () => {
      this.awake.add(roomId);
      this.onWake();
    };
    reader.onWake = wake;
    const unlisten = tail.listen(wake);
    this.rooms.set(roomId, {
      reader,
      from,
      rights: new RightsNow(this.userId, { rights, head }),
      unlisten,
      hasEnded: false,
    });
    this.moved.add(roomId);
    this.awake.add(roomId); // the tail may be ahead already
  }

  private release(room: Followed): void {
    room.unlisten();
    room.reader.close();
  }

  private takeRoom(): StreamItem | null {
    for (const roomId of this.awake) {
      this.awake.delete(roomId);
      const item = this.takeFrom(roomId);
      if (item) return item;
    }
    return null;
  }

  private takeFrom(roomId: number): StreamItem | null {
    const room = this.rooms.get(roomId);
    if (!room || room.hasEnded) return null;
    const event = room.reader.take();
    if (event === null) return null; // the tail or the fetched page wakes the room again
    if (event === 'trimmed') return resync('CURSOR_EXPIRED');
    room.hasEnded = endsAccess(event, this.userId);
    room.rights.heed(event);
    this.moved.add(roomId);
    this.awake.add(roomId); // at the end of the line: no room waits for another that never ends
    if (event.roomSeq >= (this.backlog.get(roomId) ?? Infinity)) this.backlog.delete(roomId);
    return this.itemOf(event);
  }

  private itemOf(event: RoomEvent): RoomItem {
    return { kind: event.kind, event, epoch: this.epoch, cursor: this.cursor() };
  }

  // -- the own log ----------------------------------------------------------------------------

  private takeAccount(): StreamItem | null {
    const event = this.pending[0];
    if (!event) {
      if (this.seenHints !== this.account.hints || this.account.head > this.accountSeq)
        void this.work(() => this.fetchAccount());
      return null;
    }
    return event.kind === 'RoomAccessLost' ? this.takeLost(event) : this.takeGranted(event);
  }

  /** Everything of the room up to the loss comes first. */
  private takeLost(event: AccountEvent): StreamItem | null {
    const room = this.rooms.get(event.roomId);
    if (room && !room.hasEnded && room.reader.position < event.roomSeq) return this.takeFrom(event.roomId);
    if (room) this.release(room);
    this.rooms.delete(event.roomId);
    this.backlog.delete(event.roomId);
    this.moved.delete(event.roomId);
    return this.advance(event, () => this.known.delete(event.roomId));
  }

  private takeGranted(event: AccountEvent): StreamItem | null {
    // What was lost again since is only told, not shown.
    const { granted } = event;
    if (!granted || this.rooms.has(event.roomId)) return this.advance(event, () => this.know(event.roomId));
    void this.work(() => this.followGranted(event, granted));
    return null;
  }

  /** The room is shown only once the node's mark covers it: until then no cursor could name a place in it. */
  private async followGranted(
    { roomId, roomSeq, accountSeq }: AccountEvent,
    granted: RightsAt,
  ): Promise<void> {
    const { rooms, epoch } = await readHeadsOf(this.hub.options.sql, [roomId], []);
    const head = rooms[0] ?? 0;
    const tail = this.hub.followRoom(roomId, head, epoch);
    try {
      await this.hub.cover([tail]);
      if (this.isClosed) return;
      this.follow({ ...granted, roomId, from: roomSeq, position: roomSeq - 1 });
      if (accountSeq <= this.openedAt && roomSeq <= head) this.backlog.set(roomId, head);
    } finally {
      tail.release();
    }
  }

  private know(roomId: number): void {
    this.known.add(roomId);
    this.moved.add(roomId);
  }

  private advance(event: AccountEvent, change: () => void): StreamItem {
    this.pending.shift();
    this.accountSeq = event.accountSeq;
    change();
    this.sorted = null;
    return { kind: event.kind, event, cursor: this.cursor() };
  }

  private async fetchAccount(): Promise<void> {
    const hints = this.account.hints;
    this.pending = await readAccountLog(this.hub.options.sql, this.userId, this.accountSeq);
    this.seenHints = hints;
    const last = this.pending.at(-1)?.accountSeq ?? this.accountSeq;
    if (last > this.account.head) this.account.head = last;
  }

  /** One piece of background work at a time; the stream is woken when it is done, and looks again. */
  private async work(task: () => Promise<void>): Promise<void> {
    if (this.isBusy) return;
    this.isBusy = true;
    try {
      await task();
    } catch (error) {
      this.hub.options.log.warn({ err: (error as Error).message }, 'an inbox waits for the database');
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS * (0.5 + Math.random())));
    }
    this.isBusy = false;
    if (!this.isClosed) this.onWake();
  }

  // -- the cursor -----------------------------------------------------------------------------

  private sortedKnown(): number[] {
    this.sorted ??= [...this.known].sort((a, b) => a - b);
    return this.sorted;
  }

  private movedRooms(): [number, number][] {
    if (this.generation !== this.hub.mark.generation) {
      this.generation = this.hub.mark.generation;
      this.moved = new Set(this.rooms.keys());
    }
    const entries: [number, number][] = [];
    for (const roomId of this.moved) {
      const offset = this.offsetOf(roomId);
      // Not yet part of the set: a cursor cannot name it, and its grant will place it.
      if (offset && this.known.has(roomId)) entries.push([roomId, offset]);
      else this.moved.delete(roomId);
    }
    return entries.sort((a, b) => a[0] - b[0]);
  }

  private offsetOf(roomId: number): number {
    const room = this.rooms.get(roomId);
    if (!room) return 0;
    return room.reader.position - Math.max(room.reader.tail.base ?? 0, room.from - 1);
  }
}
