import type { AccountEvent } from '../kinds.ts';

/**
 * The set of rooms that a user knew at a position in the user's own log, including lost rooms whose loss comes after
 * the position. Cursors refer to it. Streams at the same position share it.
 */
export class KnownRooms {
  accountSeq: number;
  private readonly ids: Set<number>;
  private sortedIds: readonly number[] | null = null;
  /** The number of streams that use it. */
  users = 0;

  constructor(accountSeq: number, ids: Iterable<number>) {
    this.accountSeq = accountSeq;
    this.ids = new Set(ids);
  }

  has(roomId: number): boolean {
    return this.ids.has(roomId);
  }

  get sorted(): readonly number[] {
    this.sortedIds ??= [...this.ids].sort((a, b) => a - b);
    return this.sortedIds;
  }

  /** Returns the set one event later. It changes in place if no other stream uses it. */
  after({ accountSeq, roomId, access }: AccountEvent): KnownRooms {
    const next = this.users > 1 ? new KnownRooms(accountSeq, this.ids) : this;
    next.accountSeq = accountSeq;
    if (access === 'unchanged') return next;
    next.sortedIds = null;
    if (access === 'granted') next.ids.add(roomId);
    else next.ids.delete(roomId);
    return next;
  }
}
