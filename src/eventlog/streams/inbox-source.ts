import { encodeInboxCursor, tagOf } from '../cursors/inbox-cursor.ts';
import type { LogFollower } from '../follower/log-follower.ts';
import type { AccountEvent, Rights, RightsAt, RoomEvent, Unread, UnreadTotals } from '../kinds.ts';
import { readHeadsOf } from '../log.ts';
import { BackgroundWork } from './background-work.ts';
import { CatchUpPlan } from './catch-up.ts';
import type { InboxOpening, OpenedRoom } from './inbox-opening.ts';
import { InboxRooms, type InboxStream } from './inbox-rooms.ts';
import { type RoomItem, resync, type SourceItem } from './items.ts';
import type { KnownRooms } from './known-rooms.ts';
import { OwnLog } from './own-log.ts';
import { RoomReader } from './room-source.ts';
import type { Source } from './source.ts';

/**
 * What one person gets of all rooms and of the own log. First the rooms one after the other up to the snapshot of the
 * opening, then the own log and the rooms live. Order holds within a room; the cursor is exact at every item.
 */
export class InboxSource implements Source, InboxStream {
  onWake: () => void = () => undefined;
  private readonly logFollower: LogFollower;
  private readonly epoch: number;
  private readonly userId: number;
  private readonly ownLog: OwnLog;
  private readonly openedAt: number;
  /** Shared with the person's other streams. */
  private readonly rooms: InboxRooms;
  /** The set of rooms as of the position in the own log. */
  private known: KnownRooms;
  /** Known rooms that it does not follow: they were lost since, as the own log will tell. */
  private readonly absent = new Set<number>();
  private countsUnread = false;
  /** The numbers of unread messages are those of this number of the own log, or of a later one. */
  private countedSeq = 0;
  /** A room that it follows and that is not known yet: its grant is the next to be taken. */
  private granted: number | null = null;
  /** Positions in rooms that have something to take. In all others it stands where the set of rooms does. */
  private readonly readers = new Map<number, RoomReader>();
  /** The own departure was delivered: nothing more of this room, even before the own log says so. */
  private readonly ended = new Set<number>();
  /** Rooms that may have something to take. */
  private readonly awake = new Set<number>();
  /** Rooms that came with the backlog, and how far it goes in each. */
  private readonly backlog = new Map<number, number>();
  private plan: CatchUpPlan | null;
  private readonly reading: BackgroundWork;
  private isClosed = false;

  private constructor(logFollower: LogFollower, opening: InboxOpening) {
    this.logFollower = logFollower;
    this.epoch = opening.epoch;
    this.userId = opening.userId;
    this.openedAt = opening.accountHead;
    this.rooms = InboxRooms.join(logFollower, opening.userId, opening.epoch, this);
    this.known = this.rooms.knownAt(opening.accountSeq, opening.known);
    this.reading = new BackgroundWork(logFollower.options.log, () => this.onWake());
    this.ownLog = new OwnLog(logFollower, this.rooms, opening, () => this.onWake());
    this.plan = this.begin(opening);
  }

  /** Not in the constructor: what listens there as long as the stream would hold the opening, too. */
  private begin(opening: InboxOpening): CatchUpPlan | null {
    for (const roomId of absentIn(opening)) this.absent.add(roomId);
    const planned = opening.rooms.filter((room) => this.follow(room, isPlanned(room, opening)));
    const readers = new Map(planned.map(({ roomId }) => [roomId, this.readerOf(roomId)]));
    return opening.phases.length ? new CatchUpPlan(this.logFollower, opening.phases, readers) : null;
  }

  /**
   * Follows everything the opening names. The watermark of the node covers all of it when this resolves. With
   * `countsUnread` it keeps count of what was not read.
   * @throws UnavailableError where the node is not in the epoch of the opening
   */
  static async open(
    logFollower: LogFollower,
    opening: InboxOpening,
    { countsUnread = false }: { readonly countsUnread?: boolean } = {},
  ): Promise<InboxSource> {
    await logFollower.enterEpoch(opening.epoch);
    const source = new InboxSource(logFollower, opening);
    try {
      await logFollower.cover(source.rooms.followers);
      source.countsUnread = countsUnread;
      if (countsUnread) await source.rooms.countUnread(opening.accountSeq);
      return source;
    } catch (error) {
      source.close();
      throw error;
    }
  }

  get isCaughtUp(): boolean {
    return !this.plan && this.ownLog.position >= this.openedAt && this.backlog.size === 0;
  }

  take(): SourceItem | null {
    if (this.epoch !== this.logFollower.epoch) return resync('CURSOR_FOREIGN');
    if (this.plan) {
      const step = this.plan.take();
      if (step === 'trimmed') return resync('CURSOR_EXPIRED');
      if (step === 'waiting') return null;
      if (step !== 'done') return this.itemOf(step);
      this.endPlan();
    }
    return this.takeAccount() ?? this.takeRoom();
  }

  cursor(): string {
    const catchUp = this.plan?.position() ?? null;
    const position = {
      epoch: this.epoch,
      userTag: tagOf(this.userId),
      snapshot: catchUp?.snapshot ?? this.logFollower.watermark.snapshot,
      accountSeq: this.ownLog.position,
      catchUp: catchUp?.catchUp ?? null,
      moved: catchUp?.moved ?? this.movedRooms(),
    };
    return encodeInboxCursor(position, () => this.known.sorted);
  }

  rightsIn(roomId: number): Rights | null {
    return this.follows(roomId) ? (this.rooms.get(roomId)?.rights.now ?? null) : null;
  }

  unreadIn(roomId: number): Unread | null {
    return this.countsUnread && this.follows(roomId) ? (this.rooms.unread?.get(roomId) ?? null) : null;
  }

  unreadTotals(): UnreadTotals | null {
    return this.countsUnread ? (this.rooms.unread?.totals ?? null) : null;
  }

  close(): void {
    this.isClosed = true;
    this.reading.close();
    this.ownLog.close();
    for (const reader of this.readers.values()) reader.close();
    for (const roomId of this.known.sorted) if (!this.absent.has(roomId)) this.rooms.unfollow(roomId);
    if (this.granted !== null) this.rooms.unfollow(this.granted);
    this.rooms.leave(this, this.known);
  }

  onAppended(roomId: number, before: number): void {
    if (!this.follows(roomId) || this.ended.has(roomId)) return;
    if (!this.readers.has(roomId)) this.read(roomId, before);
    this.wakeRoom(roomId);
  }

  // -- rooms ----------------------------------------------------------------------------------

  private follows(roomId: number): boolean {
    return roomId === this.granted || (this.known.has(roomId) && !this.absent.has(roomId));
  }

  /** Follows a room, with a position of its own where it needs one. Returns `isPlanned`. */
  private follow(opened: OpenedRoom, isPlanned: boolean): boolean {
    const { roomId, position } = opened;
    const { level } = this.rooms.follow(opened);
    if (isPlanned || position !== level) this.read(roomId, position);
    return isPlanned;
  }

  private read(roomId: number, position: number): void {
    const room = this.rooms.get(roomId);
    if (!room) throw new Error(`room ${roomId} is not followed`);
    const reader = new RoomReader(this.logFollower, room.follower, position);
    reader.onWake = () => this.wakeRoom(roomId);
    this.readers.set(roomId, reader);
    this.awake.add(roomId);
  }

  private readerOf(roomId: number): RoomReader {
    const reader = this.readers.get(roomId);
    if (!reader) throw new Error(`room ${roomId} is not read`);
    return reader;
  }

  private wakeRoom(roomId: number): void {
    this.awake.add(roomId);
    this.onWake();
  }

  /** Stands where the set of rooms does again, if there is nothing to take. */
  private stopReading(roomId: number, reader: RoomReader): void {
    const isLevel = reader.isLevel && reader.position === this.rooms.get(roomId)?.level;
    if (isLevel && !this.plan && !this.ended.has(roomId)) this.readers.delete(roomId);
  }

  private endPlan(): void {
    this.plan = null;
    for (const [roomId, reader] of this.readers) this.stopReading(roomId, reader);
  }

  private takeRoom(): SourceItem | null {
    for (const roomId of this.awake) {
      this.awake.delete(roomId);
      const item = this.takeFrom(roomId);
      if (item) return item;
    }
    return null;
  }

  private takeFrom(roomId: number): SourceItem | null {
    const reader = this.readers.get(roomId);
    if (!reader || this.ended.has(roomId)) return null;
    const event = reader.take();
    if (event === 'trimmed') return resync('CURSOR_EXPIRED');
    if (event) this.apply(event);
    this.stopReading(roomId, reader);
    if (event === null) return null; // the follower or the fetched page wakes the room again
    if (this.readers.has(roomId)) this.awake.add(roomId); // at the end of the line: no room waits for another that never ends
    if (event.roomSeq >= (this.backlog.get(roomId) ?? Infinity)) this.backlog.delete(roomId);
    return this.itemOf(event);
  }

  private apply(event: RoomEvent): void {
    if (this.logFollower.registry.endsAccess(event, this.userId)) this.ended.add(event.roomId);
    this.rooms.get(event.roomId)?.rights.apply(event);
  }

  private itemOf(event: RoomEvent): RoomItem {
    return { kind: event.kind, event, epoch: this.epoch, cursor: this.cursor() };
  }

  // -- the own log ----------------------------------------------------------------------------

  private takeAccount(): SourceItem | null {
    const event = this.ownLog.next;
    if (event === null) return null;
    if (event === 'trimmed') return resync('CURSOR_EXPIRED');
    if (event.access === 'lost') return this.takeLost(event);
    if (event.access === 'granted') return this.takeGranted(event);
    if (this.isUncounted(event)) {
      this.reading.begin(() => this.recount());
      return null;
    }
    return this.advance(event);
  }

  /** Everything of the room up to the loss comes first. */
  private takeLost(event: AccountEvent): SourceItem | null {
    const { roomId } = event;
    if (this.follows(roomId)) {
      if (!this.ended.has(roomId) && this.positionIn(roomId) < event.roomSeq) return this.takeFrom(roomId);
      this.readers.get(roomId)?.close();
      this.rooms.unfollow(roomId);
    }
    this.readers.delete(roomId);
    this.ended.delete(roomId);
    this.absent.delete(roomId);
    this.backlog.delete(roomId);
    return this.advance(event);
  }

  private positionIn(roomId: number): number {
    return this.readers.get(roomId)?.position ?? this.rooms.get(roomId)?.level ?? 0;
  }

  private takeGranted(event: AccountEvent): SourceItem | null {
    const { granted, roomId } = event;
    const isFollowed = this.follows(roomId);
    if (granted && !isFollowed) {
      this.reading.begin(() => this.followGranted(event, granted));
      return null;
    }
    this.granted = null;
    // What was lost again since is only told, not shown.
    if (!isFollowed) this.absent.add(roomId);
    return this.advance(event);
  }

  /** The room is shown only once the node's watermark covers it: until then no cursor could name a place in it. */
  private async followGranted(
    { roomId, roomSeq, accountSeq }: AccountEvent,
    granted: RightsAt,
  ): Promise<void> {
    const { rooms, epoch } = await readHeadsOf(this.logFollower.options.sql, [roomId], []);
    const head = rooms[0] ?? 0;
    const follower = this.logFollower.followRoom(roomId, head, epoch);
    try {
      await this.logFollower.cover([follower]);
      if (this.countsUnread) await this.rooms.unread?.load([follower]);
      if (this.isClosed) return this.rooms.forgetUnread(roomId);
      this.granted = roomId;
      this.absent.delete(roomId);
      this.follow({ ...granted, roomId, from: roomSeq, position: roomSeq - 1 }, false);
      if (accountSeq <= this.openedAt && roomSeq <= head) this.backlog.set(roomId, head);
    } finally {
      follower.release();
    }
  }

  private isUncounted({ changesUnread, accountSeq }: AccountEvent): boolean {
    return changesUnread && this.countsUnread && accountSeq > this.countedSeq;
  }

  /** Before the event is shown: whatever comes behind it shows numbers that know of it. */
  private async recount(): Promise<void> {
    const changed = this.ownLog.upcoming.filter((event) => this.isUncounted(event));
    const last = changed.at(-1)?.accountSeq ?? 0;
    await this.rooms.recountUnread(new Set(changed.map(({ roomId }) => roomId)), last);
    this.countedSeq = last;
  }

  private advance(event: AccountEvent): SourceItem {
    this.ownLog.advance();
    if (this.countsUnread) this.rooms.coverUnread(event.accountSeq);
    this.known = this.rooms.knownAfter(this.known, event);
    return { kind: event.kind, event, cursor: this.cursor() };
  }

  // -- the cursor -----------------------------------------------------------------------------

  private movedRooms(): [number, number][] {
    const entries: [number, number][] = [];
    // A granted room is not part of the set yet: a cursor cannot name it, and its grant will place it.
    const add = (roomId: number, offset: number) => {
      if (offset !== 0 && this.known.has(roomId) && roomId !== this.granted) entries.push([roomId, offset]);
    };
    for (const [roomId, offset] of this.rooms.movedRooms())
      if (this.follows(roomId) && !this.readers.has(roomId)) add(roomId, offset);
    for (const [roomId, reader] of this.readers) add(roomId, this.offsetOf(roomId, reader));
    return entries.sort((a, b) => a[0] - b[0]);
  }

  private offsetOf(roomId: number, { position }: RoomReader): number {
    const room = this.rooms.get(roomId);
    return room ? this.rooms.offsetOf(room, position) : 0;
  }
}

/** Known rooms that cannot be read now. */
function absentIn({ known, rooms }: InboxOpening): readonly number[] {
  if (known.length === rooms.length) return [];
  const readable = new Set(rooms.map(({ roomId }) => roomId));
  return known.filter((roomId) => !readable.has(roomId));
}

/** Whether the backlog has to pass through a room: it has something of it, or the cursor names it. */
function isPlanned({ roomId, position }: OpenedRoom, { phases }: InboxOpening): boolean {
  return phases.some(
    ({ start, target }) => (start.get(roomId) ?? 0) !== position || (target.get(roomId) ?? 0) !== position,
  );
}
