import { setTimeout as delay } from 'node:timers/promises';
import { type ChangeOutcome, changeStatus, type LockMode, type PendingChange } from './kind.ts';
import { unavailable } from './outcomes.ts';

interface Queued extends PendingChange {
  readonly resolve: (outcome: ChangeOutcome) => void;
}

export interface BusyRoomsOptions {
  readonly maxBatch: number;
  /** Changes that wait in all busy rooms. More are refused, so that free rooms keep their place. */
  readonly maxChanges: number;
  /** One outcome for each change, in order; BUSY where the room is still locked. Must not throw. */
  readonly make: (batch: readonly PendingChange[], lockMode: LockMode) => Promise<ChangeOutcome[]>;
  readonly onChange: (rooms: number) => void;
}

// Pause after a round without progress, so that a lock that is refused at once causes no busy loop.
const PAUSE_MS = 50;

/**
 * Locked rooms with the changes that wait for their locks, in the order of arrival. They have one database call at a
 * time, so one connection. It alternates between trying all rooms without waiting, and waiting for one of them. A room
 * without waiting changes is no longer busy.
 */
export class BusyRooms {
  private readonly options: BusyRoomsOptions;
  /** The room whose last wait is longest ago comes first. */
  private readonly rooms = new Map<number, Queued[]>();
  private changes = 0;
  private isRunning = false;

  constructor(options: BusyRoomsOptions) {
    this.options = options;
  }

  has(roomId: number): boolean {
    return this.rooms.has(roomId);
  }

  /** Resolves with the outcome, or as unavailable if it does not come in time. */
  add(pending: PendingChange): Promise<ChangeOutcome> {
    if (this.changes >= this.options.maxChanges) return Promise.resolve(unavailable);
    return new Promise((resolve) => {
      const { roomId } = pending.change;
      this.changes++;
      const queued = { ...pending, resolve };
      const queue = this.rooms.get(roomId);
      if (queue) queue.push(queued);
      else this.rooms.set(roomId, [queued]);
      this.options.onChange(this.rooms.size);
      if (!this.isRunning) void this.run();
    });
  }

  private async run(): Promise<void> {
    this.isRunning = true;
    while (this.rooms.size > 0) {
      this.giveUpLate();
      const tried = await this.make(this.shareOfEachRoom(), 'skipping');
      const waited = await this.make(this.changesOfNextRoom(), 'waiting');
      if (tried + waited === 0) await delay(PAUSE_MS);
    }
    this.isRunning = false;
  }

  /** Takes a part of each room's changes, so that no room fills the batch. */
  private shareOfEachRoom(): Queued[] {
    const { maxBatch } = this.options;
    const share = Math.max(1, Math.floor(maxBatch / this.rooms.size));
    return [...this.rooms.values()].flatMap((queue) => queue.slice(0, share)).slice(0, maxBatch);
  }

  /** The changes of the room whose last wait is longest ago. */
  private changesOfNextRoom(): Queued[] {
    const [next] = this.rooms;
    if (!next) return [];
    const [roomId, queue] = next;
    this.rooms.delete(roomId);
    this.rooms.set(roomId, queue);
    return queue.slice(0, this.options.maxBatch);
  }

  /** Returns how many changes have an outcome now. */
  private async make(batch: readonly Queued[], lockMode: LockMode): Promise<number> {
    const outcomes = batch.length > 0 ? await this.options.make(batch, lockMode) : [];
    const settled = new Set<Queued>();
    for (const [i, one] of batch.entries()) {
      const outcome = outcomes[i] ?? unavailable;
      if (outcome.status === changeStatus.BUSY) continue;
      one.resolve(outcome);
      settled.add(one);
    }
    this.remove(settled);
    return settled.size;
  }

  private giveUpLate(): void {
    const late = [...this.rooms.values()].flat().filter(({ deadline }) => deadline.isOver);
    for (const { resolve } of late) resolve(unavailable);
    this.remove(new Set(late));
  }

  private remove(gone: ReadonlySet<Queued>): void {
    if (gone.size === 0) return;
    for (const [roomId, queue] of this.rooms) {
      const left = queue.filter((one) => !gone.has(one));
      if (left.length > 0) this.rooms.set(roomId, left);
      else this.rooms.delete(roomId);
    }
    this.changes -= gone.size;
    this.options.onChange(this.rooms.size);
  }
}
