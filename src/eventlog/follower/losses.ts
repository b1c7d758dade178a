import { type Heads, parseSnapshot } from '../log.ts';

/** How far rooms and accounts are known to go, in the order asked. */
export interface Reached {
  readonly rooms: readonly Known[];
  readonly accounts: readonly Known[];
  /** Transactions before it that wrote to rooms are on disk. */
  readonly xmax: number;
}

interface Known {
  readonly id: number;
  readonly last: number;
}

/** What the database has lost of what was there before it was asked; null if nothing. */
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
