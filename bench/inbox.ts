import pg from 'pg';
import { numberIn } from '../test/harness/ids.ts';
import { Inspector } from '../test/harness/inspector.ts';
import { Client, inTime, WATCH_INBOX } from './client.ts';
import { rssBytes } from './cpu.ts';
import { type Figures, type MakeSuite, measure, type Round, shareOf, type Variant } from './figures.ts';
import type { ParleyNode, Person, World } from './world.ts';

const STREAMS = 100;
const SOCKETS = 10;

/** Past the node: by mutations it would take minutes. */
const MAKE_ROOMS = `
  SELECT count(*) FROM generate_series(1, $2::int) AS i,
    LATERAL create_room($1::bigint, 1::smallint, 'room ' || i, NULL, 'room ' || i, gen_random_uuid())`;

async function makeRooms(url: string, { userId }: Person, count: number): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  await client.query(MAKE_ROOMS, [numberIn(userId), count]);
  await client.query('VACUUM (ANALYZE)');
  await client.end();
}

async function memoryOf(node: ParleyNode): Promise<{ heap: number; rss: number }> {
  const inspector = await Inspector.open(node.inspectorUrl ?? '');
  const heap = await inspector.heapBytes();
  inspector.close();
  return { heap, rss: rssBytes(node) };
}

/** Opens streams of one user, over a few sockets; resolves when all are live. */
async function open(clients: readonly Client[], count: number): Promise<void> {
  const live = Array.from(
    { length: count },
    (_, i) =>
      new Promise<void>((resolve, reject) => {
        clients[i % clients.length]?.stream(WATCH_INBOX, {}, (frame) => {
          if (frame.includes('"StreamReady"')) resolve();
          else if (frame.includes('"errors"')) reject(new Error(String(frame)));
        });
      }),
  );
  await inTime(Promise.all(live), 'all streams to be live');
}

const FIRST = 'the first stream';
const FURTHER = `${STREAMS} more, at once`;

/** The cost of an inbox of a user with many rooms: the first stream on a node, and further ones. */
export const inbox: MakeSuite = async (world: World, scale) => {
  const rooms = scale.of(2_000);
  const { nodes, people, databaseUrl } = await world.deploy({ nodes: 1, people: 1, isInspected: true });
  const [node, person] = [nodes[0] as ParleyNode, people[0] as Person];
  await makeRooms(databaseUrl, person, rooms);

  const cost = async (clients: readonly Client[], count: number): Promise<Figures> => {
    const before = await memoryOf(node);
    const started = performance.now();
    const figures = await measure({ world, servers: [node], loads: [] }, async () => {
      await open(clients, count);
      return count;
    });
    const allMs = performance.now() - started;
    const after = await memoryOf(node);
    const each = (name: 'heap' | 'rss') => (after[name] - before[name]) / count / 1_024;
    return { ...figures, allMs, heapKb: each('heap'), rssKb: each('rss') };
  };
  let [first, further]: Figures[] = [];
  const round = async (): Promise<void> => {
    const clients: Client[] = [];
    for (let i = 0; i < SOCKETS; i++) clients.push(await Client.open(node.wsUrl, person.accessToken));
    first = await cost(clients, 1);
    further = await cost(clients, STREAMS);
    for (const client of clients) await client.close();
  };
  const variants: Variant[] = [
    { name: FIRST, node, run: () => round().then(() => first ?? {}) },
    { name: FURTHER, node, run: async () => further ?? {} },
  ];
  const longer = (of: Round) => (of.get(FURTHER)?.allMs ?? Number.NaN) / (of.get(FIRST)?.allMs ?? Number.NaN);
  return {
    title: `Inbox: streams of one person with ${rooms.toLocaleString('en')} rooms`,
    each: 'stream',
    main: 'heapKb',
    variants,
    marks: [
      {
        title: 'heap of one more stream ÷ of the first',
        value: shareOf('heapKb', FURTHER, FIRST),
        sense: 'at most',
        must: 0.1,
        goal: 0.02,
        unit: '×',
      },
      {
        title: `until ${STREAMS} more are live ÷ until the first is`,
        value: longer,
        sense: 'at most',
        must: 10,
        goal: 4,
        unit: '×',
      },
    ],
  };
};
