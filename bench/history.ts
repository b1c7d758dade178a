import { Client, inTime, posted } from './client.ts';
import { type MakeSuite, type Mark, type Scale, shareOf, type Variant } from './figures.ts';
import type { Operation } from './load/load.ts';
import { PACE, type Pages, pagesOf } from './pages.ts';
import { gather, POSTERS } from './posters.ts';
import { statementsOf } from './statements.ts';
import type { ParleyNode, World } from './world.ts';

const MESSAGES = 20_000;
const AUTHORS = 50;
const ANSWER = `"seq":${MESSAGES},`;

export const PAGE = `pageInfo { hasPreviousPage startCursor } edges { cursor node {
  id seq text sentAt idempotencyKey author { id displayName } } }`;
const parleyPage = (id: string): Operation => ({
  query: `query Page($id: ID!) { room(id: $id) { messages(last: 50) { ${PAGE} } } }`.replaceAll(/\s+/g, ' '),
  variables: { id },
});
const pothosPage: Operation = {
  query: `query Page($id: ID!) { messages(roomId: $id, last: 50) { ${PAGE} } }`.replaceAll(/\s+/g, ' '),
  variables: { id: '0' },
};

async function parleyLibrary(world: World): Promise<Pages> {
  const deployment = await world.deploy({ nodes: 1, people: POSTERS });
  const node = deployment.nodes[0] as ParleyNode;
  const { hot } = await gather(deployment);
  const roomId = hot[0]?.roomId as string;
  const authors: Client[] = [];
  for (const { person } of hot.slice(0, AUTHORS))
    authors.push(await Client.open(node.wsUrl, person.accessToken));
  const each = Array.from({ length: MESSAGES / AUTHORS });
  const write = async (author: Client) => {
    for (const _ of each) await posted(author, roomId);
  };
  await inTime(Promise.all(authors.map(write)), 'a room to be filled');
  for (const author of authors) await author.close();
  return {
    name: 'Parley',
    server: node,
    token: hot[0]?.person.accessToken ?? '',
    page: parleyPage(roomId),
    answer: ANSWER,
    statements: () => statementsOf(node),
  };
}

async function pothosLibrary(world: World): Promise<Pages> {
  const settings = { database: await world.createDatabase() };
  const server = await world.startPeer({ file: 'prisma-chat.mjs', variant: 'prisma-chat', settings });
  await server.ask('fill', { room: 0, messages: MESSAGES });
  const statements = async () => (await server.ask<{ statements: number }>('statements')).statements;
  return {
    name: 'Yoga + graphql-ws + Pothos prismaConnection',
    server,
    token: '',
    page: pothosPage,
    answer: ANSWER,
    statements,
  };
}

/** The newest fifty messages of a long room with their authors, over a socket that is open. */
export const history: MakeSuite = async (world: World, scale: Scale) => {
  const libraries = [await parleyLibrary(world), await pothosLibrary(world)];
  const variants: Variant[] = [];
  for (const library of libraries) variants.push(await pagesOf(world, library, scale.of(2_000)));
  const [ours, theirs] = libraries.map(({ name }) => name) as [string, string];
  const marks: Mark[] = [
    {
      title: `a page of 50: CPU of Parley's ÷ ${theirs}'s`,
      value: shareOf('cpuMicros', ours, theirs),
      sense: 'at most',
      must: 0.25,
      goal: 0.12,
      unit: '×',
    },
    {
      title: "a page of 50: Parley's SQL statements",
      // The node's own checks fall into a round too: one in a thousand pages.
      value: (round) => Math.round((round.get(ours)?.statements ?? Number.NaN) * 10) / 10,
      sense: 'at most',
      must: 2,
      goal: 1,
    },
  ];
  return {
    title: `History: a page of 50 of ${MESSAGES.toLocaleString('en')} messages, ${PACE}`,
    each: 'page',
    main: 'cpuMicros',
    variants,
    marks,
  };
};
