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

  /** The set one event later: itself, changed, where nobody else holds it. */
  after(accountSeq: number, roomId: number, isKnown: boolean): KnownRooms {
    const next = this.users > 1 ? new KnownRooms(accountSeq, this.ids) : this;
    next.accountSeq = accountSeq;
    next.sortedIds = null;
    if (isKnown) next.ids.add(roomId);
    else next.ids.delete(roomId);
    return next;
  }
}
