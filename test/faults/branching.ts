import { ask } from './api.ts';
import type { Arena } from './arena.ts';
import type { Place } from './cluster.ts';
import { epochOf } from './follower.ts';

const NOTICED_MS = 10_000;

/** The epoch of the data for a node; null if it does not answer. */
async function epochAt(arena: Arena, place: Place): Promise<number | null> {
  const query = 'query { viewer { inboxCursor } }';
  const answer = await ask(place, query, {}, arena.world.owner.token).catch(() => null);
  const cursor = answer?.data?.['viewer']?.inboxCursor as string | undefined;
  return cursor ? epochOf('inbox', cursor) : null;
}

export function epochsOf(arena: Arena): Promise<(number | null)[]> {
  return Promise.all(arena.world.cluster.places.map((place) => epochAt(arena, place)));
}

/**
 * From here on, the data continues in another epoch, from the current heads of the database. Call it while nothing can
 * be written; with `isWhole` nothing was lost, and it may be called at any time.
 */
export async function branch(arena: Arena, { isWhole = false } = {}): Promise<void> {
  const { history, cluster } = arena.world;
  if (isWhole) return void history.add({ f: 'branch', phase: 'begin' });
  const heads = await cluster.postgres.heads();
  const at = history.add({ f: 'branch', phase: 'begin', heads: Object.fromEntries(heads) });
  arena.posting.goOnFrom(heads, at);
}

/** Waits until every node takes the data for others than those of `before`. */
export async function settle(arena: Arena, before: readonly (number | null)[], after: string): Promise<void> {
  const isNew = (epoch: number | null) => epoch !== null && !before.includes(epoch);
  const ok = await arena.expect(`every node knows the new epoch after ${after}`, NOTICED_MS, async () =>
    (await epochsOf(arena)).every(isNew),
  );
  if (ok) arena.world.history.add({ f: 'branch', phase: 'settled' });
  else arena.say(`epochs after ${after}: ${(await epochsOf(arena)).join()}; before: ${before.join()}`);
}
