// Socket.IO in one process, or with its Redis adapter, where what one process emits leaves from another.
import { createAdapter } from '@socket.io/redis-adapter';
import { Redis } from 'ioredis';
import { Server } from 'socket.io';
import { listen, publishing, serve, settings } from './serve.mjs';

const server = await listen();
const io = new Server(server, { transports: ['websocket'], serveClient: false });
if (settings.redis) io.adapter(createAdapter(new Redis(settings.redis), new Redis(settings.redis)));
io.on('connection', (socket) => socket.join(String(socket.handshake.query.room)));
const publish = ({ topic, ...event }) => io.to(topic).emit('message', event);
serve(server.address().port, { publish: publishing(publish) });
