import type { Metrics } from '../../platform/telemetry.ts';
import { AccountFollower } from './account-follower.ts';
import type { Epoch } from './epoch.ts';
import { type FollowerLog, RoomFollower } from './room-follower.ts';

/** The followed rooms and accounts of a node: one follower for each, shared by all its streams. */
export class Followers {
  readonly rooms = new Map<number, RoomFollower>();
  readonly accounts = new Map<number, AccountFollower>();
  private readonly epoch: Epoch;
  private readonly log: FollowerLog;
  private readonly metrics: Metrics;

  constructor(epoch: Epoch, log: FollowerLog, metrics: Metrics) {
    this.epoch = epoch;
    this.log = log;
    this.metrics = metrics;
  }

  /**
   * Follows a room from `head`, which the caller read in `epoch`. The follower is closed from the start if that epoch
   * has ended. Call `release()` on the result when done.
   */
  followRoom(roomId: number, head: number, epoch: number): RoomFollower {
    if (epoch !== this.epoch.current) return RoomFollower.closed(epoch, roomId, head, this.log);
    const follower = this.rooms.get(roomId) ?? this.addRoom(roomId, head, epoch);
    follower.retain();
    follower.want(head);
    return follower;
  }

  /** The same for a user's own log. */
  followAccount(userId: number, head: number, epoch: number): AccountFollower {
    if (epoch !== this.epoch.current) return AccountFollower.closed(userId, head);
    const follower = this.accounts.get(userId) ?? this.addAccount(userId, head);
    follower.retain();
    follower.want(head);
    return follower;
  }

  /** Closes all followers of the old epoch. */
  clear(): void {
    const all = [...this.rooms.values(), ...this.accounts.values()];
    this.rooms.clear();
    this.accounts.clear();
    for (const follower of all) follower.close();
    this.count();
  }

  private addRoom(roomId: number, head: number, epoch: number): RoomFollower {
    const follower = new RoomFollower(epoch, roomId, head, this.log, () => {
      this.rooms.delete(roomId);
      this.count();
    });
    this.rooms.set(roomId, follower);
    this.count();
    return follower;
  }

  private addAccount(userId: number, head: number): AccountFollower {
    const follower = new AccountFollower(userId, head, () => this.accounts.delete(userId));
    this.accounts.set(userId, follower);
    return follower;
  }

  private count(): void {
    this.metrics.followedRooms.set(this.rooms.size);
  }
}
