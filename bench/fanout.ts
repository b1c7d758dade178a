import {
  type Figures,
  type MakeSuite,
  type Mark,
  measure,
  type Scale,
  type Suite,
  seen,
  timesLess,
  type Variant,
} from './figures.ts';
import { type Hall, Pace, type PeerHallOptions, parleyHall, peerHall, type Shape } from './hall.ts';
import type { World } from './world.ts';

export const PEERS: readonly PeerHallOptions[] = [
  { title: 'raw ws.send', file: 'raw.mjs', variant: 'raw', mode: 'raw' },
  { title: 'graphql-ws', file: 'graphql.mjs', variant: 'graphql-ws', mode: 'gql' },
  { title: 'Yoga + graphql-ws', file: 'graphql.mjs', variant: 'yoga', mode: 'gql' },
  { title: 'Yoga + graphql-ws, jit', file: 'graphql.mjs', variant: 'yoga-jit', mode: 'gql' },
  { title: 'Mercurius', file: 'mercurius.mjs', variant: 'mercurius', mode: 'gql' },
  { title: 'Socket.IO', file: 'socket-io.mjs', variant: 'socket-io', mode: 'sio' },
  { title: 'Socket.IO + Redis', file: 'socket-io.mjs', variant: 'redis', mode: 'sio', isRelayed: true },
];

/** Events that are sent together, and the number of deliveries in a round. */
export interface Telling {
  readonly how: string;
  readonly together: number;
  readonly deliveries: number;
}

const nameOf = (hall: string, { how }: Telling) => `${hall}, ${how}`;

export function variantOf(world: World, hall: Hall, shape: Shape, telling: Telling, pace: Pace): Variant {
  const { load, server } = hall;
  const perTurn = telling.together * shape.members;
  const turns = Math.ceil(telling.deliveries / perTurn);
  const tell = async () => {
    for (let i = 0; i < turns; i++) {
      await hall.pause();
      await Promise.all([load.expect(perTurn), hall.say(telling.together)]);
    }
    return turns * perTurn;
  };
  const run = async (): Promise<Figures> => {
    if (hall.name === 'Parley') pace.begin();
    const figures = await measure({ world, servers: [server], loads: [load] }, tell);
    return { ...figures, ...seen(await load.stat()) };
  };
  return { name: nameOf(hall.name, telling), node: server, run };
}

async function fill(world: World, shape: Shape, tellings: readonly Telling[]): Promise<Variant[]> {
  const pace = new Pace();
  const halls: Hall[] = [await parleyHall(world, shape, pace)];
  for (const peer of PEERS) halls.push(await peerHall(world, shape, pace, peer));
  // Parley first: the others wait as long as its commits took in that round.
  return tellings.flatMap((telling) => halls.map((hall) => variantOf(world, hall, shape, telling, pace)));
}

function markOf(telling: Telling, peer: string, must: number, goal: number): Mark {
  const value = timesLess('cpuMicros', nameOf('Parley', telling), nameOf(peer, telling));
  return {
    title: `${telling.how}: CPU of ${peer} ÷ Parley's`,
    value,
    sense: 'at least',
    must,
    goal,
    unit: '×',
  };
}

export const tellingsOf = (scale: Scale): readonly [one: Telling, ten: Telling] => [
  { how: '1 at a time', together: 1, deliveries: scale.of(50_000) },
  { how: '10 at a time', together: 10, deliveries: scale.of(50_000) },
];

export const fanout: MakeSuite = async (world: World, scale: Scale): Promise<Suite> => {
  const [one, ten] = tellingsOf(scale);
  return {
    title: 'Fan-out: a room of 1,000',
    each: 'delivery',
    main: 'cpuMicros',
    variants: await fill(world, { rooms: 1, members: 1_000 }, [one, ten]),
    marks: [
      markOf(one, 'raw ws.send', 1, 1.3),
      markOf(ten, 'raw ws.send', 4, 8),
      markOf(one, 'graphql-ws', 8, 10),
      markOf(ten, 'graphql-ws', 30, 50),
      markOf(one, 'Mercurius', 6, 8),
      markOf(one, 'Socket.IO + Redis', 1.3, 2),
    ],
  };
};

/** The document of a real client: the message with its author and its quote, and the viewer's rights. */
export const real: MakeSuite = async (world: World, scale: Scale): Promise<Suite> => {
  return {
    title: 'Fan-out, what applications select: a room of 1,000',
    each: 'delivery',
    main: 'cpuMicros',
    variants: await fill(world, { rooms: 1, members: 1_000, isReal: true }, tellingsOf(scale)),
    // The marks were set for the bare document.
    marks: [],
  };
};

export const rooms: MakeSuite = async (world: World, scale: Scale): Promise<Suite> => {
  const each: Telling = { how: 'one in each room', together: 100, deliveries: scale.of(40_000) };
  return {
    title: 'Fan-out: 100 rooms of 10',
    each: 'delivery',
    main: 'cpuMicros',
    variants: await fill(world, { rooms: 100, members: 10 }, [each]),
    marks: [markOf(each, 'raw ws.send', 1, 1.3)],
  };
};
