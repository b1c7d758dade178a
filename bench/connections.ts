import { setTimeout as delay } from 'node:timers/promises';
import { Inspector } from '../test/harness/inspector.ts';
import { Client, makeRoom, WATCH_ROOM } from './client.ts';
import { cpuMicros, rssBytes } from './cpu.ts';
import { PEERS } from './fanout.ts';
import { type Figures, type MakeSuite, type Scale, shareOf, type Variant } from './figures.ts';
import { lineOf } from './hall.ts';
import { gqlLine, type Line, type Mode } from './load/load.ts';
import type { ParleyNode, Server, World } from './world.ts';

const ROOMS = 100;
/** With this number, the fixed memory is already allocated: the rest belongs to subscriptions. */
const FIRST = 1_000;
const SETTLING_MS = 1_500;
/** After this time, the garbage of opening connections has been collected. */
const QUIET_MS = 6_000;

interface Crowd {
  readonly name: string;
  readonly server: Server;
  readonly mode: Mode;
  readonly lines: readonly Line[];
  readonly ready?: string;
}

async function memoryOf(server: Server) {
  await delay(SETTLING_MS);
  const inspector = await Inspector.open(server.inspectorUrl ?? '');
  const heap = await inspector.heapBytes();
  inspector.close();
  return { heap, rss: rssBytes(server) };
}

/** In hundredths of a core, while nothing happens but what keeps the connections alive. */
async function idlePercent({ pid }: Server, ms: number): Promise<number> {
  const [before, started] = [cpuMicros(pid), performance.now()];
  await delay(ms);
  return (cpuMicros(pid) - before) / (performance.now() - started) / 10;
}

function variantOf(world: World, { name, server, mode, lines, ready = '' }: Crowd, idleMs: number): Variant {
  const open = (some: readonly Line[]) => world.startLoad({ port: server.port, mode, lines: some, ready });
  const run = async (): Promise<Figures> => {
    const loads = [await open(lines.slice(0, FIRST))];
    const before = await memoryOf(server);
    loads.push(await open(lines.slice(FIRST)));
    const after = await memoryOf(server);
    await delay(QUIET_MS);
    const idle = await idlePercent(server, idleMs);
    for (const load of loads) load.stop();
    await delay(SETTLING_MS); // until the server knows that they are gone
    const each = (name: 'heap' | 'rss') => (after[name] - before[name]) / (lines.length - FIRST) / 1_024;
    return { heapKb: each('heap'), rssKb: each('rss'), idlePercent: idle };
  };
  return { name, node: server, run };
}

async function parleyCrowd(world: World, count: number): Promise<Crowd> {
  const { nodes, people } = await world.deploy({ nodes: 1, people: count + 1, isInspected: true });
  const node = nodes[0] as ParleyNode;
  const owner = await Client.open(node.wsUrl, people[0]?.accessToken);
  const lines: Line[] = [];
  for (let room = 0; room < ROOMS; room++) {
    const members = people.slice(1).filter((_, i) => i % ROOMS === room);
    const id = await makeRoom(
      owner,
      members.map(({ userId }) => userId),
    );
    const subscription = { query: WATCH_ROOM, variables: { id } };
    lines.push(...members.map(({ accessToken }) => gqlLine(accessToken, { subscription })));
  }
  await owner.close();
  return { name: 'Parley', server: node, mode: 'gql', lines, ready: 'StreamReady' };
}

/** What a live subscription holds that nothing comes in on. */
export const connections: MakeSuite = async (world: World, scale: Scale) => {
  const count = scale.connections;
  const crowds = [await parleyCrowd(world, count)];
  for (const { title, file, variant, mode } of PEERS) {
    if (title.includes('Redis') || title.includes('jit')) continue;
    const server = await world.startPeer({ file, variant, isInspected: true });
    const makeLine = lineOf[mode as 'gql'];
    const lines = Array.from({ length: count }, (_, i) => makeLine(i % ROOMS));
    crowds.push({ name: title, server, mode, lines });
  }
  const idleMs = scale.isQuick ? 3_000 : 12_000;
  return {
    title: `Connections: from ${FIRST.toLocaleString('en')} to ${count.toLocaleString('en')} live subscriptions`,
    each: 'subscription on a socket of its own',
    main: 'heapKb',
    variants: crowds.map((crowd) => variantOf(world, crowd, idleMs)),
    marks: [
      {
        title: "heap of a live subscription: Parley's ÷ graphql-ws'",
        value: shareOf('heapKb', 'Parley', 'graphql-ws'),
        sense: 'at most',
        must: 0.5,
        goal: 0.25,
        unit: '×',
      },
    ],
  };
};
