import { numberIn } from '../test/harness/ids.ts';
import { Client, makeRoom, posted, WATCH_REAL, WATCH_ROOM } from './client.ts';
import {
  type Figures,
  type MakeSuite,
  type Mark,
  measure,
  type Scale,
  shareOf,
  type Variant,
} from './figures.ts';
import { PAGE } from './history.ts';
import type { Peer } from './peer.ts';
import type { Person, World } from './world.ts';

const MESSAGES = 50;
const EXECUTORS = ['plan', 'graphql-jit', 'graphql-jit, hoisted', 'graphql-js'] as const;
const DOCUMENTS = [
  { name: 'an event', kind: 'event', query: WATCH_ROOM, count: 40_000 },
  { name: 'an event, as applications select', kind: 'event', query: WATCH_REAL, count: 20_000 },
  {
    name: 'a page of 50',
    kind: 'page',
    query: `query Page($id: ID!) { room(id: $id) { messages(last: 50) { ${PAGE} } } }`,
    count: 1_000,
  },
] as const;

type Document = (typeof DOCUMENTS)[number];

const nameOf = ({ name }: Document, executor: string) => `${name}, ${executor}`;

/** A room with messages that quote the first one, and a process with the resolvers of a node over its database. */
async function startExecutors(world: World): Promise<Peer> {
  const deployment = await world.deploy({ nodes: 1, people: 1 });
  const person = deployment.people[0] as Person;
  const author = await Client.open(deployment.nodes[0]?.wsUrl ?? '', person.accessToken);
  const roomId = await makeRoom(author, []);
  const first = await posted(author, roomId);
  for (let i = 1; i < MESSAGES; i++) await posted(author, roomId, undefined, first);
  await author.close();
  return world.startPeer({
    file: 'executors.ts',
    variant: 'executors',
    settings: { database: deployment.databaseUrl, user: String(numberIn(person.userId)), room: roomId },
  });
}

function variantOf(world: World, peer: Peer, document: Document, executor: string, count: number): Variant {
  const { kind, query } = document;
  const run = (): Promise<Figures> =>
    measure({ world, servers: [peer], loads: [] }, async () => {
      await peer.ask('run', { kind, query, executor, count });
      return count;
    });
  return { name: nameOf(document, executor), node: peer, run };
}

const markOf = (document: Document, executor: string, must: number, goal: number): Mark => ({
  title: `${document.name}: CPU of a plan ÷ ${executor}'s`,
  value: shareOf('cpuMicros', nameOf(document, 'plan'), nameOf(document, executor)),
  sense: 'at most',
  must,
  goal,
  unit: '×',
});

/** What executes a document: resolvers, their values as data, and its JSON. No transport; the page includes its SQL. */
export const executors: MakeSuite = async (world: World, scale: Scale) => {
  const peer = await startExecutors(world);
  const variants = DOCUMENTS.flatMap((document) =>
    EXECUTORS.map((executor) => variantOf(world, peer, document, executor, scale.of(document.count))),
  );
  return {
    title: 'Executors: one document, in one process',
    each: 'execution',
    main: 'cpuMicros',
    variants,
    marks: DOCUMENTS.map((document) => markOf(document, 'graphql-jit', 1.5, 1.1)),
  };
};
