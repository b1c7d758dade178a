import { setTimeout as delay } from 'node:timers/promises';
import { Client, giveRole, makeRoom, posted, WATCH_REAL, WATCH_ROOM } from './client.ts';
import { median } from './figures.ts';
import { gqlLine, type Line, type Load, type Mode } from './load/load.ts';
import type { Peer } from './peer.ts';
import type { Person, Server, World } from './world.ts';

/** Subscribers at a server, and a way to make it send them an event. */
export interface Hall {
  readonly name: string;
  /** The server that sends the deliveries. */
  readonly server: Server;
  readonly load: Load;
  /** An event in each of so many rooms, or so many in the only one, all in one turn if that can be had. */
  say(events: number, at?: bigint): Promise<unknown>;
  /** Before events that nothing else kept waiting. */
  pause(): Promise<unknown>;
}

/** The number and the size of the rooms. */
export interface Shape {
  readonly rooms: number;
  readonly members: number;
  /** Messages quote one, members have roles, and clients select what an application shows of all that. */
  readonly isReal?: boolean;
  /** What clients of Parley subscribe with; `$id` is their room. */
  readonly query?: string;
  /** Changes the members before they subscribe. */
  readonly prepare?: (databaseUrl: string) => Promise<void>;
}

/** The time of Parley's commit in this round: events without a commit wait as long. */
export class Pace {
  private times: number[] = [];

  begin(): void {
    this.times = [];
  }

  async of<Value>(commit: Promise<Value>): Promise<Value> {
    const started = performance.now();
    const value = await commit;
    this.times.push(performance.now() - started);
    return value;
  }

  get ms(): number {
    return this.times.length > 0 ? median(this.times) : 0;
  }
}

// Several sockets, because one may send only a limited number of messages a second.
const SPEAKERS = 10;

/** Two nodes: posts come in at the first, deliveries leave from the second, over Redis. */
export async function parleyHall(world: World, shape: Shape, pace: Pace): Promise<Hall> {
  const { rooms, members, isReal, query = isReal ? WATCH_REAL : WATCH_ROOM } = shape;
  const { nodes, people, databaseUrl } = await world.deploy({ nodes: 2, people: rooms * members + 1 });
  const [first, last] = nodes;
  const [owner, ...others] = people;
  if (!first || !last || !owner) throw new Error('nobody is there');
  const speakers = await Promise.all(
    Array.from({ length: SPEAKERS }, () => Client.open(first.wsUrl, owner.accessToken)),
  );
  const lines: Line[] = [];
  const roomIds: string[] = [];
  const quoted: string[] = [];
  for (let room = 0; room < rooms; room++) {
    const here = others.slice(room * members, (room + 1) * members);
    const id = await makeRoom(
      speakers[0] as Client,
      here.map(({ userId }) => userId),
    );
    roomIds.push(id);
    if (isReal) {
      quoted.push(await posted(speakers[0] as Client, id));
      await giveRoles(speakers[0] as Client, id, here);
    }
    const subscription = { query, variables: { id } };
    lines.push(...here.map(({ accessToken }) => gqlLine(accessToken, { subscription })));
  }
  await shape.prepare?.(databaseUrl);
  const load = await world.startLoad({ port: last.port, mode: 'gql', lines, ready: 'StreamReady' });
  let turn = 0;
  const say = (events: number, at?: bigint) => {
    const speaker = speakers[++turn % SPEAKERS] as Client;
    const all = speaker.together(() =>
      Array.from({ length: events }, (_, i) =>
        posted(speaker, roomIds[i % rooms] as string, at, quoted[i % rooms]),
      ),
    );
    return pace.of(Promise.all(all));
  };
  return { name: 'Parley', server: last, load, say, pause: async () => undefined };
}

/** An administrator, and a moderator for each hundred members. */
async function giveRoles(owner: Client, roomId: string, members: readonly Person[]): Promise<void> {
  for (const [i, { userId }] of members.entries())
    if (i % 100 === 0) await giveRole(owner, roomId, userId, i === 0 ? 'ADMIN' : 'MODERATOR');
}

export interface PeerHallOptions {
  readonly title: string;
  readonly file: string;
  readonly variant: string;
  readonly mode: Mode;
  /** Another process emits, over Redis. */
  readonly isRelayed?: boolean;
}

const PEER_WATCH = `subscription Watch($id: ID!) { room(id: $id) {
  __typename cursor roomSeq occurredAt message { id seq text sentAt idempotencyKey author { id displayName } } } }`;

const PEER_WATCH_REAL = `subscription Watch($id: ID!) { room(id: $id) {
  __typename cursor roomSeq occurredAt room { id lastMessageSeq viewerCanSend viewerPermissions }
  message { id seq text sentAt idempotencyKey author { id displayName } editedAt viewerCanEdit viewerCanDelete
    replyTo { id seq text author { id displayName } } } } }`;

export const lineOf: Record<'gql' | 'raw' | 'sio', (room: number, isReal?: boolean) => Line> = {
  raw: (room) => ({ path: `/?room=${room}` }),
  sio: (room) => ({ path: `/socket.io/?EIO=4&transport=websocket&room=${room}` }),
  gql: (room, isReal = false) =>
    gqlLine('', {
      subscription: { query: isReal ? PEER_WATCH_REAL : PEER_WATCH, variables: { id: String(room) } },
    }),
};

// A sent subscription is not live yet.
const SUBSCRIBING_MS = 1_000;

export async function peerHall(
  world: World,
  { rooms, members, isReal = false }: Shape,
  pace: Pace,
  options: PeerHallOptions,
): Promise<Hall> {
  const { title, file, variant, mode, isRelayed } = options;
  const settings: Record<string, string> = {
    ...(isRelayed && { redis: await world.startRedis() }),
    ...(isReal && { real: 'yes' }),
  };
  const start = () => world.startPeer({ file, variant, settings });
  const server: Peer = await start();
  const speaker: Peer = isRelayed ? await start() : server;
  const makeLine = lineOf[mode as 'gql'];
  const lines = Array.from({ length: rooms * members }, (_, i) => makeLine(Math.floor(i / members), isReal));
  const load = await world.startLoad({ port: server.port, mode, lines });
  await delay(SUBSCRIBING_MS);
  const say = (events: number, at?: bigint) => {
    const numbers = Array.from({ length: events }, (_, i) => i % rooms);
    return speaker.ask('publish', { rooms: numbers, ...(at !== undefined && { at: String(at) }) });
  };
  return { name: title, server, load, say, pause: () => delay(Math.round(pace.ms)) };
}
