// The floor of a fan-out: a bare `ws` server that sends the same bytes to each socket.
import { WebSocketServer } from 'ws';
import { listen, publishing, serve } from './serve.mjs';

const server = await listen();
const sockets = new WebSocketServer({ server, perMessageDeflate: false });
const rooms = new Map();
sockets.on('connection', (ws, request) => {
  const room = new URL(request.url, 'http://here').searchParams.get('room');
  if (!rooms.has(room)) rooms.set(room, new Set());
  rooms.get(room).add(ws);
  ws.on('close', () => rooms.get(room).delete(ws));
});

const ID = '00000000-1111-4222-8333-000000000000';
function publish({ topic, ...event }) {
  const frame = JSON.stringify({ id: ID, type: 'next', payload: { data: { room: event } } });
  for (const ws of rooms.get(topic) ?? []) ws.send(frame);
}
serve(server.address().port, { publish: publishing(publish) });
