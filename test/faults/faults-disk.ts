import { setTimeout as delay } from 'node:timers/promises';
import type { Arena } from './arena.ts';
import type { Disk } from './disk.ts';
import type { Fault } from './faults-nodes.ts';
import { postsAgain } from './faults-stores.ts';

/** Fills a file system of the database and frees it again. Reports if there is none to fill. */
async function filled(arena: Arena, kind: string, disk: Disk | undefined, act: () => Promise<unknown>) {
  if (!disk) return arena.say(`${kind}: left out, this process may not mount a file system`);
  await arena.during(kind, 'postgres', async () => {
    disk.fill();
    try {
      await act();
    } finally {
      disk.free();
    }
  });
  await postsAgain(arena);
}

/** Tables cannot grow (53100): posts are refused until there is space again, and stored data can be read. */
const diskFull: Fault = (arena, random) => {
  const { cluster } = arena.world;
  return filled(arena, 'disk full', cluster.disks?.data, async () => {
    const end = performance.now() + random.between(4_000, 6_000);
    while (performance.now() < end) {
      void arena.posting.say(random.pick(arena.openRooms).id);
      await delay(10);
    }
  });
};

/** The log of the database cannot grow: PostgreSQL crashes, and cannot recover until there is room again. */
const walFull: Fault = (arena, random) => {
  const { cluster } = arena.world;
  return filled(arena, 'WAL full', cluster.disks?.wal, async () => {
    // Each needs another file of 16 MB; a few are there in advance.
    for (let i = 0; i < 40 && (await cluster.postgres.isOpen()); i++)
      await cluster.postgres
        .query('SELECT pg_logical_emit_message(true, $1, repeat($2, 16000000))', ['', 'x'])
        .catch(() => undefined);
    await delay(random.between(1_000, 3_000));
    cluster.disks?.wal.free();
    await cluster.postgres.stopImmediately().catch(() => undefined);
    await cluster.startPostgresAgain();
  });
};

export const diskFaults = { 'disk full': diskFull, 'WAL full': walFull };
