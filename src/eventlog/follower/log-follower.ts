import type { RoomEvent } from '../kinds.ts';
import { readLog, readLogs, type Stretch } from '../log.ts';
import type { EventRegistry } from '../registry.ts';
import type { AccountFollower } from './account-follower.ts';
import type { RoomNews } from './announcement.ts';
import { Announcer } from './announcer.ts';
import { Epoch } from './epoch.ts';
import { Followers } from './followers.ts';
import { HeadPoll, type HeadPollOptions, type Watermark } from './head-poll.ts';
import { Replays } from './replays.ts';
import type { RoomFollower } from './room-follower.ts';

export type LogFollowerOptions = HeadPollOptions;

/**
 * The event log as one node follows it: followers of rooms and accounts, woken by announcements and by the head poll.
 */
export class LogFollower {
  readonly options: LogFollowerOptions;
  readonly registry: EventRegistry;
  private readonly dataEpoch = new Epoch();
  private readonly followers: Followers;
  private readonly announcer: Announcer;
  private readonly poll: HeadPoll;
  private readonly replays = new Replays();

  constructor(options: LogFollowerOptions) {
    this.options = options;
    this.registry = options.registry;
    const log = {
      registry: options.registry,
      read: (roomId: number, after: number) => this.readRoom(roomId, after, 'tail'),
      onFailure: (roomId: number, error: Error) =>
        options.log.warn({ roomId, err: error.message }, 'a follower could not read its log'),
    };
    this.followers = new Followers(this.dataEpoch, log, options.metrics);
    this.announcer = new Announcer(options, this.dataEpoch, this.followers);
    this.poll = new HeadPoll(options, this.dataEpoch, this.followers, this.announcer);
  }

  async start(): Promise<void> {
    this.announcer.listen(() => {
      if (this.dataEpoch.doubt()) this.poll.checkSoon(0);
    });
    await this.poll.start();
  }

  close(): void {
    this.poll.close();
    this.followers.clear();
  }

  /** Identifies the data as long as its numbers continue; cursors carry it. */
  get epoch(): number {
    return this.dataEpoch.current;
  }

  get watermark(): Watermark {
    return this.poll.watermark;
  }

  /** The time by the clock of the database, in ms since 1970. */
  now(): number {
    return this.poll.clock.now();
  }

  /** See `Epoch.onChange`. */
  onEpochChange(listener: () => void): () => void {
    return this.dataEpoch.onChange(listener);
  }

  /** See `Epoch.onDoubt`. */
  onDoubt(listener: (reason: string) => void): void {
    this.dataEpoch.onDoubt(listener);
  }

  /** See `Followers.followRoom`. */
  followRoom(roomId: number, head: number, epoch: number): RoomFollower {
    return this.followers.followRoom(roomId, head, epoch);
  }

  /** See `Followers.followAccount`. */
  followAccount(userId: number, head: number, epoch: number): AccountFollower {
    return this.followers.followAccount(userId, head, epoch);
  }

  /** See `HeadPoll.check`. */
  check(): Promise<void> {
    return this.poll.check();
  }

  /** See `HeadPoll.cover`. */
  cover(followers: readonly RoomFollower[]): Promise<void> {
    return this.poll.cover(followers);
  }

  /** See `HeadPoll.enterEpoch`. */
  enterEpoch(epoch: number): Promise<void> {
    return this.poll.enterEpoch(epoch);
  }

  announceRoom(roomId: number, head: number, events: readonly RoomEvent[] = []): void {
    this.announcer.announceRooms([{ roomId, head, events }]);
  }

  /** See `Announcer.announceRooms`. */
  announceRooms(news: readonly RoomNews[]): void {
    this.announcer.announceRooms(news);
  }

  /** See `Announcer.announceAccounts`. */
  announceAccounts(userIds: readonly number[]): void {
    this.announcer.announceAccounts(userIds);
  }

  /** A page of the log, older than the recent events. Readers that come back to the same place share it. */
  replay(roomId: number, after: number): Promise<readonly RoomEvent[]> {
    return this.replays.get(`${this.epoch} ${roomId} ${after}`, () => this.readRoom(roomId, after, 'replay'));
  }

  /** The same for several rooms, in one statement. */
  replayMany(stretches: readonly Stretch[]): Promise<readonly RoomEvent[]> {
    const key = stretches.map(({ roomId, after, last }) => `${roomId} ${after} ${last}`).join();
    return this.replays.get(`${this.epoch} ${key}`, () => {
      this.options.metrics.logReads.inc({ reason: 'replay' });
      return readLogs(this.options.sql, this.registry, stretches);
    });
  }

  private readRoom(roomId: number, after: number, reason: string): Promise<RoomEvent[]> {
    this.options.metrics.logReads.inc({ reason });
    return readLog(this.options.sql, this.registry, roomId, after);
  }
}
