import { setTimeout as delay } from 'node:timers/promises';
import type { Services } from '../context.ts';
import { databaseFailure } from '../platform/database-failure.ts';
import { asRefusal, isTransient, Refusal } from '../platform/errors.ts';
import { callDatabase } from './calls.ts';
import { type ChangeOutcome, changeStatus, type Pending, type Way } from './kind.ts';

type Node = Pick<Services, 'db' | 'log'>;

const RETRY_MS = 50;
// More rooms than that in one batch that cannot be locked: it is not the rooms.
const MAX_LOCKED_ROOMS = 2;

const notMade = (status: string): ChangeOutcome => ({
  status,
  roomSeq: 0,
  messageSeq: 0,
  createdAt: new Date(0),
  username: null,
  displayName: null,
  details: null,
});
export const unavailable = notMade(changeStatus.UNAVAILABLE);
const failed = notMade(changeStatus.FAILED);
const full = notMade(changeStatus.FULL);
const busy = notMade(changeStatus.BUSY);

/**
 * Makes a batch of changes in one call: one outcome for each, in order. Changes of rooms that somebody has locked come
 * back as BUSY. What fails for one change or one room fails for these alone.
 * @throws where the database is away, twice
 */
export async function makeBatch(node: Node, batch: readonly Pending[], way: Way): Promise<ChangeOutcome[]> {
  return attempt(node, batch, way, async () => {
    // The result may be unknown. Every change may be repeated, so the whole batch may simply be sent again.
    await delay(RETRY_MS);
    return attempt(node, batch, way, (error) => Promise.reject(error));
  });
}

/** One call. `onAway` says what follows where neither a lock nor a single change is to blame. */
async function attempt(
  node: Node,
  batch: readonly Pending[],
  way: Way,
  onAway: (error: Error) => Promise<ChangeOutcome[]>,
): Promise<ChangeOutcome[]> {
  try {
    return await callDatabase(node.db.posts, batch, way);
  } catch (error) {
    const failure = databaseFailure(error);
    if (failure === 'locked') return makeAroundLocks(node, batch, way);
    if (failure === 'mistake' || failure === 'damaged') return makeOneByOne(node, batch, error);
    return onAway(error as Error);
  }
}

const roomOf = ({ change }: Pending) => change.roomId;

/** A lock was not granted in time: other rooms do not wait for it. */
function makeAroundLocks(node: Node, batch: readonly Pending[], way: Way): Promise<ChangeOutcome[]> {
  const isOneRoom = batch.every((one) => roomOf(one) === roomOf(batch[0] as Pending));
  if (isOneRoom) return Promise.resolve(batch.map(() => busy));
  return way === 'waiting' ? makeBatch(node, batch, 'skipping') : makeRoomByRoom(node, batch);
}

/** Not the heads of the rooms are locked, but something that a room's changes need besides. */
async function makeRoomByRoom(node: Node, batch: readonly Pending[]): Promise<ChangeOutcome[]> {
  const outcomes = new Map<Pending, ChangeOutcome>();
  let locked = 0;
  for (const part of byRoom(batch).values()) {
    const results = locked < MAX_LOCKED_ROOMS ? await makePart(node, part) : part.map(() => busy);
    if (results.every((outcome) => outcome === busy)) locked++;
    for (const [i, one] of part.entries()) outcomes.set(one, results[i] ?? failed);
  }
  return batch.map((one) => outcomes.get(one) ?? failed);
}

/** One change, or one room's data, makes the batch fail: the other changes are made all the same. */
async function makeOneByOne(node: Node, batch: readonly Pending[], error: unknown): Promise<ChangeOutcome[]> {
  node.log.error(
    { err: error, changes: batch.length },
    'a batch of changes failed; its changes are tried one by one',
  );
  const outcomes: ChangeOutcome[] = [];
  const lockedRooms = new Set<number>();
  for (const one of batch) {
    const [outcome = failed] = lockedRooms.has(roomOf(one)) ? [busy] : await makePart(node, [one]);
    // What follows in a room must not pass what waits.
    if (outcome.status === changeStatus.BUSY) lockedRooms.add(roomOf(one));
    outcomes.push(outcome);
  }
  return outcomes;
}

/** Never throws: what a failure means is each change's outcome. */
async function makePart(node: Node, batch: readonly Pending[]): Promise<ChangeOutcome[]> {
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
  if (asRefusal(error) instanceof Refusal && !isTransient(error)) return full;
  if (failure === 'mistake' || failure === 'damaged')
    node.log.error({ err: error, failure }, 'a change could not be made');
  return failure === 'mistake' ? failed : unavailable;
}

function byRoom(batch: readonly Pending[]): Map<number, Pending[]> {
  const rooms = new Map<number, Pending[]>();
  for (const one of batch) {
    const part = rooms.get(roomOf(one));
    if (part) part.push(one);
    else rooms.set(roomOf(one), [one]);
  }
  return rooms;
}
