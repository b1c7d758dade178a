import type { Metrics } from '../../platform/telemetry.ts';
import type { Epoch } from './epoch.ts';
import { AccountTail, RoomTail, type TailLog } from './tail.ts';

/** The rooms and accounts that a node follows: one follower for each, shared by all its watchers. */
export class Followers {
  readonly rooms = new Map<number, RoomTail>();
  readonly accounts = new Map<number, AccountTail>();
  private readonly epoch: Epoch;
  private readonly log: TailLog;
  private readonly metrics: Metrics;

  constructor(epoch: Epoch, log: TailLog, metrics: Metrics) {
    this.epoch = epoch;
    this.log = log;
    this.metrics = metrics;
  }

  /**
   * Follows a room from `head`, which the caller read in `epoch`. Closed at once where that epoch has ended.
   * Call `release()` on the result when done.
   */
  followRoom(roomId: number, head: number, epoch: number): RoomTail {
    if (epoch !== this.epoch.current) return RoomTail.closed(epoch, roomId, head, this.log);
    const follower = this.rooms.get(roomId) ?? this.addRoom(roomId, head, epoch);
    follower.retain();
    follower.want(head);
    return follower;
  }

  /** The same for a user's own log. */
  followAccount(userId: number, head: number, epoch: number): AccountTail {
    if (epoch !== this.epoch.current) return AccountTail.closed(userId, head);
    const follower = this.accounts.get(userId) ?? this.addAccount(userId, head);
    follower.retain();
    follower.want(head);
    return follower;
  }

  /** Closes all. Nothing of the old epoch is left. */
  clear(): void {
    const all = [...this.rooms.values(), ...this.accounts.values()];
    this.rooms.clear();
    this.accounts.clear();
    for (const follower of all) follower.close();
    this.count();
  }

  private addRoom(roomId: number, head: number, epoch: number): RoomTail {
    const follower = new RoomTail(epoch, roomId, head, this.log, () => {
      this.rooms.delete(roomId);
      this.count();
    });
    this.rooms.set(roomId, follower);
    this.count();
    return follower;
  }

  private addAccount(userId: number, head: number): AccountTail {
    const follower = new AccountTail(userId, head, () => this.accounts.delete(userId));
    this.accounts.set(userId, follower);
    return follower;
  }

  private count(): void {
    this.metrics.tails.set(this.rooms.size);
  }
}
