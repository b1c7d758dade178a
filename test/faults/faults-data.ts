import { setTimeout as delay } from 'node:timers/promises';
import { migrate } from '../../src/platform/migrate.ts';
import { dumpDatabase, restoreDump, spendTransactions } from '../harness/dump.ts';
import type { Arena } from './arena.ts';
import { branch, epochsOf, settle } from './branching.ts';
import type { Fault } from './faults-nodes.ts';
import { Postgres } from './postgres.ts';
import { Link } from './proxy.ts';
import type { Random } from './random.ts';

const DRAIN_MS = 30_000;
/** Transactions that one cluster is ahead of the other. */
const AHEAD = 20_000;

/** All positions become foreign, and all clients are informed. */
const epochRotated: Fault = (arena) =>
  arena.during('epoch rotated', 'all', async () => {
    const before = await epochsOf(arena);
    await branch(arena, { isWhole: true });
    await arena.world.cluster.admin(['rotate-epoch']);
    await settle(arena, before, 'a rotation');
  });

/** Clients come back with positions in the new data: those have to be as good as any. */
async function comeBack({ world }: Arena): Promise<void> {
  for (let i = 0; i < 2 * world.cluster.places.length; i++) {
    await delay(400);
    world.cluster.places[i % world.cluster.places.length]?.client.reset();
  }
}

async function drainAll({ world: { cluster } }: Arena): Promise<void> {
  await Promise.all(cluster.places.map((place) => cluster.drainNode(place, DRAIN_MS)));
}

async function startAll({ world: { cluster } }: Arena): Promise<void> {
  await Promise.all(cluster.places.map((place) => cluster.startNode(place)));
}

// -- restoring a backup ------------------------------------------------------------------------

/** Into which database a dump is restored. */
interface Restoration {
  readonly kind: string;
  /** Posts between the dump and the end of the nodes are lost. */
  readonly isOld: (random: Random) => boolean;
  readonly make: (arena: Arena) => Promise<Postgres>;
}

function restored({ kind, isOld, make }: Restoration): Fault {
  return (arena, random) =>
    arena.during(kind, 'all', async () => {
      const { cluster } = arena.world;
      const before = await epochsOf(arena);
      const old = cluster.postgres;
      const next = await make(arena);
      await migrate(next.url);
      const early = isOld(random) ? await dumpDatabase(old.superuserUrl) : null;
      if (early) await delay(random.between(500, 1_500));
      await drainAll(arena);
      await restoreDump(next.superuserUrl, early ?? (await dumpDatabase(old.superuserUrl)));
      await cluster.mutate(next);
      cluster.moveTo(next);
      await branch(arena);
      if (random.chance(0.5)) await cluster.admin(['rotate-epoch']); // otherwise the nodes notice by themselves
      await startAll(arena);
      await settle(arena, before, kind);
      await comeBack(arena);
      if (old.dataDir !== next.dataDir) await old.discard();
    });
}

function freshCluster(arena: Arena): Promise<Postgres> {
  const { dataDir, walDir } = arena.world.cluster.newPostgresFolder();
  return Postgres.start(dataDir, walDir);
}

const mayBeOld = (random: Random) => random.chance(0.5);

/** The stored transaction numbers are beyond those that the new cluster gives. */
const restoreYounger = restored({
  kind: 'restore into a younger cluster',
  isOld: mayBeOld,
  async make(arena) {
    await spendTransactions(arena.world.cluster.postgres.superuserUrl, AHEAD);
    await delay(500); // some posts get these numbers
    return freshCluster(arena);
  },
});

const restoreOlder = restored({
  kind: 'restore into an older cluster',
  isOld: mayBeOld,
  async make(arena) {
    const next = await freshCluster(arena);
    const ahead =
      (await arena.world.cluster.postgres.nextTransaction()) + AHEAD - (await next.nextTransaction());
    await spendTransactions(next.superuserUrl, Math.max(AHEAD, ahead));
    return next;
  },
});

/** The same server, with the same transaction numbers and timeline: only the database is another. */
const restoreElsewhere = restored({
  kind: 'restore into another database',
  isOld: () => true,
  async make(arena) {
    const { postgres } = arena.world.cluster;
    return postgres.createDatabase(`parley_${await postgres.nextTransaction()}`);
  },
});

/**
 * The nodes move to a copy that was made some posts ago. Its files are the same; only its number in the server differs.
 */
const databaseCopied: Fault = (arena, random) =>
  arena.during('database copied', 'all', async () => {
    const { cluster } = arena.world;
    const before = await epochsOf(arena);
    await drainAll(arena);
    const copy = await cluster.postgres.copyDatabase(
      `parley_copy_${await cluster.postgres.nextTransaction()}`,
    );
    await startAll(arena);
    await delay(random.between(1_000, 2_500));
    await drainAll(arena);
    cluster.moveTo(copy);
    await branch(arena);
    await startAll(arena);
    await settle(arena, before, 'a copy');
    await comeBack(arena);
  });

// -- promoting a standby -----------------------------------------------------------------------

/** The primary dies before its standby has the end of the log; until the promotion the nodes can only read. */
const promotion: Fault = (arena, random) =>
  arena.during('standby promoted', 'postgres', async () => {
    const { cluster } = arena.world;
    const primary = cluster.postgres;
    const link = await Link.start('replication', primary.port);
    const { dataDir, walDir } = cluster.newPostgresFolder();
    const standby = await primary.startStandby(dataDir, link.port, walDir);
    const before = await epochsOf(arena);
    link.blackhole();
    await delay(random.between(500, 1_500));
    await primary.stopImmediately();
    await link.close();
    cluster.moveTo(standby);
    await delay(random.between(1_000, 3_000));
    await branch(arena);
    await standby.promote();
    if (random.chance(0.5)) await cluster.admin(['rotate-epoch']);
    await settle(arena, before, 'a promotion');
    await comeBack(arena);
    await primary.discard();
  });

export const dataFaults = {
  'epoch rotated': epochRotated,
  'restore into a younger cluster': restoreYounger,
  'restore into an older cluster': restoreOlder,
  'restore into another database': restoreElsewhere,
  'database copied': databaseCopied,
  'standby promoted': promotion,
};
