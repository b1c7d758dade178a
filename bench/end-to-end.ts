import { setTimeout as delay } from 'node:timers/promises';
import { WATCH_ROOM } from './client.ts';
import {
  type Figures,
  itself,
  type MakeSuite,
  measure,
  type Scale,
  shareOf,
  times,
  type Variant,
} from './figures.ts';
import { gqlLine, type Line, type Load, type Mode } from './load/load.ts';
import { ACKNOWLEDGED, gather, POSTERS, parleyLine, prismaLines, rawLines } from './posters.ts';
import type { Server, World } from './world.ts';

const WATCHERS = 10;
// Long enough that nothing of the last post is still under way.
const REST_MS = 10;
// An idle server has usually been up for a while, so the code of a post is compiled.
const WARM_UP = 5_000;
const WARM_UP_IN_FLIGHT = 8;

/** The senders and the receivers, each at their own node. */
interface Pair {
  readonly name: string;
  readonly servers: readonly Server[];
  readonly posting: Load;
  readonly watching: Load;
}

interface PairOptions {
  readonly name: string;
  readonly mode: Mode;
  readonly nodes: readonly Server[];
  readonly posters: readonly Line[];
  readonly watchers: readonly Line[];
  readonly answer: string;
  readonly ready?: string;
}

async function pairOf(world: World, options: PairOptions): Promise<Pair> {
  const { name, mode, nodes, posters, watchers, answer, ready = '' } = options;
  const [first, last] = [nodes[0] as Server, nodes.at(-1) as Server];
  const posting = await world.startLoad({ port: first.port, mode, lines: posters, answer });
  const watching = await world.startLoad({ port: last.port, mode, lines: watchers, ready });
  return { name, servers: nodes, posting, watching };
}

/** One post after the other, and nothing else going on. The time is from sending it to hearing it at the other node. */
function atRest(world: World, { name, servers, posting, watching }: Pair, count: number): Variant {
  const run = async (): Promise<Figures> => {
    const figures = await measure({ world, servers, loads: [posting, watching] }, async () => {
      for (let i = 0; i < count; i++) {
        await Promise.all([watching.expect(1), posting.flood(1, 1)]);
        await delay(REST_MS);
      }
      return count;
    });
    await posting.stat();
    // The rate is that of the pauses.
    const { perSecond: _, ...said } = figures;
    return { ...said, ...times((await watching.stat()).deliveries) };
  };
  return { name, node: servers[0] as Server, run };
}

async function warmUp({ posting, watching }: Pair, count: number): Promise<void> {
  await Promise.all([watching.expect(count), posting.flood(count, WARM_UP_IN_FLIGHT)]);
  await Promise.all([posting.stat(), watching.stat()]);
}

/** As many as the servers take, ten deliveries each. */
function underLoad(world: World, { name, servers, posting, watching }: Pair, count: number): Variant {
  const run = async (): Promise<Figures> => {
    const figures = await measure({ world, servers, loads: [posting, watching] }, async () => {
      await Promise.all([watching.expect(count * WATCHERS), posting.flood(count, POSTERS)]);
      return count;
    });
    await posting.stat();
    return { ...figures, ...times((await watching.stat()).deliveries) };
  };
  return { name, node: servers[0] as Server, run };
}

async function parleyPair(world: World, nodes: 1 | 2, watcherCount: number): Promise<Pair> {
  const deployment = await world.deploy({ nodes, people: POSTERS + watcherCount, withRedis: true });
  const { hot } = await gather(deployment);
  const subscription = { query: WATCH_ROOM, variables: { id: hot[0]?.roomId } };
  return pairOf(world, {
    name: 'Parley',
    mode: 'gql',
    nodes: deployment.nodes,
    posters: hot.slice(0, watcherCount === 1 ? 1 : POSTERS).map(parleyLine),
    watchers: deployment.people
      .slice(POSTERS)
      .map(({ accessToken }) => gqlLine(accessToken, { subscription })),
    answer: ACKNOWLEDGED.parley,
    ready: 'StreamReady',
  });
}

async function rawPair(world: World, count: 1 | 2, watcherCount: number): Promise<Pair> {
  const settings = { database: await world.createDatabase(), redis: await world.startRedis() };
  const nodes: Server[] = [];
  for (let i = 0; i < count; i++)
    nodes.push(await world.startPeer({ file: 'raw-posts.mjs', variant: 'raw', settings }));
  return pairOf(world, {
    name: 'raw ws + prepared INSERT + Redis',
    mode: 'raw',
    nodes,
    posters: rawLines(true).slice(0, watcherCount === 1 ? 1 : POSTERS),
    watchers: Array.from({ length: watcherCount }, () => ({ path: '/watch' })),
    answer: ACKNOWLEDGED.raw,
  });
}

async function prismaPair(world: World): Promise<Pair> {
  const settings = { database: await world.createDatabase() };
  const node = await world.startPeer({ file: 'prisma-chat.mjs', variant: 'prisma-chat', settings });
  const query = 'subscription($id: ID!) { room(id: $id) { id seq text sentAt author { id displayName } } }';
  const watcher = gqlLine('', { subscription: { query, variables: { id: '100' } } });
  const pair = await pairOf(world, {
    name: 'Yoga + graphql-ws + Prisma transaction, no Redis',
    mode: 'gql',
    nodes: [node],
    posters: prismaLines(true),
    watchers: Array.from({ length: WATCHERS }, () => watcher),
    answer: ACKNOWLEDGED.prisma,
  });
  await delay(500); // a sent subscription is not live yet
  return pair;
}

/** How long a post is under way when nothing else is. */
export const rest: MakeSuite = async (world: World, scale: Scale) => {
  const pairs = [await parleyPair(world, 2, 1), await rawPair(world, 2, 1)];
  for (const pair of pairs) await warmUp(pair, scale.of(WARM_UP));
  const [ours, theirs] = pairs.map(({ name }) => name) as [string, string];
  return {
    title: 'A post at rest: from sending it to one node to hearing it at the other',
    each: 'post',
    main: 'p50Ms',
    variants: pairs.map((pair) => atRest(world, pair, scale.of(300))),
    marks: [
      {
        title: `p50 at rest, from one node to the other: ${ours}'s ÷ ${theirs}'s`,
        value: shareOf('p50Ms', ours, theirs),
        sense: 'at most',
        must: 1.25,
        goal: 1.05,
        unit: '×',
      },
    ],
  };
};

/** The cost of a post for all servers together, with all its receivers. */
export const busy: MakeSuite = async (world: World, scale: Scale) => {
  const parley = await parleyPair(world, 1, WATCHERS);
  return {
    title: `Posts into one hot room, ${POSTERS} in flight, ${WATCHERS} hear each`,
    each: `post with its ${WATCHERS} deliveries`,
    main: 'wholeMicros',
    variants: [
      underLoad(world, parley, scale.of(20_000)),
      underLoad(world, await rawPair(world, 1, WATCHERS), scale.of(3_000)),
      underLoad(world, await prismaPair(world), scale.of(800)),
    ],
    marks: [
      {
        title: `CPU of a post with ${WATCHERS} deliveries: node, PostgreSQL and Redis`,
        value: itself('wholeMicros', parley.name),
        sense: 'at most',
        must: 150,
        goal: 90,
        unit: ' µs',
      },
    ],
  };
};
