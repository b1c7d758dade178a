import pg from 'pg';
import { numberIn } from '../test/harness/ids.ts';
import { Client, makeRoom, posted } from './client.ts';
import { type Figures, type MakeSuite, type Mark, type Scale, shareOf, type Variant } from './figures.ts';
import { PACE, pagesOf } from './pages.ts';
import { statementsOf } from './statements.ts';
import type { Deployment, ParleyNode, Person, World } from './world.ts';

const SEARCHERS = 30;
const ROOMS = 100_000;
const MESSAGES = 200;
const PAGES = 3_000;

const SYLLABLES = 'ba ko mi ter lon gra pe sti nor va qui zed ram fol ick ung ost tri cha lum'.split(' ');
const ENDINGS = 'a en or ing ers um y ock est ix ale own s ly ton dale burg ville er ness'.split(' ');

/** The same words in every run. */
class Words {
  private state = 1;

  /** Below 1. */
  private random(): number {
    this.state = (Math.imul(this.state, 1_103_515_245) + 12_345) >>> 0;
    return this.state / 2 ** 32;
  }

  private pick(list: readonly string[]): string {
    // As in languages, some are much more frequent than others.
    return list[Math.floor(this.random() ** 2 * list.length)] as string;
  }

  some(count: number): string {
    const word = () => this.pick(SYLLABLES) + this.pick(SYLLABLES) + this.pick(ENDINGS);
    return Array.from({ length: count }, word).join(' ');
  }
}

const FILL = `
  WITH room AS (
    INSERT INTO rooms (kind, name, description, created_by)
    SELECT 1, name, description, $1::bigint FROM unnest($2::text[], $3::text[]) AS x(name, description) RETURNING id
  ) INSERT INTO room_heads (room_id) SELECT id FROM room`;

/** Public rooms, past the node. */
async function fill({ databaseUrl, people }: Deployment, words: Words): Promise<void> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  const batch = 10_000;
  for (let filled = 0; filled < ROOMS; filled += batch) {
    const texts = (length: number) => Array.from({ length: batch }, () => words.some(length));
    await client.query(FILL, [numberIn(people[0]?.userId ?? ''), texts(3), texts(14)]);
  }
  await client.query('VACUUM (ANALYZE) rooms');
  await client.end();
}

const SEARCH =
  'query Search($query: String!) { rooms(first: 20, query: $query) { nodes { name memberCount } } }';

interface Refused {
  readonly errors?: { readonly extensions?: { readonly retryAfterMs?: number } }[];
}

/** A user who searches as fast as the node allows. */
class Searcher {
  private readonly client: Client;
  private readonly words: Words;
  private isOver = false;
  answered = 0;

  constructor(client: Client, words: Words) {
    this.client = client;
    this.words = words;
  }

  async search(): Promise<void> {
    while (!this.isOver) {
      const text = this.words.some(1);
      // Few rooms contain a word and a half, some a word, and many its end.
      for (const query of [`${text} ${text.slice(0, 3)}`, text, text.slice(-4)]) await this.ask(query);
    }
  }

  stop(): void {
    this.isOver = true;
  }

  private async ask(query: string): Promise<void> {
    try {
      await this.client.ask(SEARCH, { query });
      this.answered++;
    } catch (error) {
      await new Promise((resolve) => setTimeout(resolve, retryAfterMs(error as Error)));
    }
  }
}

/** @throws the error if it is not a refusal that may be repeated */
function retryAfterMs(error: Error): number {
  const { payload } = JSON.parse(error.message) as { payload: Refused };
  const wait = payload.errors?.[0]?.extensions?.retryAfterMs;
  if (wait === undefined) throw error;
  return wait;
}

async function whileSearched(
  { nodes, people }: Deployment,
  work: () => Promise<Figures>,
): Promise<[Figures, number]> {
  const searchers = await Promise.all(
    people.slice(1, 1 + SEARCHERS).map(async ({ accessToken }: Person) => {
      const client = await Client.open((nodes[0] as ParleyNode).wsUrl, accessToken);
      return { client, searcher: new Searcher(client, new Words()) };
    }),
  );
  const searching = searchers.map(({ searcher }) => searcher.search());
  const figures = await work();
  for (const { searcher } of searchers) searcher.stop();
  await Promise.all(searching);
  await Promise.all(searchers.map(({ client }) => client.close()));
  return [figures, searchers.reduce((sum, { searcher }) => sum + searcher.answered, 0)];
}

async function libraryOf(world: World, env: Record<string, string>) {
  const deployment = await world.deploy({ nodes: 1, people: 1 + SEARCHERS, env });
  const node = deployment.nodes[0] as ParleyNode;
  const reader = deployment.people[0] as Person;
  await fill(deployment, new Words());
  const client = await Client.open(node.wsUrl, reader.accessToken);
  const roomId = await makeRoom(client, []);
  for (let i = 0; i < MESSAGES; i++) await posted(client, roomId);
  await client.close();
  const query =
    'query Page($id: ID!) { room(id: $id) { messages(last: 50) { edges { cursor node { id seq text author { displayName } } } } } }';
  const page = { query, variables: { id: roomId } };
  const answer = `"seq":${MESSAGES},`;
  const pages = {
    server: node,
    token: reader.accessToken,
    page,
    answer,
    statements: () => statementsOf(node),
  };
  return { deployment, pages };
}

/** The effect of searches in a large directory on readers. */
export const directory: MakeSuite = async (world: World, scale: Scale) => {
  const [alone, limited, unlimited] = [
    'nobody searches',
    `${SEARCHERS} search, as often as the defaults allow`,
    `${SEARCHERS} search, without the limit for each person`,
  ];
  const byDefault = await libraryOf(world, {});
  const without = await libraryOf(world, { SEARCHES_PER_SECOND: '1000000', SEARCHES_BURST: '1000000' });
  const searches = new Map<string, number>();
  const count = scale.of(PAGES);
  const quiet = await pagesOf(world, { name: alone, ...byDefault.pages }, count);
  const searched = async (name: string, { deployment, pages }: typeof byDefault): Promise<Variant> => {
    const variant = await pagesOf(world, { name, ...pages }, count);
    const run = async () => {
      const [figures, answered] = await whileSearched(deployment, () => variant.run());
      searches.set(name, answered);
      return figures;
    };
    return { ...variant, run };
  };
  const marks: Mark[] = [
    {
      title: `p99 of a page of 50 while ${SEARCHERS} search ${ROOMS.toLocaleString('en')} rooms ÷ while nobody does`,
      value: shareOf('p99Ms', limited, alone),
      sense: 'at most',
      must: 2,
      goal: 1.5,
      unit: '×',
    },
  ];
  return {
    title: `Directory: a page of 50 messages, ${PACE}, while others search ${ROOMS.toLocaleString('en')} rooms`,
    each: 'page',
    main: 'p99Ms',
    variants: [quiet, await searched(limited, byDefault), await searched(unlimited, without)],
    marks,
    notes: () =>
      [...searches].map(([name, answered]) => `${name}: ${answered} searches answered in the last round.`),
  };
};
