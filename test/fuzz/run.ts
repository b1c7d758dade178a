/**
 * `npm run fuzz -- --inputs 40000 --seed 1`: sends random inputs to its own node over every transport. Fails if an
 * answer is INTERNAL, if an error is logged, if the node stops answering, or if its heap has grown.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import WebSocket from 'ws';
import type { Values } from '../execution/documents.ts';
import { Inspector } from '../harness/inspector.ts';
import { startNode, type TestNode } from '../harness/node.ts';
import { type Person, signUp, signUpAll } from '../harness/people.ts';
import { type Input, InputWriter } from './inputs.ts';

const CONCURRENCY = 8;
/** Caches fill up to their limits during this share of the inputs; the heap is flat after it. */
const WARM_UP = 0.5;
const MAX_GROWTH = 0.1;
const ANSWER_MS = 30_000;
const STREAM_MS = 150;
const FRAMES_MS = 150;

/** Without rate limits, because a refused input is not tested. */
const unlimited = Object.fromEntries(
  ['COST', 'ADDRESS_COST', 'ANONYMOUS_COST'].flatMap((name) => [
    [`${name}_PER_SECOND`, '1000000000'],
    [`${name}_BURST`, '1000000000'],
  ]),
);

interface Outcome {
  readonly status: string;
  /** Why it is a defect. */
  readonly defect?: string;
}

class Target {
  private readonly node: TestNode;
  private person: Person;

  constructor(node: TestNode, person: Person) {
    this.node = node;
    this.person = person;
  }

  /** Some inputs end the session, or the account; then another user continues. */
  async send(input: Input): Promise<Outcome> {
    const outcome = await this.sendAs(input);
    if (outcome.status === '401' && input.way !== 'token') this.person = await signUp(this.node, 'eve');
    return outcome;
  }

  private sendAs(input: Input): Promise<Outcome> {
    switch (input.way) {
      case 'operation':
        return this.http('POST', '/graphql', this.json('application/graphql-response+json'), bodyOf(input));
      case 'stream':
        return this.http('POST', '/graphql', this.json('text/event-stream'), bodyOf(input), STREAM_MS);
      case 'request':
        return this.http(input.method, input.path, input.headers, input.body, STREAM_MS);
      case 'token':
        return this.http(
          'POST',
          '/graphql',
          { ...this.json('*/*'), authorization: `Bearer ${input.token}` },
          bodyOf({ query: '{ viewer { user { id } } }', variables: {} }),
        );
      case 'frames':
        return this.frames(input.frames);
    }
  }

  private json(accept: string): Record<string, string> {
    return { 'content-type': 'application/json', accept, authorization: `Bearer ${this.person.token}` };
  }

  private http(
    method: string,
    where: string,
    headers: Record<string, string>,
    body: Buffer,
    endAfterMs = ANSWER_MS,
  ): Promise<Outcome> {
    const { hostname, port } = new URL(this.node.url);
    return new Promise((resolve) => {
      let [status, text] = [0, ''];
      const done = () => resolve(judge(status, text));
      const sent = request(
        {
          hostname,
          port,
          method,
          path: where,
          headers: { ...plain(headers), 'content-length': body.length },
        },
        (res) => {
          status = res.statusCode ?? 0;
          res.on('data', (data) => {
            text += String(data);
          });
          res.on('close', done);
        },
      );
      // A stream continues until it is cut.
      setTimeout(() => sent.destroy(), endAfterMs).unref();
      sent.on('error', (error) =>
        resolve(
          endAfterMs === ANSWER_MS
            ? { status: error.message, defect: `no answer: ${error.message}` }
            : { status: 'cut' },
        ),
      );
      sent.end(body);
    });
  }

  private frames(frames: readonly (string | Buffer)[]): Promise<Outcome> {
    return new Promise((resolve) => {
      const ws = new WebSocket(this.node.wsUrl, 'graphql-transport-ws');
      let text = '';
      ws.on('open', () => {
        ws.send(
          JSON.stringify({
            type: 'connection_init',
            payload: { authorization: `Bearer ${this.person.token}` },
          }),
        );
        for (const frame of frames) ws.send(frame);
        setTimeout(() => ws.close(), FRAMES_MS);
      });
      ws.on('message', (data: Buffer) => {
        text += data.toString();
      });
      ws.on('error', (error) => resolve({ status: 'no socket', defect: error.message }));
      ws.on('close', (code) => resolve({ ...judge(0, text), status: `closed ${code}` }));
    });
  }
}

const bodyOf = ({ query, variables }: { query: string; variables: unknown }) =>
  Buffer.from(JSON.stringify({ query, variables }));

/** Header values that node:http agrees to send. */
const plain = (headers: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, value.replace(/[^\x20-\x7e]/g, '~')]),
  );

function judge(status: number, text: string): Outcome {
  // A busy machine may be too slow; that has a separate code.
  const isDefect = (status >= 500 && !/"code":"UNAVAILABLE"/.test(text)) || /"code":"INTERNAL"/.test(text);
  return { status: String(status), ...(isDefect && { defect: `${status} ${text.slice(0, 2_000)}` }) };
}

async function valuesOf({ ada, bob }: Record<'ada' | 'bob', Person>): Promise<Values> {
  const rooms = [await ada.createRoom('hall'), await ada.createRoom('den', 'PRIVATE')];
  await bob.join(rooms[0] as string);
  const { message } = (await ada.say(rooms[0] as string, 'hello')) as { message: { id: string } };
  const cursor: string = (await ada.ask('{ viewer { inboxCursor } }')).data.viewer.inboxCursor;
  return {
    ID: [...rooms, message.id, ada.userId, bob.userId, 'room_999', 'nonsense', 'room_-1', 'room_1e3'],
    String: ['', 'x', '\0', '**bold**', bob.username, 'a'.repeat(6_000), '\n'.repeat(5_000)],
    Cursor: [cursor, 'nonsense', cursor.slice(0, -3)],
    Int: [0, 1, 2, 50, -1, 2 ** 31 - 1],
    Float: [1.5],
    Boolean: [true, false],
    DateTime: ['2026-01-31T12:00:00.000Z', 'tomorrow'],
  };
}

class Tally {
  readonly defects: string[] = [];
  private readonly counts = new Map<string, number>();

  add({ way }: Input, { status, defect }: Outcome, input: string): void {
    const key = `${way} ${status}`;
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
    if (defect) this.defects.push(`${defect}\n  after ${input.slice(0, 3_000)}`);
  }

  summary(): string {
    return [...this.counts]
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([key, count]) => `${key}: ${count}`)
      .join(', ');
  }
}

async function sendAll(target: Target, writer: InputWriter, count: number, tally: Tally): Promise<void> {
  let left = count;
  const work = async () => {
    while (left-- > 0) {
      const input = writer.next();
      tally.add(input, await target.send(input), JSON.stringify(input));
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
}

async function heapOf(node: TestNode): Promise<number> {
  const url = /Debugger listening on (\S+)/.exec(node.output())?.[1];
  if (!url) throw new Error('the node has no inspector');
  const inspector = await Inspector.open(url);
  try {
    return await inspector.heapBytes();
  } finally {
    inspector.close();
  }
}

async function fuzz(inputs: number, seed: number): Promise<string[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'parley-fuzz-'));
  const env = {
    ...unlimited,
    DATA_DIR: path.join(folder, 'data'),
    NODE_OPTIONS: '--inspect=127.0.0.1:0',
    LOGINS_PER_MINUTE: '100000',
    REGISTRATIONS_PER_HOUR: '100000',
    MAX_ROOMS_PER_USER: '100000',
  };
  const node = await startNode({ env });
  try {
    const people = await signUpAll(node, 'ada', 'bob');
    const writer = new InputWriter(seed, await valuesOf(people), people.ada.token);
    const [target, tally] = [new Target(node, people.ada), new Tally()];
    const warm = Math.ceil(inputs * WARM_UP);
    await sendAll(target, writer, warm, tally);
    const before = await heapOf(node);
    await sendAll(target, writer, inputs - warm, tally);
    const after = await heapOf(node);
    const growth = after / before - 1;
    console.log(`${inputs} inputs, seed ${seed}: ${tally.summary()}`);
    console.log(`heap ${mb(before)} MB after ${warm}, ${mb(after)} MB at the end`);
    const logged = node
      .log()
      .filter(({ level }) => level >= 50)
      .map((line) => JSON.stringify(line));
    return [
      ...tally.defects,
      ...logged,
      ...(growth > MAX_GROWTH ? [`the heap grew by ${(100 * growth).toFixed(1)} %`] : []),
    ];
  } finally {
    await node.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

const mb = (bytes: number) => (bytes / 1e6).toFixed(1);

const { values } = parseArgs({
  options: { inputs: { type: 'string', default: '40000' }, seed: { type: 'string', default: '1' } },
});
const defects = await fuzz(Number(values.inputs), Number(values.seed));
for (const defect of defects.slice(0, 20)) console.log(`\n${defect}`);
console.log(`\n${defects.length} defects`);
process.exit(defects.length > 0 ? 1 : 0);
