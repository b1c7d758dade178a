/** Parley's own way to the database, alone: what a mutation calls, in a process without a transport. As it is built. */
import { randomUUID } from 'node:crypto';
import type { Services } from '../../src/context.ts';
import type { Post } from '../../src/messages/posts.ts';

const built = async <Module>(file: string) => (await import(`../../dist/${file}`)) as Module;
const { post, postKind } = await built<typeof import('../../src/messages/posts.ts')>('messages/posts.js');
const { openDatabase } = await built<typeof import('../../src/platform/db.ts')>('platform/db.js');
const { createLog, createMetrics } =
  await built<typeof import('../../src/platform/telemetry.ts')>('platform/telemetry.js');
const { settings, serve, TEXT } = (await import('./serve.mjs' as string)) as {
  settings: Record<string, string>;
  TEXT: string;
  serve: (port: number, commands: Record<string, (argument: never) => unknown>) => void;
};

interface Flood {
  /** In which room each of them posts. */
  readonly posters: readonly { readonly roomId: number; readonly authorId: number }[];
  readonly count: number;
  readonly inFlight: number;
}

const [log, metrics] = [createLog('warn', 'bench'), createMetrics()];
const db = openDatabase(settings['database'] ?? '', 12, log, metrics);
// Nothing is announced: there are no streams.
const node = {
  db,
  log,
  metrics,
  logFollower: { announceRooms: () => undefined },
  settings: { WRITE_DEADLINE_MS: 10_000 },
} as unknown as Services;

let last = 0;
function makePost({ posters }: Flood): Post {
  const poster = posters[++last % posters.length] as Flood['posters'][number];
  return { ...poster, key: randomUUID(), fingerprint: randomUUID(), text: TEXT, replyToRoomSeq: null };
}

const batches = async () => {
  const { values } = await metrics.changeBatch.get();
  const valueOf = (name: string) => values.find(({ metricName }) => metricName?.endsWith(name))?.value ?? 0;
  return { posts: valueOf('_sum'), batches: valueOf('_count') };
};

/** Keeps so many under way until all are stored. Gives the mean size of a batch. */
async function flood(asked: Flood): Promise<{ batch: number }> {
  const before = await batches();
  let left = asked.count;
  const work = async () => {
    while (left-- > 0) {
      const { status } = await post(node, postKind, makePost(asked));
      if (status !== 'OK') throw new Error(`a post ended with status ${status}`);
    }
  };
  await Promise.all(Array.from({ length: asked.inFlight }, work));
  const after = await batches();
  return { batch: (after.posts - before.posts) / (after.batches - before.batches) };
}

serve(0, { flood });
