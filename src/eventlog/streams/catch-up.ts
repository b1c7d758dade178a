import type { CatchUp, InboxPosition } from '../cursors/inbox-cursor.ts';
import type { LogFollower } from '../follower/log-follower.ts';
import type { RoomEvent } from '../kinds.ts';
import { PAGE_LENGTH, type Snapshot, type Stretch } from '../log.ts';
import type { RoomReader } from './room-source.ts';

/** One phase of a catch-up: from the positions at `from` to those at `to`. */
export interface Phase {
  readonly from: Snapshot;
  readonly to: Snapshot;
  /** The position of each room at `from`; the cursor counts from it. */
  readonly start: ReadonlyMap<number, number>;
  /** The position of each room at `to`. */
  readonly target: ReadonlyMap<number, number>;
}

type Position = Pick<InboxPosition, 'snapshot' | 'moved'> & { readonly catchUp: CatchUp };

/**
 * The backlog of an inbox, room by room in ascending order, so that the cursor in the midst of it stays tiny: the old
 * snapshot, the new one, and the room that the boundary runs through. A catch-up that was broken off is finished to
 * its own target first; then comes a second one to the present.
 */
export class CatchUpPlan {
  private readonly logFollower: LogFollower;
  private readonly phases: readonly Phase[];
  private readonly readers: ReadonlyMap<number, RoomReader>;
  private readonly order: number[];
  private phase = 0;
  private at = 0;
  /** Rooms at another position than that of `from` when the phase began. */
  private moved: (readonly [number, number])[] = [];
  /** The first room of `order` that no page was fetched for. */
  private fetchedTo = 0;
  private isFetching = false;

  constructor(logFollower: LogFollower, phases: readonly Phase[], readers: ReadonlyMap<number, RoomReader>) {
    this.logFollower = logFollower;
    this.phases = phases;
    this.readers = readers;
    this.order = [...readers.keys()].sort((a, b) => a - b);
    this.begin();
  }

  take(): RoomEvent | 'trimmed' | 'waiting' | 'done' {
    for (;;) {
      const roomId = this.order[this.at];
      if (roomId === undefined) {
        this.phase++;
        if (this.phase === this.phases.length) return 'done';
        this.begin();
        continue;
      }
      if (this.isFetching) return 'waiting';
      const reader = this.reader(roomId);
      if (reader.position >= this.target(roomId)) {
        this.at++;
        continue;
      }
      if (this.at >= this.fetchedTo && reader.follower.get(reader.position + 1) === undefined) {
        void this.fetch();
        return 'waiting';
      }
      return reader.take() ?? 'waiting';
    }
  }

  /** The position, or null when the catch-up is over. */
  position(): Position | null {
    const phase = this.phases[this.phase];
    if (!phase) return null;
    const roomId = this.order[this.at] ?? this.order.at(-1) ?? 1;
    const offset = this.readers.has(roomId)
      ? this.reader(roomId).position - (phase.start.get(roomId) ?? 0)
      : 0;
    return {
      snapshot: phase.from,
      catchUp: { to: phase.to, roomId, offset },
      moved: [...this.beyond(roomId), ...this.moved.filter(([id]) => id > roomId)],
    };
  }

  private begin(): void {
    const start = this.phases[this.phase]?.start;
    this.at = 0;
    this.fetchedTo = 0;
    this.moved = this.order
      .map((roomId) => [roomId, this.reader(roomId).position - (start?.get(roomId) ?? 0)] as const)
      .filter(([, offset]) => offset !== 0);
  }

  /** Finished rooms that already stood beyond the target: their surplus must not be forgotten. */
  private beyond(boundary: number): (readonly [number, number])[] {
    return this.moved
      .filter(([roomId]) => roomId < boundary)
      .map(([roomId]) => [roomId, this.reader(roomId).position - this.target(roomId)] as const)
      .filter(([, offset]) => offset !== 0);
  }

  private reader(roomId: number): RoomReader {
    const reader = this.readers.get(roomId);
    if (!reader) throw new Error(`room ${roomId} is not in the plan`);
    return reader;
  }

  private target(roomId: number): number {
    return this.phases[this.phase]?.target.get(roomId) ?? 0;
  }

  /** Fetches one page over as many rooms as fit, so that short rooms do not cost a statement each. */
  private async fetch(): Promise<void> {
    this.isFetching = true;
    const first = this.at;
    const stretches: Stretch[] = [];
    let total = 0;
    for (
      this.fetchedTo = first;
      this.fetchedTo < this.order.length && total < PAGE_LENGTH;
      this.fetchedTo++
    ) {
      const roomId = this.order[this.fetchedTo] as number;
      const after = this.reader(roomId).position;
      const last = Math.min(this.target(roomId), after + PAGE_LENGTH - total);
      if (last > after) stretches.push({ roomId, after, last });
      total += Math.max(0, last - after);
    }
    // If this fails, each reader fetches for itself, and waits for the database.
    const events = await this.logFollower.replayMany(stretches).catch(() => []);
    this.isFetching = false;
    for (const { roomId } of stretches)
      this.reader(roomId).preload(events.filter((event) => event.roomId === roomId));
    this.reader(this.order[first] as number).onWake();
  }
}
