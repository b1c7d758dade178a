import { setTimeout as delay } from 'node:timers/promises';
import type { Services } from '../context.ts';
import { databaseFailure } from '../platform/database-failure.ts';
import { asRefusal, isTransient, Refusal } from '../platform/errors.ts';
import { insertMessages, insertSkippingLocked, type Post, type PostOutcome, postStatus } from './store.ts';

type Node = Pick<Services, 'db' | 'log'>;

/** Whether a call waits for the locks of its rooms, or leaves out rooms that are locked. */
export type Way = 'waiting' | 'skipping';

const RETRY_MS = 50;
// More rooms than that in one batch that cannot be locked: it is not the rooms.
const MAX_LOCKED_ROOMS = 2;

/** Outcomes that no call of the function has. */
export const notStored = { UNAVAILABLE: -1, FAILED: -2 } as const;

const unstored = (status: number): PostOutcome => ({
  status,
  roomSeq: 0,
  seq: 0,
  createdAt: new Date(0),
  username: null,
  displayName: null,
});
export const unavailable = unstored(notStored.UNAVAILABLE);
const failed = unstored(notStored.FAILED);
const full = unstored(postStatus.FULL);
const busy = unstored(postStatus.BUSY);

const inserts = { waiting: insertMessages, skipping: insertSkippingLocked };

/**
 * Stores a batch in one call: one outcome for each post, in order. Posts of rooms that somebody has locked come back as
 * BUSY. What fails for one post or one room fails for these alone.
 * @throws where the database is away, twice
 */
export async function storeBatch(node: Node, posts: readonly Post[], way: Way): Promise<PostOutcome[]> {
  return attempt(node, posts, way, async () => {
    // The result may be unknown; every post has a key, so the whole batch may simply be sent again.
    await delay(RETRY_MS);
    return attempt(node, posts, way, (error) => Promise.reject(error));
  });
}

/** One call. `onAway` says what follows where neither a lock nor a single post is to blame. */
async function attempt(
  node: Node,
  posts: readonly Post[],
  way: Way,
  onAway: (error: Error) => Promise<PostOutcome[]>,
): Promise<PostOutcome[]> {
  try {
    return await inserts[way](node.db.posts, posts);
  } catch (error) {
    const failure = databaseFailure(error);
    if (failure === 'locked') return storeAroundLocks(node, posts, way);
    if (failure === 'mistake' || failure === 'damaged') return storeOneByOne(node, posts, error);
    return onAway(error as Error);
  }
}

/** A lock was not granted in time: other rooms do not wait for it. */
function storeAroundLocks(node: Node, posts: readonly Post[], way: Way): Promise<PostOutcome[]> {
  const isOneRoom = posts.every(({ roomId }) => roomId === posts[0]?.roomId);
  if (isOneRoom) return Promise.resolve(posts.map(() => busy));
  return way === 'waiting' ? storeBatch(node, posts, 'skipping') : storeRoomByRoom(node, posts);
}

/** Not the heads of the rooms are locked, but something that a room's posts need besides. */
async function storeRoomByRoom(node: Node, posts: readonly Post[]): Promise<PostOutcome[]> {
  const outcomes = new Map<Post, PostOutcome>();
  let locked = 0;
  for (const part of byRoom(posts).values()) {
    const results = locked < MAX_LOCKED_ROOMS ? await storePart(node, part) : part.map(() => busy);
    if (results.every((outcome) => outcome === busy)) locked++;
    for (const [i, one] of part.entries()) outcomes.set(one, results[i] ?? failed);
  }
  return posts.map((one) => outcomes.get(one) ?? failed);
}

/** One post, or one room's data, makes the batch fail: the other posts are stored all the same. */
async function storeOneByOne(node: Node, posts: readonly Post[], error: unknown): Promise<PostOutcome[]> {
  node.log.error(
    { err: error, posts: posts.length },
    'a batch of posts failed; its posts are tried one by one',
  );
  const outcomes: PostOutcome[] = [];
  const lockedRooms = new Set<number>();
  for (const one of posts) {
    const [outcome = failed] = lockedRooms.has(one.roomId) ? [busy] : await storePart(node, [one]);
    // What follows in a room must not pass what waits.
    if (outcome.status === postStatus.BUSY) lockedRooms.add(one.roomId);
    outcomes.push(outcome);
  }
  return outcomes;
}

/** Never throws: what a failure means is each post's outcome. */
async function storePart(node: Node, posts: readonly Post[]): Promise<PostOutcome[]> {
  try {
    return await insertSkippingLocked(node.db.posts, posts);
  } catch (error) {
    const outcome = outcomeOfError(node, error);
    return posts.map(() => outcome);
  }
}

function outcomeOfError(node: Node, error: unknown): PostOutcome {
  const failure = databaseFailure(error);
  if (failure === 'locked') return busy;
  if (asRefusal(error) instanceof Refusal && !isTransient(error)) return full;
  if (failure === 'mistake' || failure === 'damaged')
    node.log.error({ err: error, failure }, 'a post could not be stored');
  return failure === 'mistake' ? failed : unavailable;
}

function byRoom(posts: readonly Post[]): Map<number, Post[]> {
  const rooms = new Map<number, Post[]>();
  for (const one of posts) {
    const part = rooms.get(one.roomId);
    if (part) part.push(one);
    else rooms.set(one.roomId, [one]);
  }
  return rooms;
}
