import { type Heads, parseSnapshot } from '../log.ts';

/** The known heads of rooms and accounts, in the order of the request. */
export interface Reached {
  readonly rooms: readonly Known[];
  readonly accounts: readonly Known[];
  /** Earlier transactions that wrote to rooms are on disk. */
  readonly xmax: number;
}

interface Known {
  readonly id: number;
  readonly last: number;
}

/** Describes which data of `before` the database has lost; null if none. */
export function lossIn(heads: Heads, before: Reached): string | null {
  const { xmax } = parseSnapshot(heads.snapshot);
  return (
    lostOf('room', before.rooms, heads.rooms) ??
    lostOf('account', before.accounts, heads.accounts) ??
    (xmax < before.xmax ? `the next transaction went from ${before.xmax} to ${xmax}` : null)
  );
}

function lostOf(what: string, known: readonly Known[], now: readonly number[]): string | null {
  const index = known.findIndex(({ last }, i) => (now[i] ?? 0) < last);
  const lost = known[index];
  return lost ? `${what} ${lost.id} went from ${lost.last} to ${now[index] ?? 0}` : null;
}
