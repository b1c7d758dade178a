import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { callDatabase } from '../src/changes/calls.ts';
import type { ChangeKind, ChangeOutcome, PendingChange } from '../src/changes/kind.ts';
import { postKind } from '../src/messages/posts.ts';
import type { ReactionFacts } from '../src/reactions/events.ts';
import { MAX_EMOJI, reactionKind } from '../src/reactions/reactions.ts';
import { MAX_KNOWN_REACTORS } from '../src/reactions/store.ts';
import { createDatabase, queryRows, type TestDatabase } from './harness/database.ts';
import { type OpenServices, openServices } from './harness/services.ts';

// A batch of reactions is judged as a whole, and means the same as its reactions one after the other.

let database: TestDatabase;
let services: OpenServices;
let roomId: number;
let users: number[];

beforeAll(async () => {
  database = await createDatabase();
  services = await openServices(database.url);
  users = (
    await rows<{ id: number }>(
      "INSERT INTO users (username, display_name) SELECT 'u' || n, 'u' || n FROM generate_series(1, 12) n RETURNING id::int",
    )
  ).map(({ id }) => id);
  const [room] = await rows<{ id: number }>(
    "SELECT room_id::int AS id FROM create_room($1, 1::smallint, 'the hall', NULL, 'key', $2)",
    [users[0], randomUUID()],
  );
  roomId = room?.id ?? 0;
  await rows('SELECT * FROM add_members($1, $2, $3::bigint[], 20::smallint)', [
    roomId,
    users[0],
    users.slice(1, -1),
  ]);
  await rows(
    "UPDATE memberships SET timeout_until = now() + interval '1 hour' WHERE room_id = $1 AND user_id = $2",
    [roomId, users[1]],
  );
});

afterAll(async () => {
  await services?.close();
  await database?.drop();
});

const rows = <Row>(text: string, values: readonly unknown[] = []) =>
  queryRows<Row>(database.url, text, values);

const make = (kind: unknown, changes: readonly { readonly roomId: number }[]) =>
  callDatabase(
    services.node.db.posts,
    changes.map(
      (change): PendingChange => ({ kind: kind as ChangeKind, change, deadline: { isOver: false } as never }),
    ),
    'waiting',
  );

async function addMessages(count: number): Promise<number[]> {
  const posts = Array.from({ length: count }, () => ({
    roomId,
    authorId: users[0] as number,
    key: randomUUID(),
    fingerprint: randomUUID(),
    text: 'well?',
    replyToRoomSeq: null,
  }));
  return (await make(postKind, posts)).map(({ roomSeq }) => roomSeq);
}

interface Reaction {
  readonly roomId: number;
  readonly roomSeq: number;
  readonly actorId: number;
  readonly emoji: string;
  readonly isAdded: boolean;
}

interface Group {
  readonly reactors: Set<number>;
  readonly firstSeq: number;
}

/** What the same reactions mean one after the other. */
class Model {
  readonly groups = new Map<string, Group>();
  readonly deleted: number;

  constructor(deleted: number) {
    this.deleted = deleted;
  }

  /** `roomSeq` is the number of the event, if there is one. */
  react(change: Reaction, roomSeq: number): { status: string; facts?: Partial<ReactionFacts> } {
    const status = this.judge(change);
    if (status !== 'OK' && status !== 'SAME') return { status };
    if (status === 'OK') this.apply(change, roomSeq);
    const reactors = [...(this.groups.get(keyOf(change))?.reactors ?? [])].toSorted((a, b) => a - b);
    const reactorIds = reactors.length <= MAX_KNOWN_REACTORS ? reactors : null;
    return {
      status,
      facts: { emoji: change.emoji, count: reactors.length, reactorIds },
    };
  }

  private judge(change: Reaction): string {
    if (change.actorId === users.at(-1)) return 'NOT_FOUND';
    if (change.roomSeq === this.deleted) return change.isAdded ? 'DELETED' : 'SAME';
    const group = this.groups.get(keyOf(change));
    if (!change.isAdded) return group?.reactors.has(change.actorId) ? 'OK' : 'SAME';
    if (change.actorId === users[1]) return 'TIMED_OUT';
    if (group) return group.reactors.has(change.actorId) ? 'SAME' : 'OK';
    return this.groupsOf(change.roomSeq) < MAX_EMOJI ? 'OK' : 'LIMIT';
  }

  private groupsOf(roomSeq: number): number {
    return [...this.groups.keys()].filter((key) => key.startsWith(`${roomSeq} `)).length;
  }

  private apply(change: Reaction, roomSeq: number): void {
    const group = this.groups.get(keyOf(change)) ?? { reactors: new Set(), firstSeq: roomSeq };
    this.groups.set(keyOf(change), group);
    if (change.isAdded) group.reactors.add(change.actorId);
    else group.reactors.delete(change.actorId);
    if (group.reactors.size === 0) this.groups.delete(keyOf(change));
  }
}

const keyOf = ({ roomSeq, emoji }: Reaction) => `${roomSeq} ${emoji}`;

/** Numbers below `end`, the same ones for the same seed. */
function numbersFrom(seed: number) {
  let state = seed;
  return (end: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * end);
  };
}

const EMOJI = Array.from({ length: MAX_EMOJI + 4 }, (_, i) => String.fromCodePoint(0x1f600 + i));

/** A model with a message whose groups are nearly all taken, a crowded group, and a deleted message. */
async function prepare(messages: readonly number[]): Promise<Model> {
  const [full, crowded, deleted] = messages as [number, number, number];
  const model = new Model(deleted);
  await rows('UPDATE messages SET text = NULL WHERE room_id = $1 AND room_seq = $2', [roomId, deleted]);
  const setUp = EMOJI.slice(0, MAX_EMOJI - 2).map((emoji) => reaction(full, users[2] as number, emoji, true));
  await compare(model, setUp);
  const crowd = Array.from({ length: MAX_KNOWN_REACTORS - 3 }, (_, i) => 1_000_000 + i);
  const emoji = EMOJI[0] as string;
  await rows(
    'INSERT INTO reactions (room_id, room_seq, emoji, user_id) SELECT $1, $2, $3, x FROM unnest($4::bigint[]) x',
    [roomId, crowded, emoji, crowd],
  );
  await rows(
    'INSERT INTO reaction_groups (room_id, room_seq, emoji, count, first_seq) VALUES ($1, $2, $3, $4, 7)',
    [roomId, crowded, emoji, crowd.length],
  );
  model.groups.set(`${crowded} ${emoji}`, { reactors: new Set(crowd), firstSeq: 7 });
  return model;
}

const reaction = (roomSeq: number, actorId: number, emoji: string, isAdded: boolean): Reaction => ({
  roomId,
  roomSeq,
  actorId,
  emoji,
  isAdded,
});

/** One call has the outcomes that the model has one after the other. */
async function compare(model: Model, batch: readonly Reaction[]): Promise<ChangeOutcome[]> {
  const outcomes = await make(reactionKind, batch);
  const expected = batch.map((change, i) => model.react(change, outcomes[i]?.roomSeq ?? 0));
  expect(
    outcomes.map(({ status, details }) => ({ status, ...(details && { facts: shown(details) }) })),
  ).toEqual(expected);
  expectNumbered(batch, outcomes);
  return outcomes;
}

/** Without gaps in the room, and in order under each message. */
function expectNumbered(batch: readonly Reaction[], outcomes: readonly ChangeOutcome[]): void {
  const made = outcomes.flatMap(({ status, roomSeq }, i) =>
    status === 'OK' ? [{ message: batch[i]?.roomSeq, roomSeq }] : [],
  );
  const numbers = made.map(({ roomSeq }) => roomSeq).toSorted((a, b) => a - b);
  expect(numbers).toEqual(numbers.map((_, i) => (numbers[0] ?? 0) + i));
  for (const message of new Set(made.map((one) => one.message))) {
    const own = made.filter((one) => one.message === message).map(({ roomSeq }) => roomSeq);
    expect(own).toEqual(own.toSorted((a, b) => a - b));
  }
}

function shown(details: object): Partial<ReactionFacts> {
  const { emoji, count, reactorIds } = (details as { facts: ReactionFacts }).facts;
  return { emoji, count, reactorIds };
}

async function expectStored(model: Model): Promise<void> {
  const stored = await rows<{ key: string; count: number; firstSeq: number; reactors: number[] }>(
    `SELECT g.room_seq || ' ' || g.emoji AS key, g.count, g.first_seq::int AS "firstSeq", ARRAY(SELECT r.user_id::int FROM reactions r
       WHERE r.room_id = g.room_id AND r.room_seq = g.room_seq AND r.emoji = g.emoji ORDER BY 1) AS reactors
     FROM reaction_groups g WHERE g.room_id = $1`,
    [roomId],
  );
  const ofModel = [...model.groups].map(([key, { reactors, firstSeq }]) => ({
    key,
    count: reactors.size,
    firstSeq,
    reactors: [...reactors].toSorted((a, b) => a - b),
  }));
  const byKey = (list: readonly { key: string }[]) => list.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  expect(byKey(stored)).toEqual(byKey(ofModel));
  const [{ total } = { total: -1 }] = await rows<{ total: number }>(
    'SELECT count(*)::int AS total FROM reactions',
  );
  expect(total).toBe(ofModel.reduce((sum, { count }) => sum + count, 0));
}

test.each([1, 2, 3, 4])(
  'random batches mean what their reactions mean one after the other (seed %i)',
  async (seed) => {
    const below = numbersFrom(seed);
    await rows('DELETE FROM reactions');
    await rows('DELETE FROM reaction_groups');
    const messages = await addMessages(5);
    const model = await prepare(messages);
    for (let batch = 0; batch < 15; batch++) {
      // Few users and emoji, so that changes of one batch depend on each other.
      const [emoji, people] = [2 + below(EMOJI.length - 1), 1 + below(users.length)];
      const changes = Array.from({ length: 1 + below(60) }, () =>
        reaction(
          messages[below(messages.length)] as number,
          users[below(people)] as number,
          EMOJI[below(emoji)] as string,
          below(3) > 0,
        ),
      );
      const outcomes = await compare(model, changes);
      await expectLogged(changes, outcomes);
    }
    await expectStored(model);
  },
);

/** Checks that the log has the events of the successful changes, with the same facts. */
async function expectLogged(changes: readonly Reaction[], outcomes: readonly ChangeOutcome[]): Promise<void> {
  const made = outcomes.flatMap((outcome, i) =>
    outcome.status === 'OK'
      ? [
          {
            roomSeq: outcome.roomSeq,
            actorId: changes[i]?.actorId,
            subject: changes[i]?.roomSeq,
            facts: (outcome.details as { facts: object }).facts,
          },
        ]
      : [],
  );
  const logged = await rows(
    `SELECT room_seq::int AS "roomSeq", actor_id::int AS "actorId", subject::int, facts FROM room_events
     WHERE room_id = $1 AND kind = 11 AND room_seq = ANY ($2::bigint[]) ORDER BY room_seq`,
    [roomId, made.map(({ roomSeq }) => roomSeq)],
  );
  expect(logged).toEqual(made.toSorted((a, b) => a.roomSeq - b.roomSeq));
}

test('a removal makes room for a new emoji in the same batch, and only after it', async () => {
  await rows('DELETE FROM reactions');
  await rows('DELETE FROM reaction_groups');
  const [message] = (await addMessages(1)) as [number];
  const [ada, bob] = [users[2] as number, users[3] as number];
  const full = EMOJI.slice(0, MAX_EMOJI).map((emoji) => reaction(message, ada, emoji, true));
  const [last, another] = EMOJI.slice(MAX_EMOJI) as [string, string];
  const outcomes = await make(reactionKind, [
    ...full,
    reaction(message, bob, last, true),
    reaction(message, ada, EMOJI[3] as string, false),
    reaction(message, bob, last, true),
    reaction(message, bob, another, true),
    reaction(message, bob, last, false),
  ]);
  expect(outcomes.slice(MAX_EMOJI).map(({ status }) => status)).toEqual(['LIMIT', 'OK', 'OK', 'LIMIT', 'OK']);
});
