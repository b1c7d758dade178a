import type { Rows, StreamItem } from '../../packages/client/src/index.ts';

export interface Misfit {
  readonly kind: 'gap' | 'repeat';
  readonly says: string;
}

/** Counts the numbers that the inbox of one SDK client gives of each room, apart from the SDK's own counting. */
export class Continuity {
  private readonly userId: string;
  /** The last number of each room. A room without one begins anywhere. */
  private readonly last = new Map<string, number>();

  constructor(userId: string) {
    this.userId = userId;
  }

  /** Goes on from what a device has stored. */
  restore(rows: Rows): void {
    for (const [key, value] of rows) {
      const { appliedSeq } = value as { appliedSeq?: number | null };
      if (key.startsWith('room\n') && typeof appliedSeq === 'number')
        this.last.set(key.slice('room\n'.length), appliedSeq);
    }
  }

  /** Everything begins anew, with a snapshot. */
  reset(): void {
    this.last.clear();
  }

  /** Takes the next item; returns what is wrong with it. */
  take(item: StreamItem): Misfit | null {
    if ('accountSeq' in item) this.takeAccess(item);
    else if ('roomSeq' in item) return this.takeEvent(item);
    return null;
  }

  private takeAccess(item: Extract<StreamItem, { accountSeq: number }>): void {
    if (item.__typename === 'RoomAccessLost') this.last.delete(item.roomId);
    if (item.__typename === 'RoomAccessGranted' && !this.last.has(item.room.id))
      this.last.set(item.room.id, item.roomSeq - 1);
  }

  private takeEvent(item: Extract<StreamItem, { roomSeq: number }>): Misfit | null {
    if (!('occurredAt' in item)) return null;
    const { id } = item.room;
    const expected = (this.last.get(id) ?? item.roomSeq - 1) + 1;
    this.last.set(id, Math.max(item.roomSeq, expected - 1));
    if (item.__typename === 'RoomDeleted') this.last.delete(id);
    if (item.__typename === 'MemberLeft' && item.user.id === this.userId) this.last.delete(id);
    if (item.roomSeq === expected) return null;
    const says = `${item.__typename} ${item.roomSeq} of ${id} came in place of ${expected}`;
    return { kind: item.roomSeq > expected ? 'gap' : 'repeat', says };
  }
}
