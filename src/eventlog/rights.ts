import { type Rights, type RightsAt, type RoomEvent, rightsNow, type StoredRights } from './kinds.ts';
import type { EventRegistry } from './registry.ts';

/**
 * One user's rights in a room, as of the last applied event or later, never earlier. They are read when the room is
 * followed first, and then updated by its events, so they need no further read.
 */
export class FollowedRights {
  private readonly registry: EventRegistry;
  private readonly userId: number;
  /** The number of the last event that could have changed them; at first, the last event at the time of the read. */
  private asOf: number;
  private stored: StoredRights | null = null;
  private current: Rights | null = null;
  /** When a timeout ends, in ms since 1970. */
  private changesAt = Number.POSITIVE_INFINITY;

  constructor(registry: EventRegistry, userId: number, { rights, head }: RightsAt) {
    this.registry = registry;
    this.userId = userId;
    this.asOf = head;
    this.store(rights);
  }

  /** Returns the same object until the rights change. */
  get now(): Rights | null {
    if (this.changesAt !== Number.POSITIVE_INFINITY && this.changesAt <= Date.now()) this.store(this.stored);
    return this.current;
  }

  apply(event: RoomEvent): void {
    if (event.roomSeq <= this.asOf) return;
    this.asOf = event.roomSeq;
    const after = this.registry.rightsAfter(this.stored, event, this.userId);
    if (after !== this.stored) this.store(after);
  }

  private store(rights: StoredRights | null): void {
    this.stored = rights;
    this.current = rights && rightsNow(rights);
    this.changesAt = (this.current?.isTimedOut && rights?.timeoutUntil) || Number.POSITIVE_INFINITY;
  }
}
