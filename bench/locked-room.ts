import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { numberIn } from '../test/harness/ids.ts';
import { Client, inTime, makeRoom, posted } from './client.ts';
import { type Figures, itself, type MakeSuite, measure, quantile, shareOf, type Variant } from './figures.ts';
import type { ParleyNode, World } from './world.ts';

const OTHER_ROOMS = 50;
/** Users who post into the locked room. */
const IN_LOCKED_ROOM = 10;
const POST_EVERY_MS = 250;
const HELD_SECONDS = 12;
const [FREE, LOCKED] = ['no room is locked', `the head of one room is locked for ${HELD_SECONDS} s`];

/** One user, one room: posts at fixed times, whether or not the last post was answered. */
class Poster {
  private readonly client: Client;
  private readonly roomId: string;
  /** ms from the time at which each post was due until its answer */
  latencies: number[] = [];
  refused = 0;

  constructor(client: Client, roomId: string) {
    this.client = client;
    this.roomId = roomId;
  }

  async post(startMs: number, seconds: number): Promise<void> {
    [this.latencies, this.refused] = [[], 0];
    const started = performance.now() + startMs;
    const posts: Promise<void>[] = [];
    for (let due = started; due < started + seconds * 1_000; due += POST_EVERY_MS) {
      await delay(Math.max(0, due - performance.now()));
      posts.push(this.postOnce(due));
    }
    await inTime(Promise.all(posts), 'posts to be answered');
  }

  private async postOnce(due: number): Promise<void> {
    try {
      await posted(this.client, this.roomId);
      this.latencies.push(performance.now() - due);
    } catch (error) {
      if (!(error as Error).message.includes('"UNAVAILABLE"')) throw error;
      this.refused++;
    }
  }
}

interface Rooms {
  readonly lockedId: string;
  readonly inLocked: readonly Poster[];
  readonly elsewhere: readonly Poster[];
}

async function enter(world: World): Promise<Rooms & { node: ParleyNode; databaseUrl: string }> {
  const { nodes, people, databaseUrl } = await world.deploy({
    nodes: 1,
    people: IN_LOCKED_ROOM + OTHER_ROOMS,
  });
  const node = nodes[0] as ParleyNode;
  const clients: Client[] = [];
  for (const { accessToken } of people) clients.push(await Client.open(node.wsUrl, accessToken));
  const insiders = clients.slice(0, IN_LOCKED_ROOM);
  const others = people.slice(1, IN_LOCKED_ROOM).map(({ userId }) => userId);
  const lockedId = await makeRoom(clients[0] as Client, others);
  const elsewhere: Poster[] = [];
  for (const client of clients.slice(IN_LOCKED_ROOM))
    elsewhere.push(new Poster(client, await makeRoom(client, [])));
  const inLocked = insiders.map((client) => new Poster(client, lockedId));
  return { node, databaseUrl, lockedId, inLocked, elsewhere };
}

/** Holds the lock of the room's head in a separate transaction, as an operator in `psql` would. */
async function whileLocked(databaseUrl: string, roomId: string, work: () => Promise<void>): Promise<void> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  try {
    await client.query('BEGIN');
    await client.query('SELECT FROM room_heads WHERE room_id = $1 FOR UPDATE', [numberIn(roomId)]);
    const working = work();
    await delay(HELD_SECONDS * 1_000);
    await client.query('ROLLBACK');
    await working;
  } finally {
    await client.end();
  }
}

/** What posts to other rooms notice of a room that a foreign transaction has locked. */
export const lockedRoom: MakeSuite = async (world: World) => {
  const { node, databaseUrl, lockedId, inLocked, elsewhere } = await enter(world);
  const posters = [...inLocked, ...elsewhere];
  const notes = new Map<string, string>();

  const load = () =>
    Promise.all(
      posters.map((poster, i) => poster.post((i * POST_EVERY_MS) / posters.length, HELD_SECONDS)),
    ).then(() => undefined);
  const run = async (name: string, work: () => Promise<void>): Promise<Figures> => {
    const figures = await measure({ world, servers: [node], loads: [] }, async () => {
      await work();
      return elsewhere.reduce((sum, { latencies }) => sum + latencies.length, 0);
    });
    const latencies = elsewhere.flatMap((poster) => poster.latencies);
    const refused = (some: readonly Poster[]) => some.reduce((sum, poster) => sum + poster.refused, 0);
    if (refused(elsewhere) > 0) throw new Error(`${refused(elsewhere)} posts to other rooms were refused`);
    const stored = inLocked.reduce((sum, poster) => sum + poster.latencies.length, 0);
    notes.set(name, `${stored} posts into that room stored, ${refused(inLocked)} UNAVAILABLE`);
    return {
      ...figures,
      p50Ms: quantile(latencies, 0.5),
      p99Ms: quantile(latencies, 0.99),
      allMs: quantile(latencies, 1),
    };
  };
  const variants: Variant[] = [
    { name: FREE, node, run: () => run(FREE, load) },
    { name: LOCKED, node, run: () => run(LOCKED, () => whileLocked(databaseUrl, lockedId, load)) },
  ];
  return {
    title: `Locked room: posts into ${OTHER_ROOMS} other rooms, ${1_000 / POST_EVERY_MS} a second each, while ${IN_LOCKED_ROOM} people post into one`,
    each: 'post to another room, from when it was due; "last one" is the slowest',
    main: 'p99Ms',
    variants,
    marks: [
      {
        title: 'p99 of a post to another room while one room is locked',
        value: itself('p99Ms', LOCKED),
        sense: 'at most',
        must: 500,
        goal: 100,
        unit: ' ms',
      },
      {
        title: 'p99 of a post to another room while one room is locked ÷ while none is',
        value: shareOf('p99Ms', LOCKED, FREE),
        sense: 'at most',
        must: 100,
        goal: 2,
        unit: '×',
      },
    ],
    notes: () => [...notes].map(([name, became]) => `${name}: in the last round ${became}.`),
  };
};
