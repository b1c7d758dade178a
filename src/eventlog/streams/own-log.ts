import type { AccountFollower } from '../follower/account-follower.ts';
import type { LogFollower } from '../follower/log-follower.ts';
import type { AccountEvent } from '../kinds.ts';
import { BackgroundWork } from './background-work.ts';
import type { InboxOpening } from './inbox-opening.ts';
import type { InboxRooms } from './inbox-rooms.ts';

/** A position in the log of one account. */
export class OwnLog {
  /** Of the last event that was taken. */
  position: number;
  private readonly rooms: InboxRooms;
  private readonly follower: AccountFollower;
  private readonly unlisten: () => void;
  private readonly reading: BackgroundWork;
  private pending: AccountEvent[] = [];
  private seenHints = -1;

  constructor(logFollower: LogFollower, rooms: InboxRooms, opening: InboxOpening, onWake: () => void) {
    const { userId, accountSeq, accountHead, epoch } = opening;
    this.position = accountSeq;
    this.rooms = rooms;
    this.reading = new BackgroundWork(logFollower.options.log, onWake);
    this.follower = logFollower.followAccount(userId, accountHead, epoch);
    this.unlisten = this.follower.listen(onWake);
  }

  /** The event after the position; null if there is none now, `trimmed` if the log no longer has it. */
  get next(): AccountEvent | 'trimmed' | null {
    const event = this.pending[0];
    if (event) return event.accountSeq === this.position + 1 ? event : 'trimmed';
    if (this.seenHints !== this.follower.hints || this.follower.head > this.position)
      this.reading.begin(() => this.fetch());
    return null;
  }

  /** Events behind the position, as far as they were read. */
  get upcoming(): readonly AccountEvent[] {
    return this.pending;
  }

  /** The next event was taken. */
  advance(): void {
    this.position = this.pending.shift()?.accountSeq ?? this.position;
  }

  close(): void {
    this.reading.close();
    this.unlisten();
    this.follower.release();
  }

  private async fetch(): Promise<void> {
    const { hints } = this.follower;
    this.pending = [...(await this.rooms.readAccount(this.position, hints))];
    this.seenHints = hints;
    const last = this.pending.at(-1)?.accountSeq ?? this.position;
    if (last > this.follower.head) this.follower.head = last;
  }
}
