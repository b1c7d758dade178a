import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { limitUnread } from '../src/server/transport/unread-responses.ts';

// More than the system keeps for two sockets, so that some of it waits in the server.
const BODY = Buffer.alloc(32_000_000, 'x');
const USUAL_MS = 3_600_000;
const IDLE_MS = 60_000;
const REQUEST = 'GET / HTTP/1.1\r\nhost: localhost\r\n\r\n';

/** A server that answers everything with a large response, and a client of it that reads nothing. */
async function open(unreadMs: number): Promise<{ client: Socket; server: Socket }> {
  const http = createServer((req: IncomingMessage, res: ServerResponse) => {
    limitUnread(req, res, { usual: USUAL_MS, unread: unreadMs });
    if (req.url !== '/slow') res.end(req.url === '/small' ? 'x' : BODY);
  });
  http.setTimeout(USUAL_MS);
  http.keepAliveTimeout = IDLE_MS;
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const accepted = once(http, 'connection') as Promise<[Socket]>;
  const client = connect((http.address() as AddressInfo).port, '127.0.0.1').pause();
  client.on('error', () => undefined);
  onTestFinished(() => {
    client.destroy();
    http.closeAllConnections();
    http.close();
  });
  const [server] = await accepted;
  return { client, server };
}

test('a client that takes nothing of its response is cut', async () => {
  const { client, server } = await open(1);
  client.write(REQUEST);
  await once(server, 'close');
});

test('a client that reads gets everything, and keeps its connection', async () => {
  const { client, server } = await open(600_000);
  let bytes = 0;
  client.write(REQUEST);
  client.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  client.resume();
  await expect.poll(() => bytes, { timeout: 20_000 }).toBeGreaterThan(BODY.length);
  expect(server.destroyed).toBe(false);
  // Idle connections have a separate timeout.
  await expect.poll(() => server.timeout, { timeout: 20_000 }).toBeLessThan(600_000);
});

test('a client that asked for two things at once is cut as well, when it takes nothing of the second', async () => {
  const { client, server } = await open(1);
  client.write(REQUEST.replace('/', '/small') + REQUEST);
  await once(server, 'close');
});

test('a request that comes with another one has its own time to be worked on', async () => {
  const { client, server } = await open(600_000);
  client.write(REQUEST.replace('/', '/small') + REQUEST.replace('/', '/slow'));
  await expect.poll(() => server.bytesWritten, { timeout: 20_000 }).toBeGreaterThan(0);
  await expect.poll(() => server.timeout, { timeout: 20_000 }).toBe(USUAL_MS);
});
