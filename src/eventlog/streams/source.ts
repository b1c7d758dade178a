import type { RoomFollower } from '../follower/room-follower.ts';
import type { EphemeralItem, Rights, RoomEvent } from '../kinds.ts';
import type { ControlItem, SourceItem } from './items.ts';

/** Where a stream's items come from: a position in a log, not a queue. */
export interface Source {
  /** The next item in order; null when there is none now (`onWake` tells when to look again). May be the last item. */
  take(): SourceItem | null;
  /** The position after the last item taken. */
  cursor(): string;
  /** Everything that had happened when the stream was opened has been taken. */
  readonly isCaughtUp: boolean;
  /** What its owner may do in a room that it shows, as of the last item taken or later; null elsewhere. */
  rightsIn(roomId: number): Rights | null;
  /**
   * Stops following the room by itself, where all that there is has been taken: whoever follows it in its place says by
   * `attach` how far that came. Null where there is no such room, or more to take.
   */
  detach?(): RoomFollower | null;
  attach?(roomSeq: number): void;
  /** Takes note of an event that changes rights, where the room is followed in its place. */
  applyRights?(event: RoomEvent): void;
  /** The stream's own listener, set by it. */
  onWake: () => void;
  /** What goes beside its items; the stream closes it. */
  readonly ephemeral?: EphemeralSource | null;
  close(): void;
}

/**
 * Ephemeral items of a stream. It holds no queue: `take` gives the current state, if that is not what was taken last. So
 * a slow client gets the latest, and costs no memory.
 */
export interface EphemeralSource {
  readonly hasNews: boolean;
  take(): EphemeralItem | null;
  /** The stream's own listener, set by it. */
  onWake: () => void;
  close(): void;
}

/** A stream that has nothing to give but the reason why. */
export class OneItem implements Source {
  onWake: () => void = () => undefined;
  readonly isCaughtUp = false;
  private readonly item: ControlItem;

  constructor(item: ControlItem) {
    this.item = item;
  }
  take(): SourceItem {
    return this.item;
  }
  cursor(): string {
    return '';
  }
  rightsIn(): null {
    return null;
  }
  close(): void {
    // holds nothing
  }
}
