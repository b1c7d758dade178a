/**
 * Anonymous clients that mean no good, in a process of their own. Only to this machine, so many at once, and only for
 * so long: what it does is in the one message that its parent sends, and what became of it in the one that it answers.
 */
import { randomUUID } from 'node:crypto';
import net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import WebSocket from 'ws';

const HOST = '127.0.0.1';
const MAX_CONNECTIONS = 500;
const MAX_SECONDS = 3_600;

const counts = { served: 0, refused: 0, failed: 0, opened: 0, notOpened: 0 };
let isOver = false;

/** @param {string} query @param {object} [variables] */
function request(query, variables) {
  const body = JSON.stringify({ query, variables });
  return `POST /graphql HTTP/1.1\r\nHost: ${HOST}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

const INFO = '{ serverInfo { version } }';
const names = (/** @type {number} */ count, /** @type {(i: number) => string} */ name) =>
  Array.from({ length: count }, (_, i) => name(i)).join(' ');

/** Each is different every time, so that no cache knows it. */
const hostile = [
  () => `{ ${names(9, (i) => `serverInfo { a${randomUUID().slice(0, 8)}: version b${i}: version }`)} }`,
  () =>
    `query Q${Math.random().toString(36).slice(2)} { ...F0 } ${names(100, (i) => `fragment F${i} on Query { serverInfo { version } ...F${i + 1} }`)} fragment F100 on Query { serverInfo { version } }`,
  () => `{ nodes(ids: [${names(1_500, (i) => `"${i}${Math.random().toString(36).slice(2, 6)}"`)}]) { id } }`,
  () => `{ ${names(900, (i) => `f${i}${Math.random().toString(36).slice(2, 6)}`)} }`,
  () => `{ ${'{ a '.repeat(300)} ${Math.random()}`,
];
const pick = (/** @type {(() => string)[]} */ list) =>
  list[Math.floor(Math.random() * list.length)]?.() ?? INFO;
const LOGIN = 'mutation ($input: LoginInput!) { login(input: $input) { __typename } }';
const login = () => ({ input: { usernameOrEmail: `nobody-${randomUUID()}`, password: randomUUID() } });

const said = {
  flood: () => request(INFO),
  documents: () => request(pick(hostile)),
  logins: () => request(LOGIN, login()),
};

/** One connection that asks, and asks again as soon as it is answered. @returns {Promise<void>} */
function ask(
  /** @type {number} */ port,
  /** @type {string} */ localAddress,
  /** @type {() => string} */ next,
) {
  return new Promise((resolve) => {
    const socket = net.connect({ host: HOST, port, localAddress });
    const end = setInterval(() => isOver && socket.destroy(), 200);
    socket.on('connect', () => socket.write(next()));
    socket.on('data', (data) => {
      // Answers are small: where a second piece comes, it has no status line.
      const status = /^HTTP\/1\.1 (\d+)/.exec(data.toString('latin1', 0, 16))?.[1];
      if (!status) return;
      if (status === '429') counts.refused++;
      else counts.served++;
      if (!isOver) socket.write(next());
    });
    socket.on('error', () => counts.failed++);
    socket.on('close', () => {
      clearInterval(end);
      resolve();
    });
  });
}

/** One socket: it says nothing, or it asks without pause, or it only stays. @returns {Promise<void>} */
function haunt(/** @type {number} */ port, /** @type {string} */ localAddress) {
  return new Promise((resolve) => {
    const ws = new WebSocket(`ws://${HOST}:${port}/graphql`, 'graphql-transport-ws', {
      localAddress,
      perMessageDeflate: false,
    });
    const end = setInterval(() => isOver && ws.terminate(), 200);
    const kind = Math.floor(Math.random() * 3);
    let id = 0;
    const subscribe = () =>
      ws.send(JSON.stringify({ id: String(++id), type: 'subscribe', payload: { query: pick(hostile) } }));
    ws.on('open', () => {
      counts.opened++;
      if (kind > 0) ws.send('{"type":"connection_init"}');
    });
    ws.on('message', () => {
      if (kind === 1 && ws.readyState === WebSocket.OPEN) subscribe();
    });
    ws.on('unexpected-response', () => {
      counts.notOpened++;
      ws.terminate();
    });
    ws.on('error', () => undefined);
    ws.on('close', () => {
      clearInterval(end);
      resolve();
    });
  });
}

/**
 * @param {{ port: number, kinds: ('flood' | 'documents' | 'logins' | 'sockets')[], addresses: string[], connections: number, seconds: number }} order
 */
async function attack({ port, kinds, addresses, connections, seconds }) {
  if (addresses.some((address) => !address.startsWith('127.'))) throw new Error('only from this machine');
  const until = setTimeout(() => (isOver = true), Math.min(seconds, MAX_SECONDS) * 1_000);
  const one = async (/** @type {number} */ i) => {
    const kind = kinds[i % kinds.length] ?? 'flood';
    const address = addresses[i % addresses.length] ?? HOST;
    while (!isOver) {
      await (kind === 'sockets' ? haunt(port, address) : ask(port, address, said[kind]));
      await delay(20);
    }
  };
  await Promise.all(Array.from({ length: Math.min(connections, MAX_CONNECTIONS) }, (_, i) => one(i)));
  clearTimeout(until);
  return counts;
}

process.once('message', (order) => {
  attack(/** @type {Parameters<typeof attack>[0]} */ (order)).then(
    (result) => process.send?.(result, () => process.exit(0)),
    (error) => {
      console.error(error);
      process.exit(1);
    },
  );
});
// Whoever started it is gone: it ends, too.
process.once('disconnect', () => process.exit(1));
