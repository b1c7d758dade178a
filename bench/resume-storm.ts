import { Client, inTime, makeRoom, posted, WATCH_INBOX, WATCH_ROOM } from './client.ts';
import { type Figures, type MakeSuite, measure, median } from './figures.ts';
import { statementsOf } from './statements.ts';
import type { ParleyNode, Person } from './world.ts';

const CLIENTS = 200;
const BEHIND = 50;

interface Ready {
  readonly cursor: string;
  readonly replayedCount: number;
}

/** A client that leaves and returns: every other one with a room stream, the others with their inbox. */
class Wanderer {
  private readonly node: ParleyNode;
  private readonly person: Person;
  private readonly roomId: string | null;
  private cursor: string | null = null;
  private client: Client | null = null;

  constructor(node: ParleyNode, person: Person, roomId: string | null) {
    this.node = node;
    this.person = person;
    this.roomId = roomId;
  }

  /** Resolves when the stream is live, with the number of events that came before that. */
  async come(): Promise<number> {
    const client = await Client.open(this.node.wsUrl, this.person.accessToken);
    this.client = client;
    let heard = 0;
    const { cursor, replayedCount } = await new Promise<Ready>((resolve, reject) => {
      const variables = { ...(this.roomId && { id: this.roomId }), after: this.cursor };
      client.stream(this.roomId ? WATCH_ROOM : WATCH_INBOX, variables, (frame) => {
        if (frame.includes('"MessageCreated"')) heard++;
        else if (frame.includes('"StreamReady"')) resolve(readyIn(frame));
        else if (!frame.includes('"Heartbeat"')) reject(new Error(String(frame)));
      });
    });
    if (heard !== replayedCount) throw new Error(`${heard} of ${replayedCount} events came`);
    this.cursor = cursor;
    return heard;
  }

  async go(): Promise<void> {
    await this.client?.close();
  }
}

function readyIn(frame: Buffer): Ready {
  const { payload } = JSON.parse(String(frame)) as { payload: { data: Record<string, Ready> } };
  return Object.values(payload.data)[0] as Ready;
}

/** Resolves when the node has only these clients. */
async function untilAlone(node: ParleyNode, streams: number): Promise<void> {
  while (((await node.metrics())['parley_streams'] ?? 0) > streams);
}

/** The clients of a full room lose their network, 50 messages pass, and all return in the same moment. */
export const resumeStorm: MakeSuite = async (world) => {
  const { nodes, people } = await world.deploy({
    nodes: 1,
    people: CLIENTS + 2,
    // In production one address may not have so many pending sockets.
    env: { NODE_ENV: 'test' },
  });
  const node = nodes[0] as ParleyNode;
  const [owner, stayer, ...others] = people as [Person, Person, ...Person[]];
  const speaker = await Client.open(node.wsUrl, owner.accessToken);
  const roomId = await makeRoom(
    speaker,
    people.slice(1).map(({ userId }) => userId),
  );
  const wanderers = others.map((person, i) => new Wanderer(node, person, i % 2 ? null : roomId));
  const onlooker = new Wanderer(node, stayer, roomId);
  const all = (what: (one: Wanderer) => Promise<unknown>) =>
    inTime(Promise.all(wanderers.map(what)), 'all clients');
  await all((one) => one.come());
  await all((one) => one.go());

  /** `staying` 1: one stream still watches the room at this node, so that its latest events are in memory. */
  const storm = async (staying: 0 | 1): Promise<Figures> => {
    if (staying) await onlooker.come();
    await inTime(untilAlone(node, staying), 'the node to be alone');
    for (let i = 0; i < BEHIND; i++) await posted(speaker, roomId);
    const comeBack = async (times: number[]) => {
      const started = performance.now();
      await all(async (one) => {
        const replayed = await one.come();
        times.push(performance.now() - started);
        if (replayed !== BEHIND) throw new Error(`${replayed} events were replayed instead of ${BEHIND}`);
      });
      return times;
    };
    const times: number[] = [];
    const statements = await statementsOf(node);
    const figures = await measure(
      { world, servers: [node], loads: [] },
      async () => (await comeBack(times)).length,
    );
    const each = ((await statementsOf(node)) - statements) / CLIENTS;
    await all((one) => one.go());
    if (staying) await onlooker.go();
    return { ...figures, statements: each, p50Ms: median(times), allMs: Math.max(...times) };
  };
  return {
    title: `Resume: ${CLIENTS} clients, ${BEHIND} events behind, come back in the same moment`,
    each: 'resume',
    main: 'cpuMicros',
    marks: [],
    variants: [
      { name: 'Parley, nobody stayed', node, run: () => storm(0) },
      { name: 'Parley, one stayed', node, run: () => storm(1) },
    ],
  };
};
