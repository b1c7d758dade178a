import type { Entry } from './history.ts';

/** What must hold, by its number in docs/reliability.md. */
export const invariants = [
  'I1',
  'I2',
  'I3',
  'I4',
  'I5',
  'I6',
  'I7',
  'I8',
  'I9',
  'I10',
  'I11',
  'I12',
  'I13',
  'I14',
  'I15',
  'I16',
  'I17',
  'I18',
  'I19',
] as const;
export type Invariant = (typeof invariants)[number];

export interface Violation {
  readonly invariant: Invariant;
  readonly says: string;
  readonly t: number;
  readonly client?: string;
  readonly room?: number;
}

/** Where the parts of the checker report; `about` says what a reader of the history should look at. */
export type Blame = (invariant: Invariant, entry: { t: number }, says: string, about?: About) => void;
export interface About {
  readonly client?: string;
  readonly room?: number;
}

/** What was measured while the head of one room was locked. */
export interface NeighbourFigures {
  /** Posts, edits and deletions in other rooms. */
  readonly calls: number;
  readonly late: number;
  readonly maxMs: number;
  readonly boundMs: number;
  /** Calls into the locked room that got no answer at all. */
  readonly unanswered: number;
}

/** What SDK clients stored at the end and was compared. */
export interface StoreFigures {
  readonly clients: number;
  readonly rooms: number;
  readonly members: number;
  readonly messages: number;
  /** Messages that outboxes took. */
  readonly accepted: number;
  readonly failed: number;
}

export interface Verdict {
  readonly violations: readonly Violation[];
  readonly posts: number;
  readonly deliveries: number;
  readonly resyncs: number;
  /** Acknowledged posts that a promotion or an old backup took back. */
  readonly takenBack: number;
  readonly lockedNeighbours: NeighbourFigures;
  /** What SDK clients stored in the end, compared with fresh snapshots. */
  readonly stores: StoreFigures;
}

const SLICE_MS = 4_000;
const SLICE_LENGTH = 24;

/** The part of a history that a violation is about: its client and its room, shortly before and after. */
export function sliceOf(history: Iterable<Entry>, { t, client, room }: Violation): Entry[] {
  const slice: Entry[] = [];
  for (const entry of history) {
    if (entry.t < t - SLICE_MS || entry.t > t + 500) continue;
    if (entry.f === 'truth' || entry.f === 'end') continue;
    const isClient = client === undefined || !('client' in entry) || entry.client === client;
    const isRoom = room === undefined || !('room' in entry) || entry.room === room;
    if (isClient && isRoom) slice.push(entry);
  }
  return slice.slice(-SLICE_LENGTH);
}
