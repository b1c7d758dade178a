// What wsload.c does, where there is no compiler: the same arguments, commands and answers. It costs ten times as much.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, request as httpRequest } from 'node:http';
import { createInterface } from 'node:readline';
import WebSocket from 'ws';

const [port, mode, file, readyMark, answerMark] = process.argv.slice(2);
const OPENING_AT_ONCE = 32;
const counts = { delivered: 0, failed: 0, dead: 0 };
const samples = { deliveries: [], lasts: [], answers: [] };
let [awaited, oldest, asked, answered, toAsk, toAnswer, bytes] = [-1, 0, 0, 0, 0, 0, 0];

const now = () => Number(process.hrtime.bigint());
const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);

function complain(why, text) {
  if (counts.failed++ < 3) process.stderr.write(`wsload: ${why}: ${text.slice(0, 400)}\n`);
}

function heardDelivery(sentAt, length) {
  const at = now();
  bytes += length;
  samples.deliveries.push((at - sentAt) / 1e6);
  if (oldest === 0 || sentAt < oldest) oldest = sentAt;
  if (++counts.delivered !== awaited) return;
  samples.lasts.push((at - oldest) / 1e6);
  oldest = 0;
  say({ is: 'delivered' });
}

function heardAnswer(connection, text) {
  if (!text.includes(answerMark)) complain('not an answer', text);
  samples.answers.push((now() - connection.askedAt) / 1e6);
  connection.askedAt = 0;
  if (toAsk > 0) {
    toAsk--;
    ask(connection);
  }
  if (++answered === toAnswer) say({ is: 'answered' });
}

function ask(connection) {
  connection.askedAt = now();
  const number = String(++asked).padStart(10, '0');
  const text = connection.request.replaceAll('%N', number).replaceAll('%T', String(connection.askedAt));
  if (mode === 'http') void askHttp(connection, text);
  else connection.ws.send(text);
}

async function askHttp(connection, body) {
  const { agent, path } = connection;
  const headers = {
    'content-type': 'application/json',
    accept: 'application/graphql-response+json',
    'content-length': Buffer.byteLength(body),
  };
  const exchange = httpRequest({ port, path, method: 'POST', headers, agent });
  exchange.end(body);
  const [response] = await once(exchange, 'response');
  const chunks = await response.toArray();
  heardAnswer(connection, Buffer.concat(chunks).toString());
}

/** What a connection hears once it is open. */
function heard(connection, text) {
  const stamp = connection.request ? -1 : text.indexOf('~T');
  if (stamp >= 0) return heardDelivery(Number.parseInt(text.slice(stamp + 2, stamp + 24), 10), text.length);
  if (mode === 'sio' && text === '2') return connection.ws.send('3');
  if (text.includes('"errors"') || text.includes('"type":"error"')) complain('an error', text);
  if (connection.askedAt && (mode !== 'gql' || text.includes('"type":"next"'))) heardAnswer(connection, text);
}

/** What is said until it is open; true when it is. */
const greetings = {
  raw: () => true,
  gql: ({ ws, subscription }, text) => {
    if (!text.includes('connection_ack')) return readyMark !== '' && text.includes(readyMark);
    if (subscription) ws.send(subscription);
    return !subscription || readyMark === '';
  },
  sio: ({ ws }, text) => {
    if (text.startsWith('0')) ws.send('40');
    return text.startsWith('4');
  },
};

async function open(connection) {
  if (mode === 'http') {
    connection.agent = new Agent({ keepAlive: true, maxSockets: 1 });
    return;
  }
  const protocols = mode === 'gql' ? ['graphql-transport-ws'] : [];
  const ws = new WebSocket(`ws://127.0.0.1:${port}${connection.path}`, protocols, {
    perMessageDeflate: false,
  });
  connection.ws = ws;
  await new Promise((resolve, reject) => {
    ws.on('error', reject);
    ws.on('open', () => {
      if (connection.first) ws.send(connection.first);
      if (mode === 'raw') opened();
    });
    let isOpen = false;
    const opened = () => {
      isOpen = true;
      resolve();
    };
    ws.on('message', (data) => {
      const text = String(/** @type {Buffer} */ (data));
      if (isOpen) heard(connection, text);
      else if (greetings[mode](connection, text)) opened();
    });
    ws.on('close', () => {
      counts.dead++;
      reject(new Error('it was closed'));
    });
  });
}

const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
const connections = lines.map((line) => {
  const [path, first, subscription, request] = line.split('\t');
  return { path, first, subscription, request, askedAt: 0 };
});

function statOf(times) {
  const sorted = Float64Array.from(times).sort();
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { count: sorted.length, p50: at(0.5), p99: at(0.99), max: at(1) };
}

function stat() {
  const said = Object.fromEntries(Object.entries(samples).map(([name, times]) => [name, statOf(times)]));
  say({ is: 'stat', ...counts, bytes: bytes / Math.max(1, samples.deliveries.length), ...said });
  for (const times of Object.values(samples)) times.length = 0;
  bytes = 0;
}

function flood(count, inFlight) {
  answered = 0;
  toAnswer = toAsk = count;
  for (const connection of connections.filter(({ request }) => request).slice(0, Math.min(inFlight, count))) {
    toAsk--;
    ask(connection);
  }
}

createInterface(process.stdin)
  .on('line', (line) => {
    const [what, ...numbers] = line.split(' ');
    if (what === 'await') {
      awaited = Number(numbers[0]);
      if (counts.delivered === awaited) say({ is: 'delivered' });
    } else if (what === 'flood') flood(Number(numbers[0]), Number(numbers[1]));
    else if (what === 'stat') stat();
  })
  .on('close', () => process.exit()); // whoever started it is gone

let opened = 0;
const waiting = [...connections];
const openAll = async () => {
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    const error = await open(next).catch((reason) => reason);
    if (error) process.stderr.write(`wsload: ${error}\n`);
    else opened++;
  }
};
await Promise.all(Array.from({ length: OPENING_AT_ONCE }, openAll));
say({ is: 'ready', open: opened, dead: counts.dead });
