import { Client, inTime, makeRoom, post, WATCH_ROOM } from './client.ts';
import { measure, type Variant } from './figures.ts';
import { floorOperations } from './floor.ts';
import type { ParleyNode, Server, World } from './world.ts';

const SUBSCRIBERS = Number(process.env['SUBSCRIBERS'] ?? 1_000);
const POSTERS = 10;
const SINGLE_POSTS = 200;
const BURSTS = 40;
const BURST = 10;

/** Everybody who watches, counted together. */
class Audience {
  /** The last frame that brought a message, as it came. */
  frame = '';
  private readonly clients: readonly Client[];
  private awaited = '';
  private missing = 0;
  private startedAt = 0;
  private times: number[] = [];
  private resolve: () => void = () => undefined;
  private reject: (error: Error) => void = () => undefined;

  constructor(clients: readonly Client[]) {
    this.clients = clients;
  }

  /** Opens a stream for each; resolves when all are live. */
  async watch(query: string, variables: object): Promise<void> {
    await this.hearAll('StreamReady', 1, () =>
      this.clients.map((client) => client.stream(query, variables, (frame) => this.hear(frame))),
    );
  }

  /** Says `count` things at once. Gives the time to each delivery when everybody has heard everything. */
  tell(count: number, say: (i: number) => Promise<unknown>): Promise<number[]> {
    return this.hearAll('MessageCreated', count, () => Array.from({ length: count }, (_, i) => say(i)));
  }

  private async hearAll(what: string, count: number, cause: () => unknown[]): Promise<number[]> {
    const heard = new Promise<void>((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.awaited = what;
    this.times = [];
    this.missing = count * this.clients.length;
    this.startedAt = performance.now();
    await inTime(Promise.all([heard, ...cause()]), `${what} to come to everybody`);
    if (this.missing !== 0) throw new Error(`${what} came more often than it should`);
    return this.times;
  }

  private hear(frame: Buffer): void {
    if (frame.includes('"Heartbeat"')) return;
    if (!frame.includes(this.awaited)) return this.reject(new Error(`unexpected: ${String(frame)}`));
    this.times.push(performance.now() - this.startedAt);
    if (--this.missing > 0) return;
    this.frame = String(frame);
    this.resolve();
  }
}

/** Those who speak and those who hear, at one server or at two. */
interface Hall {
  readonly audience: Audience;
  readonly say: (i: number) => Promise<unknown>;
}

/** Posts come in at the first node, deliveries leave from the last. */
async function fill(world: World, nodes: number): Promise<Hall & { readonly last: ParleyNode }> {
  const deployment = await world.deploy({ nodes, people: SUBSCRIBERS + 1 });
  const [owner, ...members] = deployment.people;
  const [first, last] = [deployment.nodes[0] as ParleyNode, deployment.nodes.at(-1) as ParleyNode];
  // A socket may send so many messages in a second, hence several.
  const posters = await Promise.all(
    Array.from({ length: POSTERS }, () => Client.open(first.wsUrl, owner?.accessToken)),
  );
  const roomId = await makeRoom(
    posters[0] as Client,
    members.map(({ userId }) => userId),
  );
  const audience = new Audience(
    await Promise.all(members.map(({ accessToken }) => Client.open(last.wsUrl, accessToken))),
  );
  await audience.watch(WATCH_ROOM, { id: roomId });
  return { audience, last, say: (i) => post(posters[i % POSTERS] as Client, roomId) };
}

/** The same bytes to as many sockets. */
async function fillFloor(floor: Server, frame: () => string): Promise<Hall> {
  const audience = new Audience(
    await Promise.all(Array.from({ length: SUBSCRIBERS }, () => Client.open(floor.wsUrl))),
  );
  await audience.watch(floorOperations.watch, {});
  const speaker = await Client.open(floor.wsUrl);
  return { audience, say: () => speaker.ask(floorOperations.tellAll, { frame: frame() }) };
}

function variantsOf(
  what: string,
  server: Server,
  { audience, say }: Hall,
  more: Partial<Variant> = {},
): Variant[] {
  const variant = (how: string, rounds: number, size: number): Variant => ({
    name: `${what}, ${how}`,
    ...more,
    ...(more.floor && { floor: `${more.floor}, ${how}` }),
    run: () =>
      measure(server, async () => {
        const times: number[] = [];
        for (let i = 0; i < rounds; i++) times.push(...(await audience.tell(size, (n) => say(i * size + n))));
        return times;
      }),
  });
  return [variant('1 at a time', SINGLE_POSTS, 1), variant(`bursts of ${BURST}`, BURSTS, BURST)];
}

const FLOOR_NAME = 'floor: ws.send to each';

/** One event to everybody in a room of 200. */
export async function fanout(world: World, note: (line: string) => void): Promise<Variant[]> {
  const one = await fill(world, 1);
  await one.audience.tell(1, one.say); // so that the floor has a frame to send
  const floor = await world.startFloor();
  const floorHall = await fillFloor(floor, () => one.audience.frame);
  const variants = [
    ...variantsOf('fan-out', one.last, one, { floor: FLOOR_NAME, node: one.last }),
    ...variantsOf(FLOOR_NAME, floor, floorHall),
  ];
  note(`fan-out: ${SUBSCRIBERS} subscribers, frames of ${one.audience.frame.length} bytes`);
  if (!world.redisUrl) {
    note('fan-out between nodes: skipped, there is no redis-server on the PATH');
    return variants;
  }
  const two = await fill(world, 2);
  const between = variantsOf('fan-out, posted at another node', two.last, two, {
    floor: FLOOR_NAME,
    node: two.last,
  });
  return [...variants, ...between];
}
