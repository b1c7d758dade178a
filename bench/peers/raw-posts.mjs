// The floor of a post that others hear of: a bare `ws` server, one prepared statement for each message, and Redis.
import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { WebSocketServer } from 'ws';
import { listen, serve, settings } from './serve.mjs';
import { countStatements, openPool, POST } from './tables.mjs';

const pool = await openPool();
const [publisher, subscriber] = [new Redis(settings.redis), new Redis(settings.redis)];
const server = await listen();
const sockets = new WebSocketServer({ server, perMessageDeflate: false });
const watchers = new Set();

async function post(ws, { room, author, key, text }) {
  const { rows } = await pool.query({ ...POST, values: [room, randomUUID(), author, key, text] });
  const message = { room, seq: Number(rows[0].seq), text, sentAt: rows[0].created_at, idempotencyKey: key };
  const event = { __typename: 'MessageCreated', roomSeq: message.seq, occurredAt: message.sentAt, message };
  await publisher.publish('rooms', JSON.stringify({ data: { room: event } }));
  ws.send(`{"seq":${message.seq}}`);
}

sockets.on('connection', (ws, request) => {
  if (request.url.includes('watch')) watchers.add(ws);
  ws.on('close', () => watchers.delete(ws));
  ws.on('message', (data) => {
    post(ws, JSON.parse(String(/** @type {Buffer} */ (data)))).catch((error) =>
      ws.send(`{"errors":"${error}"}`),
    );
  });
});
await subscriber.subscribe('rooms');
subscriber.on('message', (_, json) => {
  for (const ws of watchers) ws.send(json);
});
serve(server.address().port, { statements: countStatements });
