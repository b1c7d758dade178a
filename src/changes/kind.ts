import type { RoomEvent } from '../eventlog/kinds.ts';
import type { Status } from '../platform/database-codes.ts';
import type { Deadline } from '../platform/deadlines.ts';
import type { Field } from './composite.ts';

/** What somebody wants to change in a room. */
export interface RoomChange {
  readonly roomId: number;
}

/**
 * More values of some changes, in an array of their own. Each row begins with the place of its change in the array of the
 * kind, which is added to what `rows` returns.
 */
export interface Beside<Change> {
  readonly parameter: string;
  readonly type: string;
  rows(change: Change): readonly (readonly Field[])[];
}

/**
 * One kind of batched change. The concept that owns it registers it by passing it to `makeChange`, and adds an array of
 * its type to the SQL function `make_changes`.
 */
export interface ChangeKind<Change extends RoomChange = RoomChange> {
  /** As `change_outcome.kind` has it. */
  readonly name: string;
  /** The parameter of `make_changes` that takes them, and the composite type of its elements. */
  readonly parameter: string;
  readonly type: string;
  /** How many are made in one call with changes of other kinds; alone, MAX_BATCH. */
  readonly mixedLimit: number;
  /** A function that makes a single change in fewer steps. */
  readonly singleFunction?: string;
  readonly beside?: readonly Beside<Change>[];
  /** The values of the composite type, in its order. */
  fields(change: Change): readonly Field[];
  /** The event of a change that was made, with all that showing it takes: other nodes read nothing. Null: the room has none. */
  eventOf(change: Change, outcome: ChangeOutcome): RoomEvent | null;
  /** The user whose own log has grown, too; null where it has not. */
  accountOf?(change: Change): number | null;
}

/** What became of a change: a row of `make_changes`. */
export interface ChangeOutcome {
  readonly status: ChangeStatus;
  /** Of the event; without one, the last number that covers the change. */
  readonly roomSeq: number;
  readonly messageSeq: number;
  readonly createdAt: Date;
  /** The actor's names as of the commit. */
  readonly username: string | null;
  readonly displayName: string | null;
  /** Belongs to the kind. */
  readonly details: object | null;
}

/** How a change ended: as a call says, or without a call that says it. */
export type ChangeStatus = Status | 'UNAVAILABLE' | 'FAILED';

/** The statuses that mean the same for every kind. All others are refusals of a kind. */
export const changeStatus = {
  /** Made, with an event. */
  OK: 'OK',
  /** The state asked for was there already. */
  SAME: 'SAME',
  /** Its key is known: this is the outcome of the first call. */
  REPLAYED: 'REPLAYED',
  /** Somebody else holds the lock of the room. */
  BUSY: 'BUSY',
  /** Another change of the batch has to come first. */
  AGAIN: 'AGAIN',
  /** Numbers end at MAX_SEQ. */
  FULL: 'FULL',
  /** Not made in time, or the database is away. No call returns it. */
  UNAVAILABLE: 'UNAVAILABLE',
  /** The change makes every call fail. No call returns it. */
  FAILED: 'FAILED',
} as const satisfies Partial<Record<ChangeStatus, ChangeStatus>>;

/** A change on its way, and until when its caller waits for the outcome. */
export interface PendingChange {
  readonly kind: ChangeKind;
  readonly change: RoomChange;
  readonly deadline: Deadline;
}

/** Whether a call waits for the locks of its rooms, or leaves out rooms that are locked. */
export type LockMode = 'waiting' | 'skipping';
