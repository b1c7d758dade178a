import type { Services } from '../context.ts';
import type { RoomEvent } from '../eventlog/kinds.ts';
import { Deadlines } from '../platform/deadlines.ts';
import { isTransient, Refusal, refuse } from '../platform/errors.ts';
import { onePer } from '../platform/keep.ts';
import { Lane } from '../platform/lane.ts';
import { notStored, storeBatch, unavailable, type Way } from './batches.ts';
import { BusyRooms, type Waiting } from './busy-rooms.ts';
import { type MessageRecord, messageCreated } from './events.ts';
import { type Post, type PostOutcome, postStatus } from './store.ts';

/** Posts in one database call at most. Larger batches gain little and make everybody in them wait. */
const MAX_BATCH = 256;
/** Posts that may wait on a node before more are refused: about a second of a busy one. */
const MAX_WAITING = 20_000;
/** Of these, posts that may wait for rooms that somebody has locked. */
const MAX_BUSY = 5_000;

/** The lane that every post of a node goes through. */
export const lane = onePer(
  (node: Services) =>
    new Lane<Waiting, PostOutcome | Promise<PostOutcome>>((batch) => runBatch(node, batch), MAX_BATCH),
);

const busyRooms = onePer(
  (node: Services) =>
    new BusyRooms({
      maxBatch: MAX_BATCH,
      maxPosts: MAX_BUSY,
      store: (posts, way) => storeAndAnnounce(node, posts, way),
      onChange: (rooms) => node.metrics.busyRooms.set(rooms),
    }),
);

const deadlines = onePer((node: Services) => new Deadlines(node.settings.WRITE_DEADLINE_MS));

/**
 * Posts a message: durable, numbered and announced when this resolves.
 * @throws UnavailableError when it could not be done in time; with the same key it can be sent again
 */
export async function post(node: Services, message: Post): Promise<PostOutcome> {
  const started = performance.now();
  try {
    const outcome = await deadlines(node).run((deadline) => store(node, { post: message, deadline }));
    node.metrics.posts.inc({ outcome: outcomeName(outcome.status) });
    node.metrics.postSeconds.observe((performance.now() - started) / 1000);
    return outcome;
  } catch (error) {
    const isAway = error instanceof Refusal || isTransient(error);
    node.metrics.posts.inc({ outcome: outcomeName(isAway ? notStored.UNAVAILABLE : notStored.FAILED) });
    throw error;
  }
}

async function store(node: Services, waiting: Waiting): Promise<PostOutcome> {
  if (lane(node).length >= MAX_WAITING)
    throw refuse('UNAVAILABLE', 'Too many posts are waiting on this server.');
  // The same key twice in one batch: the second is judged by the next.
  for (let attempt = 0; attempt < 3; attempt++) {
    const outcome = await lane(node).add(waiting);
    if (outcome.status !== postStatus.AGAIN) return outcome;
  }
  throw refuse('UNAVAILABLE');
}

/** Posts of rooms that are busy, or turn out to be, leave the lane: their outcomes come later. */
async function runBatch(node: Services, batch: Waiting[]): Promise<(PostOutcome | Promise<PostOutcome>)[]> {
  const busy = busyRooms(node);
  const isReady = ({ post: { roomId }, deadline }: Waiting) => !deadline.isOver && !busy.has(roomId);
  const ready = batch.filter(isReady);
  // Before anything is awaited: what follows in a room must not pass what waits.
  const aside = ready.length < batch.length ? batch.filter((one) => !isReady(one)) : [];
  const answers = new Map<Waiting, PostOutcome | Promise<PostOutcome>>(
    aside.map((one) => [one, setAside(node, one)]),
  );
  const outcomes = await storeAndAnnounce(node, ready, 'waiting');
  if (aside.length === 0 && !outcomes.some(isBusy)) return outcomes;
  for (const [i, one] of ready.entries()) {
    const outcome = outcomes[i] ?? unavailable;
    answers.set(one, isBusy(outcome) ? setAside(node, one) : outcome);
  }
  return batch.map((one) => answers.get(one) ?? unavailable);
}

const isBusy = ({ status }: PostOutcome) => status === postStatus.BUSY;

function setAside(node: Services, waiting: Waiting): PostOutcome | Promise<PostOutcome> {
  return waiting.deadline.isOver ? unavailable : busyRooms(node).add(waiting);
}

/** Never throws: where the database is away, all are unavailable. */
async function storeAndAnnounce(node: Services, batch: readonly Waiting[], way: Way): Promise<PostOutcome[]> {
  if (batch.length === 0) return [];
  node.metrics.postBatch.observe(batch.length);
  const posts = batch.map(({ post }) => post);
  try {
    const outcomes = await storeBatch(node, posts, way);
    announceBatch(node, posts, outcomes);
    return outcomes;
  } catch (error) {
    node.log.warn(
      { err: (error as Error).message, posts: posts.length },
      'a batch of posts could not be stored',
    );
    return posts.map(() => unavailable);
  }
}

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
    kind: messageCreated.name,
    actorId: post.authorId,
    subject: outcome.roomSeq,
    messageSeq: outcome.seq,
    createdAt: outcome.createdAt,
    facts: null,
    record: messageOf(post, outcome),
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
function announceBatch(node: Services, batch: readonly Post[], outcomes: readonly PostOutcome[]): void {
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
