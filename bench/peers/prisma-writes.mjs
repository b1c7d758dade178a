// Writes alone, without a way in: by Prisma's transaction, by one prepared statement each, and by COPY.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { from as copyFrom } from 'pg-copy-streams';
import { openPrisma, postMessage } from './prisma.mjs';
import { serve, TEXT } from './serve.mjs';
import { openPool, POST } from './tables.mjs';

const pool = await openPool();
const prisma = openPrisma(pool);
let last = 0;
const makePost = (rooms) => ({
  id: randomUUID(),
  roomId: BigInt(rooms === 1 ? 100 : ++last % rooms),
  authorId: BigInt(last % 256),
  key: randomUUID(),
  text: TEXT,
});

const writers = {
  prisma: (post) => postMessage(prisma, post),
  'prisma-bare': (post) => postMessage(prisma, post, { isBare: true }),
  prepared: ({ roomId, id, authorId, key, text }) =>
    pool.query({ ...POST, values: [roomId, id, authorId, key, text] }),
};

/** Keeps so many under way until all are stored. */
async function flood({ writer, rooms, count, inFlight }) {
  let left = count;
  const work = async () => {
    while (left-- > 0) await writers[writer](makePost(rooms));
  };
  await Promise.all(Array.from({ length: inFlight }, work));
}

async function copyInto(client, columns, rows) {
  const stream = client.query(copyFrom(`COPY ${columns} FROM STDIN`));
  stream.end(rows.map((row) => `${row.join('\t')}\n`).join(''));
  await once(stream, 'finish');
}

let lastSeq = 10_000_000;

/** Batches that are numbered already, one durable transaction each. `isBare`: without their events. */
async function copy({ count, batch, isBare }) {
  const client = await pool.connect();
  for (let done = 0; done < count; done += batch) {
    const posts = Array.from({ length: batch }, () => ({ ...makePost(100), seq: ++lastSeq }));
    if (!isBare) await client.query('BEGIN');
    await copyInto(
      client,
      'messages (id, room_id, seq, author_id, idempotency_key, text)',
      posts.map(({ id, roomId, seq, authorId, key, text }) => [id, roomId, seq, authorId, key, text]),
    );
    if (isBare) continue;
    const events = posts.map(({ roomId, seq, authorId }) => [roomId, seq, 1, authorId, seq]);
    await copyInto(client, 'events (room_id, seq, kind, actor_id, subject)', events);
    await client.query('COMMIT');
  }
  client.release();
}

serve(0, { flood, copy });
