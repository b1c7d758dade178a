import { Client, inTime, makeRoom, post } from './client.ts';
import { measure, type Variant } from './figures.ts';
import { floorOperations } from './floor.ts';
import type { ParleyNode, Server, World } from './world.ts';

const CLIENTS = 256;
const ROOMS = 100;
const POSTS_AT_REST = 1_000;
const POSTS_UNDER_LOAD = 10_000;

type Send = (client: number) => Promise<unknown>;

/** Keeps `inFlight` posts under way until `count` are acknowledged; the clients take turns. The time to each answer. */
async function flood(count: number, inFlight: number, send: Send): Promise<number[]> {
  const times: number[] = [];
  let sent = 0;
  const worker = async (first: number) => {
    for (let client = first; sent < count; client = (client + inFlight) % CLIENTS) {
      sent++;
      const sentAt = performance.now();
      await send(client);
      times.push(performance.now() - sentAt);
    }
  };
  await inTime(Promise.all(Array.from({ length: inFlight }, (_, i) => worker(i))), 'all acknowledgements');
  return times;
}

function variantOf(
  name: string,
  server: Server,
  inFlight: number,
  send: Send,
  more: Partial<Variant>,
): Variant {
  const count = inFlight === 1 ? POSTS_AT_REST : POSTS_UNDER_LOAD;
  return { name, ...more, run: () => measure(server, () => flood(count, inFlight, send)) };
}

const FLOOR_AT_REST = 'floor: one INSERT each, 1 in flight';
const FLOOR_UNDER_LOAD = `floor: one INSERT each, ${CLIENTS} in flight`;

/** From a client's socket to the acknowledgement of a durable message; nobody watches. */
export async function posts(world: World): Promise<Variant[]> {
  const { nodes, people } = await world.deploy({ nodes: 1, people: CLIENTS });
  const node = nodes[0] as ParleyNode;
  const clients = await Promise.all(people.map(({ accessToken }) => Client.open(node.wsUrl, accessToken)));
  const userIds = people.map(({ userId }) => userId);
  const hotRoom = await makeRoom(clients[0] as Client, userIds.slice(1));
  const rooms: string[] = [];
  for (let i = 0; i < ROOMS; i++) {
    const others = userIds.filter((_, client) => client !== i && client % ROOMS === i);
    rooms.push(await makeRoom(clients[i] as Client, others));
  }
  const floor = await world.startFloor();
  const floorClients = await Promise.all(people.map(() => Client.open(floor.wsUrl)));
  const text = 'x'.repeat(120);

  const inHotRoom: Send = (i) => post(clients[i] as Client, hotRoom);
  const inOwnRoom: Send = (i) => post(clients[i] as Client, rooms[i % ROOMS] as string);
  const insert: Send = (i) => (floorClients[i] as Client).ask(floorOperations.insert, { text });
  const atRest = { node, floor: FLOOR_AT_REST };
  const underLoad = { node, floor: FLOOR_UNDER_LOAD };
  return [
    variantOf('post, 1 in flight', node, 1, inHotRoom, atRest),
    variantOf(FLOOR_AT_REST, floor, 1, insert, {}),
    variantOf(`post, ${CLIENTS} in flight, ${ROOMS} rooms`, node, CLIENTS, inOwnRoom, underLoad),
    variantOf(`post, ${CLIENTS} in flight, one room`, node, CLIENTS, inHotRoom, underLoad),
    variantOf(FLOOR_UNDER_LOAD, floor, CLIENTS, insert, {}),
  ];
}
