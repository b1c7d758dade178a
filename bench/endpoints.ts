import {
  type Figures,
  type MakeSuite,
  type Mark,
  measure,
  type Scale,
  times,
  timesLess,
  type Variant,
} from './figures.ts';
import { gqlLine, type Line } from './load/load.ts';
import type { Server, World } from './world.ts';

const CONNECTIONS = 64;
const OPERATIONS = 20_000;
const ANSWER = '"serverInfo":{"version"';
const query = '{ serverInfo { version } }';
const FLOOR = 'node:http echo of JSON';

type Transport = 'http' | 'socket';
const lineOf: Record<Transport, Line> = {
  http: { path: '/graphql', request: { query } },
  socket: gqlLine('', { request: { query } }),
};

function variantOf(world: World, scale: Scale, name: string, server: Server, transport: Transport): Variant {
  const count = scale.of(OPERATIONS);
  const run = async (): Promise<Figures> => {
    // New each time, because idle connections are cut after seconds. The figure does not include opening them.
    const load = await world.startLoad({
      port: server.port,
      mode: transport === 'http' ? 'http' : 'gql',
      lines: Array.from({ length: CONNECTIONS }, () => lineOf[transport]),
      answer: ANSWER,
    });
    const figures = await measure({ world, servers: [server], loads: [load] }, async () => {
      await load.flood(count, CONNECTIONS);
      return count;
    });
    const { answers } = await load.stat();
    load.stop();
    return { ...figures, ...times(answers) };
  };
  return { name, node: server, run };
}

const markOf = (ours: string, how: string, must: number, goal: number): Mark => ({
  title: `an operation ${how}: CPU of ${FLOOR} ÷ Parley's`,
  value: timesLess('cpuMicros', ours, FLOOR),
  sense: 'at least',
  must,
  goal,
  unit: '×',
});

/** What an operation costs that does nothing: the way in and out. */
export const endpoints: MakeSuite = async (world: World, scale: Scale) => {
  const { nodes } = await world.deploy({ nodes: 1, people: 1 });
  const node = nodes[0] as Server;
  const echo = await world.startPeer({ file: 'endpoints.mjs', variant: 'echo' });
  const stock = await world.startPeer({ file: 'graphql.mjs', variant: 'graphql-ws' });
  const yoga = await world.startPeer({ file: 'graphql.mjs', variant: 'yoga' });
  const jit = await world.startPeer({ file: 'graphql.mjs', variant: 'yoga-jit' });
  const mercurius = await world.startPeer({ file: 'mercurius.mjs', variant: 'mercurius' });
  const [onSocket, overHttp] = ['Parley, open socket', 'Parley, HTTP'];
  const rows: readonly (readonly [string, Server, Transport])[] = [
    [onSocket, node, 'socket'],
    [overHttp, node, 'http'],
    [FLOOR, echo, 'http'],
    ['graphql-ws, open socket', stock, 'socket'],
    ['Yoga + graphql-ws, open socket', yoga, 'socket'],
    ['Yoga, HTTP', yoga, 'http'],
    ['Yoga, HTTP, jit', jit, 'http'],
    ['Mercurius, HTTP, jit', mercurius, 'http'],
  ];
  return {
    title: 'Endpoints: a field that costs nothing, 64 connections',
    each: 'operation',
    main: 'cpuMicros',
    variants: rows.map(([name, server, transport]) => variantOf(world, scale, name, server, transport)),
    marks: [markOf(onSocket, 'on an open socket', 0.6, 0.9), markOf(overHttp, 'over HTTP', 0.4, 0.7)],
  };
};
