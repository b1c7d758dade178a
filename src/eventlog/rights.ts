import type { MemberFacts, Rights, RightsAt, RoomEvent } from './kinds.ts';

/**
 * One person's rights in a room, as of the event that was last heeded or later, never earlier: as they were read when
 * the room began to be followed, then as its events say. So nothing is asked of the database to know them.
 */
export class RightsNow {
  now: Rights | null;
  private readonly userId: number;
  private readonly readAt: number;

  constructor(userId: number, { rights, head }: RightsAt) {
    this.userId = userId;
    this.now = rights;
    this.readAt = head;
  }

  heed(event: RoomEvent): void {
    if (event.message === null && event.roomSeq > this.readAt) this.now = this.after(event);
  }

  private after({ kind, subject, facts }: RoomEvent): Rights | null {
    const { now } = this;
    if (kind === 'RoomDeleted') return null;
    if (kind === 'RoomArchived') return now && { ...now, isArchived: true };
    if (subject !== this.userId) return now;
    if (kind === 'MemberLeft') return null;
    if (kind !== 'MemberJoined' && kind !== 'MemberUpdated') return now;
    const { role, permissions } = facts as MemberFacts;
    return { role, permissions, isArchived: now?.isArchived ?? false };
  }
}
