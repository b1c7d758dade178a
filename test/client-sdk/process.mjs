// A client in a process of its own, for a test that kills it: process.mjs URL FILE USERNAME PASSWORD ROOM RUN. It sends
// without end, and prints what it has: `kept TEXT` once a message is stored on this device, `at N` for each commit.
import WebSocket from 'ws';
import { fileStorage } from '../../packages/client/dist/file-storage.js';
import { createClient, until } from '../../packages/client/dist/index.js';

const [url, file, username, password, roomId, run] = process.argv.slice(2);
const storage = fileStorage(file);
const client = createClient({ url, storage, webSocketImpl: WebSocket });
/** @param {string} line */
const say = (line) => new Promise((resolve) => process.stdout.write(`${line}\n`, resolve));

const { status } = await until(client.connection, (state) => state.status !== 'connecting');
if (status === 'offline') throw new Error('The client does not start.');
if (status === 'signed-out') await client.login(username, password);
await until(client.connection, (state) => state.status === 'live');
for (let i = 0; ; i++) {
  const text = `${run}-${i}`;
  await client.room(roomId).send(text);
  await say(`kept ${text}`);
  await until(client.outbox, (entries) => entries.length < 3);
}
