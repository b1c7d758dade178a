import {
  type Figures,
  type MakeSuite,
  measure,
  type Scale,
  shareOf,
  times,
  type Variant,
} from './figures.ts';
import type { Line, Mode } from './load/load.ts';
import { ACKNOWLEDGED, gather, POSTERS, parleyLine, prismaLines, rawLines } from './posters.ts';
import type { Server, World } from './world.ts';

interface Flooded {
  readonly name: string;
  readonly server: Server;
  readonly mode: Mode;
  readonly lines: readonly Line[];
  readonly answer: string;
  readonly count: number;
}

async function variantOf(world: World, flooded: Flooded): Promise<Variant> {
  const { name, server, mode, lines, answer, count } = flooded;
  const load = await world.startLoad({ port: server.port, mode, lines, answer });
  const run = async (): Promise<Figures> => {
    const figures = await measure({ world, servers: [server], loads: [load] }, async () => {
      await load.flood(count, POSTERS);
      return count;
    });
    return { ...figures, ...times((await load.stat()).answers) };
  };
  return { name, node: server, run };
}

/** From a client's socket to the acknowledgement of a durable message, without subscribers. */
export const posts: MakeSuite = async (world: World, scale: Scale) => {
  const deployment = await world.deploy({ nodes: 1, people: POSTERS });
  const node = deployment.nodes[0] as Server;
  const { hot, spread } = await gather(deployment);
  const prisma = await world.startPeer({
    file: 'prisma-chat.mjs',
    variant: 'prisma-chat',
    settings: { database: await world.createDatabase() },
  });
  const raw = await world.startPeer({
    file: 'raw-posts.mjs',
    variant: 'raw-posts',
    settings: { database: await world.createDatabase(), redis: await world.startRedis() },
  });
  const [parley, stock] = ['Parley', 'Yoga + graphql-ws + Prisma transaction'];
  const variants: Variant[] = [];
  for (const isHot of [false, true]) {
    const where = isHot ? 'one room' : '100 rooms';
    const all: Flooded[] = [
      {
        name: `${parley}, ${where}`,
        server: node,
        mode: 'gql',
        lines: (isHot ? hot : spread).map(parleyLine),
        answer: ACKNOWLEDGED.parley,
        count: scale.of(20_000),
      },
      {
        name: `${stock}, ${where}`,
        server: prisma,
        mode: 'gql',
        lines: prismaLines(isHot),
        answer: ACKNOWLEDGED.prisma,
        count: scale.of(1_500),
      },
      {
        name: `raw ws + one prepared statement each, ${where}`,
        server: raw,
        mode: 'raw',
        lines: rawLines(isHot),
        answer: ACKNOWLEDGED.raw,
        count: scale.of(8_000),
      },
    ];
    for (const each of all) variants.push(await variantOf(world, each));
  }
  return {
    title: `Durable posts over sockets, ${POSTERS} in flight`,
    each: 'post',
    main: 'perSecond',
    variants,
    marks: ['100 rooms', 'one room'].map((where) => ({
      title: `durable posts/s, ${where}: Parley ÷ ${stock}`,
      value: shareOf('perSecond', `${parley}, ${where}`, `${stock}, ${where}`),
      sense: 'at least',
      must: 15,
      goal: 30,
      unit: '×',
    })),
  };
};
