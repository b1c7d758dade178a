import { setTimeout as delay } from 'node:timers/promises';
import type { Services } from '../context.ts';
import { databaseFailure } from '../platform/database-failure.ts';
import { asRefusal, isTransient, Refusal } from '../platform/errors.ts';
import { callDatabase } from './calls.ts';
import { type ChangeOutcome, changeStatus, type LockMode, type PendingChange } from './kind.ts';
import { busy, failed, fullRoom, unavailable } from './outcomes.ts';

type Node = Pick<Services, 'db' | 'log'>;

const RETRY_MS = 50;
// After this number of rooms of a batch could not be locked, the others are BUSY without an attempt.
const MAX_LOCKED_ROOMS = 2;

/**
 * Makes a batch of changes in one call, and returns one outcome for each, in order. Changes of locked rooms return
 * BUSY. A failure of one change or room does not affect the others.
 * @throws the error of the second attempt, if the database is down
 */
export async function makeBatch(
  node: Node,
  batch: readonly PendingChange[],
  lockMode: LockMode,
): Promise<ChangeOutcome[]> {
  return attempt(node, batch, lockMode, async () => {
    // The result may be unknown. Every change is safe to repeat, so the whole batch is sent again.
    await delay(RETRY_MS);
    return attempt(node, batch, lockMode, (error) => Promise.reject(error));
  });
}

/** Makes one call. `onAway` handles failures that are neither a lock nor caused by a single change. */
async function attempt(
  node: Node,
  batch: readonly PendingChange[],
  lockMode: LockMode,
  onAway: (error: Error) => Promise<ChangeOutcome[]>,
): Promise<ChangeOutcome[]> {
  try {
    return await callDatabase(node.db.posts, batch, lockMode);
  } catch (error) {
    const failure = databaseFailure(error);
    if (failure === 'locked') return makeAroundLocks(node, batch, lockMode);
    if (failure === 'mistake' || failure === 'damaged') return makeOneByOne(node, batch, error);
    return onAway(error as Error);
  }
}

const roomOf = ({ change }: PendingChange) => change.roomId;

/** A lock was not granted in time: other rooms do not wait for it. */
function makeAroundLocks(
  node: Node,
  batch: readonly PendingChange[],
  lockMode: LockMode,
): Promise<ChangeOutcome[]> {
  const isOneRoom = batch.every((one) => roomOf(one) === roomOf(batch[0] as PendingChange));
  if (isOneRoom) return Promise.resolve(batch.map(() => busy));
  return lockMode === 'waiting' ? makeBatch(node, batch, 'skipping') : makeRoomByRoom(node, batch);
}

/** The heads are free, but another lock that the changes of a room need is not. */
async function makeRoomByRoom(node: Node, batch: readonly PendingChange[]): Promise<ChangeOutcome[]> {
  const outcomes = new Map<PendingChange, ChangeOutcome>();
  let locked = 0;
  for (const part of byRoom(batch).values()) {
    const results = locked < MAX_LOCKED_ROOMS ? await makePart(node, part) : part.map(() => busy);
    if (results.every((outcome) => outcome === busy)) locked++;
    for (const [i, one] of part.entries()) outcomes.set(one, results[i] ?? failed);
  }
  return batch.map((one) => outcomes.get(one) ?? failed);
}

/** One change, or the data of one room, makes the batch fail: the other changes are made alone. */
async function makeOneByOne(
  node: Node,
  batch: readonly PendingChange[],
  error: unknown,
): Promise<ChangeOutcome[]> {
  node.log.error(
    { err: error, changes: batch.length },
    'a batch of changes failed; its changes are tried one by one',
  );
  const outcomes: ChangeOutcome[] = [];
  const lockedRooms = new Set<number>();
  for (const one of batch) {
    const [outcome = failed] = lockedRooms.has(roomOf(one)) ? [busy] : await makePart(node, [one]);
    // Later changes of a room must not overtake a change that waits for its lock.
    if (outcome.status === changeStatus.BUSY) lockedRooms.add(roomOf(one));
    outcomes.push(outcome);
  }
  return outcomes;
}

/** Never throws: each change gets the failure as its outcome. */
async function makePart(node: Node, batch: readonly PendingChange[]): Promise<ChangeOutcome[]> {
  try {
    return await callDatabase(node.db.posts, batch, 'skipping');
  } catch (error) {
    const outcome = outcomeOfError(node, error);
    return batch.map(() => outcome);
  }
}

function outcomeOfError(node: Node, error: unknown): ChangeOutcome {
  const failure = databaseFailure(error);
  if (failure === 'locked') return busy;
  if (asRefusal(error) instanceof Refusal && !isTransient(error)) return fullRoom;
  if (failure === 'mistake' || failure === 'damaged')
    node.log.error({ err: error, failure }, 'a change could not be made');
  return failure === 'mistake' ? failed : unavailable;
}

function byRoom(batch: readonly PendingChange[]): Map<number, PendingChange[]> {
  const rooms = new Map<number, PendingChange[]>();
  for (const one of batch) {
    const part = rooms.get(roomOf(one));
    if (part) part.push(one);
    else rooms.set(roomOf(one), [one]);
  }
  return rooms;
}
