import {
  type MemberFacts,
  type Rights,
  type RightsAt,
  type RoomEvent,
  rightsNow,
  type StoredRights,
} from './kinds.ts';

/**
 * One person's rights in a room, as of the event that was last heeded or later, never earlier: as they were read when
 * the room began to be followed, then as its events say. So nothing is asked of the database to know them.
 */
export class RightsNow {
  private readonly userId: number;
  /** The number of the last event that could have changed them; at first of the last one that they were read with. */
  private asOf: number;
  private stored: StoredRights | null = null;
  private current: Rights | null = null;
  /** When a timeout ends, in ms since 1970. */
  private changesAt = Number.POSITIVE_INFINITY;

  constructor(userId: number, { rights, head }: RightsAt) {
    this.userId = userId;
    this.asOf = head;
    this.store(rights);
  }

  /** The same object until something changes. */
  get now(): Rights | null {
    if (this.changesAt !== Number.POSITIVE_INFINITY && this.changesAt <= Date.now()) this.store(this.stored);
    return this.current;
  }

  heed(event: RoomEvent): void {
    if (event.message !== null || event.roomSeq <= this.asOf) return;
    this.asOf = event.roomSeq;
    const after = this.after(event);
    if (after !== this.stored) this.store(after);
  }

  private store(rights: StoredRights | null): void {
    this.stored = rights;
    this.current = rights && rightsNow(rights);
    this.changesAt = (this.current?.isTimedOut && rights?.timeoutUntil) || Number.POSITIVE_INFINITY;
  }

  private after({ kind, subject, facts }: RoomEvent): StoredRights | null {
    const { stored } = this;
    if (kind === 'RoomDeleted') return null;
    if (kind === 'RoomArchived') return stored && { ...stored, isArchived: true };
    if (subject !== this.userId) return stored;
    if (kind === 'MemberLeft') return null;
    if (kind !== 'MemberJoined' && kind !== 'MemberUpdated') return stored;
    const { role, permissions, timeoutUntil = null } = facts as MemberFacts;
    return { role, permissions, isArchived: stored?.isArchived ?? false, timeoutUntil };
  }
}
