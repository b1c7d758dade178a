import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
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
import { gather, POSTERS, type Poster, ROOMS } from './posters.ts';
import type { World } from './world.ts';

/** `Room:7` and `User:7` are 7 in the tables. */

const numbersOf = (posters: readonly Poster[]) =>
  posters.map(({ person, roomId }) => ({ roomId: numberIn(roomId), authorId: numberIn(person.userId) }));

/** The size of Parley's batches in this round, which COPY takes too. */
class Batches {
  size = POSTERS;
}

/** A variant whose writer did `count` operations, all in one command. */
function variantOf(
  world: World,
  peer: Peer,
  name: string,
  count: number,
  command: () => readonly [string, object],
  then: (answer: { batch?: number }) => void = () => undefined,
): Variant {
  const run = (): Promise<Figures> =>
    measure({ world, servers: [peer], loads: [] }, async () => {
      const [what, argument] = command();
      then((await peer.ask<{ batch?: number } | null>(what, { ...argument, count })) ?? {});
      return count;
    });
  return { name, node: peer, run };
}

async function parleyVariants(world: World, scale: Scale, batches: Batches): Promise<Variant[]> {
  const deployment = await world.deploy({ nodes: 1, people: POSTERS });
  const { hot, spread } = await gather(deployment);
  const peer = await world.startPeer({
    file: 'parley-writes.ts',
    variant: 'parley-writes',
    settings: { database: deployment.databaseUrl },
  });
  const count = scale.of(40_000);
  const flood = (posters: readonly Poster[]) => () =>
    ['flood', { posters: numbersOf(posters), inFlight: POSTERS }] as const;
  return [
    variantOf(world, peer, 'Parley, 100 rooms', count, flood(spread), ({ batch }) => {
      batches.size = Math.round(batch ?? POSTERS);
    }),
    variantOf(world, peer, 'Parley, one room', count, flood(hot)),
  ];
}

async function peerVariants(world: World, scale: Scale, batches: Batches): Promise<Variant[]> {
  const database = await world.createDatabase();
  const start = (file: string) => world.startPeer({ file, variant: file, settings: { database } });
  const peer = await start('prisma-writes.mjs');
  const flood = (name: string, writer: string, rooms: number, full: number) =>
    variantOf(world, peer, name, scale.of(full), () => ['flood', { writer, rooms, inFlight: POSTERS }]);
  const copy = (name: string, isBare: boolean) =>
    variantOf(world, peer, name, scale.of(40_000), () => ['copy', { batch: batches.size, isBare }]);
  return [
    flood('Prisma transaction, 100 rooms', 'prisma', ROOMS, 1_500),
    flood('Prisma transaction, one room', 'prisma', 1, 800),
    flood('Prisma transaction, 100 rooms, no event', 'prisma-bare', ROOMS, 1_500),
    flood('Prisma transaction, one room, no event', 'prisma-bare', 1, 800),
    flood('one prepared statement each, 100 rooms', 'prepared', ROOMS, 8_000),
    flood('one prepared statement each, one room', 'prepared', 1, 3_000),
    copy('COPY, as many at once', false),
    copy('COPY, as many at once, no event', true),
    ...pgbench(world, scale, database),
  ];
}

// A hundred connections are all there are, and the pools of the others stay open.
const PGBENCH_CLIENTS = '32';
const PGBENCH = `\\set room random(0, 99)
\\set author random(0, 255)
WITH room AS (UPDATE rooms SET last_seq = last_seq + 1 WHERE id = :room RETURNING last_seq),
event AS (INSERT INTO events (room_id, seq, kind, actor_id, subject) SELECT :room, last_seq, 1, :author, last_seq FROM room)
INSERT INTO messages (id, room_id, seq, author_id, idempotency_key, text)
SELECT gen_random_uuid(), :room, last_seq, :author, gen_random_uuid()::text, repeat('a sentence ', 11) FROM room;
`;

/** PostgreSQL's own client, in C, if it is installed: the same statement without Node.js. */
function pgbench(world: World, scale: Scale, database: string): Variant[] {
  if (spawnSync('pgbench', ['--version']).status !== 0) return [];
  const file = path.join(world.folder, 'pgbench.sql');
  const seconds = String(scale.isQuick ? 1 : 3);
  const options = ['-n', '-M', 'prepared', '-c', PGBENCH_CLIENTS, '-T', seconds, '-f', file, database];
  const run = async (): Promise<Figures> => {
    writeFileSync(file, PGBENCH);
    const { stdout, stderr } = spawnSync('pgbench', options, { encoding: 'utf8' });
    const perSecond = Number(/tps = ([\d.]+)/.exec(stdout)?.[1]);
    if (Number.isNaN(perSecond)) throw new Error(`pgbench: ${stderr}`);
    return { perSecond };
  };
  return [{ name: `pgbench, one prepared statement each, ${PGBENCH_CLIENTS} clients, 100 rooms`, run }];
}

const markOf = (title: string, ours: string, theirs: string, must: number, goal: number): Mark => ({
  title: `${title}: Parley ÷ ${theirs}`,
  value: shareOf('perSecond', ours, theirs),
  sense: 'at least',
  must,
  goal,
  unit: '×',
});

/** Messages into the database only: no transport, no GraphQL, no announcements. */
export const writePath: MakeSuite = async (world: World, scale: Scale) => {
  const batches = new Batches();
  const ours = await parleyVariants(world, scale, batches);
  const theirs = await peerVariants(world, scale, batches);
  const [spread, hot] = ['Parley, 100 rooms', 'Parley, one room'];
  return {
    title: `The write path alone, ${POSTERS} in flight`,
    each: 'post',
    main: 'perSecond',
    variants: [...ours, ...theirs],
    marks: [
      markOf('writes/s, 100 rooms', spread, 'Prisma transaction, 100 rooms', 25, 50),
      markOf('writes/s, one room', hot, 'Prisma transaction, one room', 60, 100),
      markOf('writes/s', spread, 'COPY, as many at once', 0.5, 0.75),
    ],
    notes: () => [`Parley's last batches had ${batches.size} posts on average; so had those of COPY.`],
  };
};
