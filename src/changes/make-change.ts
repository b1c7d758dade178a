import type { Services } from '../context.ts';
import { Deadlines } from '../platform/deadlines.ts';
import { refuse } from '../platform/errors.ts';
import { memo } from '../platform/memo.ts';
import { announceBatch } from './announcements.ts';
import { makeBatch } from './batches.ts';
import { BusyRooms } from './busy-rooms.ts';
import {
  type ChangeKind,
  type ChangeOutcome,
  changeStatus,
  type LockMode,
  type PendingChange,
  type RoomChange,
} from './kind.ts';
import { unavailable } from './outcomes.ts';
import { ChangeQueue, type EventualOutcome, MAX_BATCH } from './queue.ts';

/** Changes of one kind that may wait on a node before more are refused: about a second of work of a busy node. */
const MAX_WAITING = 20_000;
/** Of all changes, those that may wait for locked rooms. */
const MAX_BUSY = 5_000;
const MAX_ATTEMPTS = 3;

/** The queue that every batched change of a node goes through. */
const queueOf = memo((node: Services) => new ChangeQueue((batch) => runBatch(node, batch)));

const busyRoomsOf = memo(
  (node: Services) =>
    new BusyRooms({
      maxBatch: MAX_BATCH,
      maxChanges: MAX_BUSY,
      make: (batch, lockMode) => makeAndAnnounce(node, batch, lockMode),
      onChange: (rooms) => node.metrics.busyRooms.set(rooms),
    }),
);

const deadlinesOf = memo((node: Services) => new Deadlines(node.settings.WRITE_DEADLINE_MS));

/**
 * Makes a change: it is durable and numbered when this resolves, or refused by the status of its outcome. The call that
 * made it announces it; if the answer of that call was lost, the head poll finds the change. The change must be safe to
 * repeat.
 * @throws UnavailableError when it was not made in time
 */
export function makeChange<Change extends RoomChange>(
  node: Services,
  kind: ChangeKind<Change>,
  change: Change,
): Promise<ChangeOutcome> {
  return deadlinesOf(node).run((deadline) => enqueue(node, { kind: kind as ChangeKind, change, deadline }));
}

async function enqueue(node: Services, pending: PendingChange): Promise<ChangeOutcome> {
  const queue = queueOf(node);
  if (queue.lengthOf(pending.kind) >= MAX_WAITING)
    throw refuse('UNAVAILABLE', 'The server is busy. Try again.');
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const outcome = await queue.add(pending);
    if (outcome.status !== changeStatus.AGAIN) return outcome;
  }
  throw refuse('UNAVAILABLE');
}

/** Changes of busy rooms, and of rooms that turn out to be busy, leave the queue: their outcomes come later. */
async function runBatch(node: Services, batch: PendingChange[]): Promise<EventualOutcome[]> {
  const busy = busyRoomsOf(node);
  const isReady = ({ change: { roomId }, deadline }: PendingChange) => !deadline.isOver && !busy.has(roomId);
  const ready = batch.filter(isReady);
  // Synchronous: later changes of a room must not overtake a change that waits for its lock.
  const aside = ready.length < batch.length ? batch.filter((one) => !isReady(one)) : [];
  const answers = new Map<PendingChange, EventualOutcome>(aside.map((one) => [one, setAside(node, one)]));
  const outcomes = await makeAndAnnounce(node, ready, 'waiting');
  if (aside.length === 0 && !outcomes.some(isBusy)) return outcomes;
  for (const [i, one] of ready.entries()) {
    const outcome = outcomes[i] ?? unavailable;
    answers.set(one, isBusy(outcome) ? setAside(node, one) : outcome);
  }
  return batch.map((one) => answers.get(one) ?? unavailable);
}

const isBusy = ({ status }: ChangeOutcome) => status === changeStatus.BUSY;

function setAside(node: Services, pending: PendingChange): EventualOutcome {
  return pending.deadline.isOver ? unavailable : busyRoomsOf(node).add(pending);
}

/** Never throws: if the database is down, all are unavailable. */
async function makeAndAnnounce(
  node: Services,
  batch: readonly PendingChange[],
  lockMode: LockMode,
): Promise<ChangeOutcome[]> {
  if (batch.length === 0) return [];
  node.metrics.changeBatch.observe(batch.length);
  try {
    const outcomes = await makeBatch(node, batch, lockMode);
    announceBatch(node, batch, outcomes);
    return outcomes;
  } catch (error) {
    node.log.warn(
      { err: (error as Error).message, changes: batch.length },
      'a batch of changes could not be made',
    );
    return batch.map(() => unavailable);
  }
}
