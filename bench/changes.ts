import { numberIn } from '../test/harness/ids.ts';
import {
  type Figures,
  type MakeSuite,
  type Mark,
  measure,
  type Scale,
  shareOf,
  type Variant,
} from './figures.ts';
import type { Peer } from './peer.ts';
import type { KindName } from './peers/parley-changes.ts';
import { gather, POSTERS, type Poster } from './posters.ts';
import type { World } from './world.ts';

const others = { edit: 'edits', deletion: 'deletions', join: 'joins', reaction: 'reactions' } as const;
type Other = keyof typeof others;
const OTHERS = Object.keys(others) as Other[];

const POSTS = 'posts';
const besideOf = (other: Other) => `posts beside ${others[other]}`;

/** What the peer is asked for, but for the kind. */
interface Work {
  readonly count: number;
  readonly inFlight: number;
  readonly roomId: number;
  readonly authors: readonly number[];
}

/** The other changes per second, beside posts. */
class Beside {
  private readonly rates = new Map<string, number>();

  note(name: string, others: number, posts: number, perSecond: number): void {
    this.rates.set(name, (others / posts) * perSecond);
  }

  lines(): string[] {
    return [...this.rates].map(
      ([name, rate]) => `${name}: ${Math.round(rate)} of those a second in the last round`,
    );
  }
}

function workIn(hot: readonly Poster[], scale: Scale): Work {
  const roomId = numberIn(hot[0]?.roomId ?? '');
  const authors = hot.map(({ person }) => numberIn(person.userId));
  return { count: scale.of(20_000), inFlight: POSTERS, roomId, authors };
}

function variantsOf(world: World, peer: Peer, work: Work, beside: Beside): Variant[] {
  const runOf = (name: string, kind: KindName, command: 'alone' | 'beside') => async (): Promise<Figures> => {
    await peer.ask('prepare', { ...work, kind });
    let made = 0;
    const figures = await measure({ world, servers: [peer], loads: [] }, async () => {
      const answer = await peer.ask<{ others?: number } | null>(command, { ...work, kind });
      made = answer?.others ?? 0;
      return work.count;
    });
    if (command === 'beside') beside.note(name, made, work.count, figures.perSecond ?? Number.NaN);
    return figures;
  };
  const variant = (name: string, kind: KindName, command: 'alone' | 'beside'): Variant => ({
    name,
    node: peer,
    run: runOf(name, kind, command),
  });
  return [
    variant(POSTS, 'post', 'alone'),
    ...OTHERS.map((kind) => variant(others[kind], kind, 'alone')),
    ...OTHERS.map((kind) => variant(besideOf(kind), kind, 'beside')),
  ];
}

const mark = (title: string, ours: string, must: number, goal: number): Mark => ({
  title,
  value: shareOf('perSecond', ours, POSTS),
  sense: 'at least',
  must,
  goal,
  unit: '×',
});

/** Batched changes of one hot room only: no server, no GraphQL, no announcements. */
export const changes: MakeSuite = async (world: World, scale: Scale) => {
  const deployment = await world.deploy({ nodes: 1, people: POSTERS });
  const { hot } = await gather(deployment);
  const peer = await world.startPeer({
    file: 'parley-changes.ts',
    variant: 'parley-changes',
    settings: { database: deployment.databaseUrl },
  });
  const beside = new Beside();
  return {
    title: `Changes of one hot room, ${POSTERS} of each kind in flight`,
    each: 'change',
    main: 'perSecond',
    variants: variantsOf(world, peer, workIn(hot, scale), beside),
    marks: [
      ...OTHERS.map((kind) => mark(`${others[kind]}/s ÷ posts/s`, others[kind], 0.5, 0.8)),
      ...OTHERS.map((kind) => mark(`posts/s beside ${others[kind]} ÷ alone`, besideOf(kind), 0.7, 0.8)),
    ],
    notes: () => beside.lines(),
  };
};
