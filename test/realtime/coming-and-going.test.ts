import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDatabase, type TestDatabase } from '../harness/database.ts';
import type { Feed } from '../harness/feed.ts';
import { Inspector } from '../harness/inspector.ts';
import { startNode, type TestNode } from '../harness/node.ts';
import { type Person, signUp } from '../harness/people.ts';

// Clients connect, subscribe and leave in every possible way; the node ends in its initial state. CYCLES=10000 for a
// long run.

const CYCLES = Number(process.env['CYCLES'] ?? 1_000);
const AT_ONCE = 20;
/** What one subscription takes, at least; of a leak there would be one per cycle. */
const BYTES_PER_SUBSCRIPTION = 4_000;

let database: TestDatabase;
let node: TestNode;
let inspector: Inspector;
let ada: Person;
const rooms: string[] = [];

beforeAll(async () => {
  database = await createDatabase();
  const env = {
    NODE_OPTIONS: '--inspect=127.0.0.1:0',
    HEARTBEAT_SECONDS: '1',
    POSTS_PER_SECOND: '100000',
    POSTS_BURST: '100000',
  };
  node = await startNode({ databaseUrl: database.url, env });
  const url = /ws:\/\/127\.0\.0\.1:\d+\/[\w-]+/.exec(node.output())?.[0] ?? '';
  inspector = await Inspector.open(url);
  ada = await signUp(node, 'ada');
  for (let i = 0; i < AT_ONCE; i++) rooms.push(await ada.createRoom(`room ${i}`));
});

afterAll(async () => {
  inspector?.close();
  await node?.stop();
  await database?.drop();
});

const goings: ((feed: Feed) => void)[] = [
  (feed) => feed.close(), // the subscription ends, then the socket
  (feed) => feed.cut(), // the socket breaks without a close
  (feed) => feed.socket?.close(4000), // the socket is closed around a subscription
];

async function comeAndGo(cycle: number): Promise<void> {
  const room = rooms[cycle % AT_ONCE] as string;
  const feed = await (cycle % 2 ? ada.watchInbox() : ada.watch(room));
  // Some leave before they are admitted.
  if (cycle % 5 !== 0) await feed.next('StreamReady');
  if (cycle % 7 === 0) await ada.say(room, `cycle ${cycle}`);
  goings[cycle % goings.length]?.(feed);
}

async function live(cycles: number): Promise<void> {
  let next = 0;
  const someone = async () => {
    while (next < cycles) await comeAndGo(next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, someone));
}

/** The first error with a stack in a file makes the node read the source map of that file, and keep it: some MB. */
async function readSourceMaps(): Promise<void> {
  const expression = `{
    const [fs, path, { findSourceMap }] = ['fs', 'path', 'module'].map(process.getBuiltinModule);
    const folder = path.dirname(process.argv[1]);
    fs.readdirSync(folder).filter((name) => name.endsWith('.js') && findSourceMap(path.join(folder, name))).length;
  }`;
  const { result } = await inspector.ask<{ result: { value?: number } }>('Runtime.evaluate', { expression });
  expect(result.value).toBeGreaterThan(0);
}

const HELD = ['parley_sockets', 'parley_streams', 'parley_followed_rooms'];

/** The resources of the node after all clients have left. */
async function rest() {
  await expect
    .poll(
      async () => {
        const metrics = await node.metrics();
        return HELD.map((name) =>
          Object.keys(metrics)
            .filter((key) => key === name || key.startsWith(`${name}{`))
            .reduce((sum, key) => sum + (metrics[key] ?? 0), 0),
        );
      },
      { timeout: 120_000 },
    )
    .toEqual([0, 0, 0]);
  const metrics = await node.metrics();
  return { files: metrics['process_open_fds'] ?? 0, heapBytes: await inspector.heapBytes() };
}

test(
  `${CYCLES} clients come and go`,
  async () => {
    await readSourceMaps();
    await live(200); // pools filled, code compiled
    const before = await rest();
    await live(CYCLES);
    const after = await rest();
    // One connection more to the database, or one of HTTP that is kept alive, may be open.
    expect(after.files).toBeLessThanOrEqual(before.files + 10);
    expect(after.heapBytes - before.heapBytes).toBeLessThan(CYCLES * BYTES_PER_SUBSCRIPTION);
    console.log(JSON.stringify({ cycles: CYCLES, before, after }));
  },
  60_000 + CYCLES * 50,
);
