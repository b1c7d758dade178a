import { setTimeout as delay } from 'node:timers/promises';
import type { Services } from '../context.ts';
import type { MessageRecord, RoomEvent } from '../eventlog/kinds.ts';
import { databaseFailure } from '../platform/database-failure.ts';
import { isTransient, Refusal, refuse } from '../platform/errors.ts';
import { onePer } from '../platform/keep.ts';
import { Lane } from '../platform/lane.ts';
import { insertMessages, type Post, type PostOutcome, postStatus } from './store.ts';

/** Posts in one database call at most. Larger batches gain little and make everybody in them wait. */
const MAX_BATCH = 256;
/** Posts that may wait on a node before more are refused: about a second of a busy one. */
const MAX_WAITING = 20_000;
const RETRY_MS = 50;

/** The lane that every post of a node goes through. */
export const lane = onePer(
  (node: Services) => new Lane<Post, PostOutcome>((batch) => runBatch(node, batch), MAX_BATCH),
);

/**
 * Posts a message: durable, numbered and announced when this resolves.
 * @throws UnavailableError when the database could not do it now; with the same key it can be sent again
 */
export async function post(node: Services, message: Post): Promise<PostOutcome> {
  const started = performance.now();
  try {
    const outcome = await store(node, message);
    node.metrics.posts.inc({ outcome: outcomeName(outcome.status) });
    node.metrics.postSeconds.observe((performance.now() - started) / 1000);
    return outcome;
  } catch (error) {
    const isAway = error instanceof Refusal || isTransient(error);
    node.metrics.posts.inc({ outcome: outcomeName(isAway ? notStored.UNAVAILABLE : notStored.FAILED) });
    throw error;
  }
}

async function store(node: Services, message: Post): Promise<PostOutcome> {
  if (lane(node).length >= MAX_WAITING)
    throw refuse('UNAVAILABLE', 'Too many posts are waiting on this server.');
  // The same key twice in one batch: the second is judged by the next.
  for (let attempt = 0; attempt < 3; attempt++) {
    const outcome = await lane(node).add(message);
    if (outcome.status !== postStatus.AGAIN) return outcome;
  }
  throw refuse('UNAVAILABLE');
}

async function runBatch(node: Services, batch: Post[]): Promise<PostOutcome[]> {
  node.metrics.postBatch.observe(batch.length);
  const outcomes = await insert(node, batch);
  announceBatch(node, batch, outcomes);
  return outcomes;
}

// A broken connection leaves the result unknown; every post has a key, so the whole batch may simply be sent again.
async function insert(node: Services, batch: Post[]): Promise<PostOutcome[]> {
  try {
    return await insertMessages(node.db.write, batch);
  } catch (error) {
    const failure = databaseFailure(error);
    if (failure === 'mistake' || failure === 'damaged') return oneByOne(node, batch, error);
    if (failure === 'locked') return byRoom(node, batch);
    await delay(RETRY_MS);
    return insertMessages(node.db.write, batch);
  }
}

/** One room's lock was not to be had: the others shall not wait for it. */
async function byRoom(node: Services, batch: Post[]): Promise<PostOutcome[]> {
  const rooms = new Map<number, number[]>();
  batch.forEach((one, i) => rooms.set(one.roomId, [...(rooms.get(one.roomId) ?? []), i]));
  const outcomes: PostOutcome[] = [];
  for (const indexes of rooms.values()) {
    const part = indexes.map((i) => batch[i] as Post);
    const results = await insertMessages(node.db.write, part).catch((error: unknown) => {
      const outcome = outcomeOfError(node, error);
      return part.map(() => outcome);
    });
    indexes.forEach((i, n) => {
      outcomes[i] = results[n] as PostOutcome;
    });
  }
  return outcomes;
}

/** One post, or one room's data, makes the batch fail: the other posts are stored all the same. */
async function oneByOne(node: Services, batch: Post[], error: unknown): Promise<PostOutcome[]> {
  node.log.error(
    { err: error, posts: batch.length },
    'a batch of posts failed; its posts are tried one by one',
  );
  const outcomes: PostOutcome[] = [];
  for (const one of batch) {
    const [outcome] = await insertMessages(node.db.write, [one]).catch((error: unknown) => [
      outcomeOfError(node, error),
    ]);
    outcomes.push(outcome ?? failed);
  }
  return outcomes;
}

/** What its author is told of a post that could not be stored: to send it again, or that it will never work. */
function outcomeOfError(node: Services, error: unknown): PostOutcome {
  if (isTransient(error)) return unavailable;
  node.log.error({ err: error }, 'a post could not be stored');
  return failed;
}

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
const unavailable = unstored(notStored.UNAVAILABLE);
const failed = unstored(notStored.FAILED);

const outcomeNames = new Map<number, string>(
  Object.entries({ ...postStatus, ...notStored }).map(([name, status]) => [status, name.toLowerCase()]),
);
const outcomeName = (status: number) => outcomeNames.get(status) ?? 'unknown';

/** The message that a post has become. */
export function messageOf(post: Post, { roomSeq, seq, createdAt }: PostOutcome): MessageRecord {
  return {
    roomId: post.roomId,
    roomSeq,
    seq,
    authorId: post.authorId,
    idempotencyKey: post.key,
    text: post.text,
    replyToRoomSeq: post.replyToRoomSeq,
    version: 1,
    createdAt,
    editedAt: null,
    deletedAt: null,
  };
}

function eventOf(post: Post, outcome: PostOutcome): RoomEvent {
  return {
    roomId: post.roomId,
    roomSeq: outcome.roomSeq,
    kind: 'MessageCreated',
    actorId: post.authorId,
    subject: outcome.roomSeq,
    messageSeq: outcome.seq,
    createdAt: outcome.createdAt,
    facts: null,
    message: messageOf(post, outcome),
    people: [
      {
        id: post.authorId,
        username: outcome.username ?? '',
        displayName: outcome.displayName ?? '',
        deletedAt: null,
      },
    ],
  };
}

/** Tells all nodes, with the events inside: the healthy way to every screen reads no database. */
function announceBatch(node: Services, batch: Post[], outcomes: PostOutcome[]): void {
  const rooms = new Map<number, RoomEvent[]>();
  batch.forEach((one, i) => {
    const outcome = outcomes[i] as PostOutcome;
    if (outcome.status !== postStatus.POSTED) return;
    const events = rooms.get(one.roomId);
    if (events) events.push(eventOf(one, outcome));
    else rooms.set(one.roomId, [eventOf(one, outcome)]);
  });
  const news = [...rooms].map(([roomId, events]) => ({ roomId, head: events.at(-1)?.roomSeq ?? 0, events }));
  node.hub.announceRooms(news);
}
