/** Parley's batched changes, alone: what mutations call, in a process without a server. As it is built. */
import { randomUUID } from 'node:crypto';
import type { ChangeKind, RoomChange } from '../../src/changes/kind.ts';
import type { Services } from '../../src/context.ts';

const built = async <Module>(file: string) => (await import(`../../dist/${file}`)) as Module;
const { makeChange } =
  await built<typeof import('../../src/changes/make-change.ts')>('changes/make-change.js');
const { postKind } = await built<typeof import('../../src/messages/posts.ts')>('messages/posts.js');
const { editKind, deletionKind } =
  await built<typeof import('../../src/messages/edits.ts')>('messages/edits.js');
const { reactionKind } =
  await built<typeof import('../../src/reactions/reactions.ts')>('reactions/reactions.js');
const { joinKind } = await built<typeof import('../../src/rooms/joins.ts')>('rooms/joins.js');
const { openDatabase, statement } = await built<typeof import('../../src/platform/db.ts')>('platform/db.js');
const { createLog, createMetrics } =
  await built<typeof import('../../src/platform/telemetry.ts')>('platform/telemetry.js');
const { settings, serve, TEXT } = (await import('./serve.mjs' as string)) as {
  settings: Record<string, string>;
  TEXT: string;
  serve: (port: number, commands: Record<string, (argument: never) => unknown>) => void;
};

export type KindName = 'post' | 'edit' | 'deletion' | 'join' | 'reaction';

interface Asked {
  readonly kind: KindName;
  readonly count: number;
  readonly inFlight: number;
  /** A room, and members of it. */
  readonly roomId: number;
  readonly authors: readonly number[];
}

const [log, metrics] = [createLog('warn', 'bench'), createMetrics()];
const db = openDatabase(settings['database'] ?? '', 12, log, metrics);
// Nothing is announced: there are no streams.
const node = {
  db,
  log,
  metrics,
  logFollower: { announceRooms: () => undefined, announceAccounts: () => undefined },
  settings: { WRITE_DEADLINE_MS: 10_000 },
} as unknown as Services;

type Work = () => Promise<number>;

async function make<Change extends RoomChange>(kind: ChangeKind<Change>, change: Change): Promise<number> {
  const { status, roomSeq } = await makeChange(node, kind, change);
  if (status !== 'OK') throw new Error(`${kind.name} ended with ${status}`);
  return roomSeq;
}

let turn = 0;
const authorOf = ({ authors }: Asked) => authors[turn++ % authors.length] as number;

const post =
  (asked: Asked): Work =>
  () =>
    postBy(asked, authorOf(asked));

const postBy = ({ roomId }: Asked, authorId: number) =>
  make(postKind, {
    roomId,
    authorId,
    key: randomUUID(),
    fingerprint: randomUUID(),
    text: TEXT,
    replyToRoomSeq: null,
  });

/** Messages to be changed, each with its author. */
async function messages(asked: Asked, count: number): Promise<{ roomSeq: number; actorId: number }[]> {
  const made: { roomSeq: number; actorId: number }[] = [];
  await repeat(count, asked.inFlight, async () => {
    const actorId = authorOf(asked);
    made.push({ actorId, roomSeq: await postBy(asked, actorId) });
  });
  return made;
}

// With the head of their own log, as registration creates it.
const insertUsers = statement(`
  WITH person AS (INSERT INTO users (username, display_name) SELECT x, x FROM unnest($1::text[]) AS x RETURNING id),
    head AS (INSERT INTO account_heads (user_id) SELECT id FROM person)
  SELECT id FROM person`);

// Rooms of the bench are private.
const publish = statement(`UPDATE rooms SET kind = 1 WHERE id = $1::bigint`);

const preparations: Record<KindName, (asked: Asked) => Promise<Work>> = {
  post: async (asked) => post(asked),
  async edit(asked) {
    const known = await messages(asked, Math.min(asked.count, 2_000));
    return () => {
      const at = known[turn++ % known.length] as (typeof known)[0];
      return make(editKind, {
        ...at,
        roomId: asked.roomId,
        text: `${TEXT} ${turn}`,
        expectedVersion: null,
      });
    };
  },
  async deletion(asked) {
    const known = await messages(asked, asked.count);
    return () => make(deletionKind, { ...next(known), roomId: asked.roomId });
  },
  async join({ count, roomId }) {
    const names = Array.from({ length: count }, () => randomUUID());
    const users = await db.write.rows<{ id: number }>(insertUsers, [names]);
    await db.write.rows(publish, [roomId]);
    return () => make(joinKind, { roomId, userId: next(users).id, maxRooms: 1_000 });
  },
  async reaction(asked) {
    const [known, { authors }] = [await messages(asked, Math.min(asked.count, 2_000)), asked];
    let made = 0;
    return () => {
      // Every user reacts to each message once.
      const round = Math.floor(made / known.length);
      const { roomSeq } = known[made % known.length] as (typeof known)[0];
      const actorId = authors[(made++ + round) % authors.length] as number;
      return make(reactionKind, { roomId: asked.roomId, roomSeq, actorId, emoji: '🎉', isAdded: true });
    };
  },
};

function next<Item>(items: Item[]): Item {
  const item = items.pop();
  if (!item) throw new Error('more changes were made than were prepared');
  return item;
}

let prepared: Work = () => Promise.reject(new Error('nothing is prepared'));

async function prepare(asked: Asked): Promise<void> {
  prepared = await preparations[asked.kind](asked);
}

/** Keeps so many under way until `count` are done. */
async function repeat(count: number, inFlight: number, work: () => Promise<unknown>): Promise<void> {
  let left = count;
  const worker = async () => {
    while (left-- > 0) await work();
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
}

/** The prepared changes alone. */
const alone = ({ count, inFlight }: Asked) => repeat(count, inFlight, prepared);

/** Posts while as many prepared changes are running. Returns how many of those were made. */
async function beside(asked: Asked): Promise<{ others: number }> {
  let [isOver, others] = [false, 0];
  const worker = async () => {
    while (!isOver) {
      await prepared();
      others++;
    }
  };
  const workers = Promise.all(Array.from({ length: asked.inFlight }, worker));
  await repeat(asked.count, asked.inFlight, post(asked));
  isOver = true;
  await workers;
  return { others };
}

serve(0, { prepare, alone, beside });
