import type { RoomFollower } from '../follower/room-follower.ts';
import type { EphemeralItem, Rights, RoomEvent, Unread, UnreadTotals } from '../kinds.ts';
import type { ControlItem, SourceItem } from './items.ts';

/** The source of a stream's items: a position in a log, not a queue. */
export interface Source {
  /**
   * Returns the next item in order; null if there is none now (`onWake` is called when there may be). It may be the
   * last item.
   */
  take(): SourceItem | null;
  /** The position after the last item taken. */
  cursor(): string;
  /** Whether everything up to the opening of the stream has been taken. */
  readonly isCaughtUp: boolean;
  /** The rights of the viewer in a room that it shows, as of the last taken item or later; null for other rooms. */
  rightsIn(roomId: number): Rights | null;
  /** What its owner has not read, where it keeps count: as of the last item taken or later. */
  unreadIn?(roomId: number): Unread | null;
  unreadTotals?(): UnreadTotals | null;
  /**
   * Stops following the room, if everything has been taken: the new owner of the position reports its progress by
   * `attach`. Returns null if there is no such room, or more to take.
   */
  detach?(): RoomFollower | null;
  attach?(roomSeq: number): void;
  /** Applies an event that changes rights, while the room is followed by the new owner. */
  applyRights?(event: RoomEvent): void;
  /** The stream's own listener, set by it. */
  onWake: () => void;
  /** The source of items beside the log; the stream closes it. */
  readonly ephemeral?: EphemeralSource | null;
  close(): void;
}

/**
 * Ephemeral items of a stream, without a queue: `take` returns the current state, if it differs from the last one. So a
 * slow client gets the latest state, and costs no memory.
 */
export interface EphemeralSource {
  readonly hasNews: boolean;
  take(): EphemeralItem | null;
  /** The stream's own listener, set by it. */
  onWake: () => void;
  close(): void;
}

/** A source whose only item is a reason to end. */
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
    // nothing to release
  }
}
