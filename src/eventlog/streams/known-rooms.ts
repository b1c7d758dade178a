import type { AccountEvent } from '../kinds.ts';

/**
 * The set of rooms that a person knew of at a position in the own log, lost ones included that the position does not
 * tell of yet: cursors refer to it. Streams that stand at the same position share it.
 */
export class KnownRooms {
  accountSeq: number;
  private readonly ids: Set<number>;
  private sortedIds: readonly number[] | null = null;
  /** Streams that hold it. */
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

  /** The set one event later: itself, changed, where no other stream holds it. */
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
