import { schema } from '../../src/schema.ts';
import { DocumentWriter, type Values } from '../execution/documents.ts';
import { Random } from '../faults/random.ts';

/** An input that an unknown client may send, over any transport. */
export type Input =
  | { readonly way: 'operation'; readonly query: string; readonly variables: unknown }
  | { readonly way: 'stream'; readonly query: string; readonly variables: unknown }
  | {
      readonly way: 'request';
      readonly method: string;
      readonly path: string;
      readonly headers: Record<string, string>;
      readonly body: Buffer;
    }
  | { readonly way: 'frames'; readonly frames: readonly (string | Buffer)[] }
  | { readonly way: 'token'; readonly token: string };

const ODD_NUMBERS = [0, -1, 1.5, 2 ** 31, 2 ** 53, 1e308, -0, 1e-9];
const ODD_TEXTS = [
  '',
  ' ',
  '\0',
  '\u2028',
  '\ud800',
  '\u202e',
  '😀'.repeat(99),
  '__proto__',
  'null',
  '${7*7}',
  "';--",
];
const MEDIA = [
  'application/json',
  'text/plain',
  'multipart/form-data; boundary=x',
  'application/graphql',
  'a/b; c="',
];
const PATHS = [
  '/graphql',
  '/graphql/',
  '/',
  '/graphql?query=%',
  '/graphql?query={serverInfo{__typename}}',
  '/%00',
  '//x',
];
const ACCEPTS = [
  '*/*',
  'text/event-stream',
  'application/graphql-response+json',
  'multipart/mixed',
  ',,;q=x',
  'text/html',
];
const FRAME_TYPES = [
  'connection_init',
  'subscribe',
  'complete',
  'ping',
  'pong',
  'next',
  'error',
  '',
  'nonsense',
];
const MAX_ODD_DEPTH = 5;

/** Random inputs for a server that has these values. The same seed gives the same inputs. */
export class InputWriter {
  private readonly random: Random;
  private readonly documents: DocumentWriter;
  private readonly values: Values;
  private readonly token: string;

  constructor(seed: number, values: Values, token: string) {
    this.random = new Random(seed);
    this.documents = new DocumentWriter(schema, this.random.fork(), values);
    this.values = values;
    this.token = token;
  }

  next(): Input {
    const write = this.random.pick([
      () => this.validOperation(),
      () => this.brokenOperation(),
      () => this.oddVariables(),
      () => this.stream(),
      () => this.request(),
      () => this.frames(),
      () => this.brokenToken(),
    ]);
    return write();
  }

  private validOperation(): Input {
    const { text, variables } = this.documents.write(this.random.pick(['query', 'query', 'mutation']));
    return { way: 'operation', query: text, variables };
  }

  private brokenOperation(): Input {
    const { text, variables } = this.documents.write('query');
    return { way: 'operation', query: this.broken(Buffer.from(text)).toString(), variables };
  }

  private oddVariables(): Input {
    const { text, variables } = this.documents.write(this.random.pick(['query', 'mutation']));
    const odd = Object.fromEntries(Object.keys(variables).map((name) => [name, this.oddValue()]));
    return { way: 'operation', query: text, variables: this.random.chance(0.1) ? this.oddValue() : odd };
  }

  private stream(): Input {
    const { text, variables } = this.documents.write('subscription');
    return { way: 'stream', query: text, variables };
  }

  private request(): Input {
    const { random } = this;
    const body = this.broken(
      Buffer.from(JSON.stringify({ query: '{ serverInfo { version } }', variables: this.oddValue() })),
    );
    const headers = {
      'content-type': random.pick(MEDIA),
      accept: random.pick(ACCEPTS),
      ...(random.chance(0.3) && { 'x-forwarded-for': this.oddText(), 'x-correlation-id': this.oddText() }),
    };
    return {
      way: 'request',
      method: random.pick(['POST', 'POST', 'GET', 'PUT', 'OPTIONS', 'HEAD']),
      path: random.pick(PATHS),
      headers,
      body,
    };
  }

  private frames(): Input {
    const count = 1 + this.random.below(4);
    return { way: 'frames', frames: Array.from({ length: count }, () => this.frame()) };
  }

  private frame(): string | Buffer {
    const message = { type: this.random.pick(FRAME_TYPES), id: this.oddValue(), payload: this.oddValue() };
    if (this.random.chance(0.4)) return JSON.stringify(message);
    const { text, variables } = this.documents.write('query');
    const subscribe = JSON.stringify({ type: 'subscribe', id: '1', payload: { query: text, variables } });
    return this.random.chance(0.5) ? subscribe : this.broken(Buffer.from(subscribe));
  }

  private brokenToken(): Input {
    return {
      way: 'token',
      token: this.broken(Buffer.from(this.token))
        .toString('latin1')
        .replace(/[^\x20-\x7e]/g, '~'),
    };
  }

  private oddValue(depth = 0): unknown {
    const { random } = this;
    const kinds = [
      () => random.pick(ODD_NUMBERS),
      () => this.oddText(),
      () => random.pick([true, false, null]),
      () => random.pick(Object.values(this.values).flat()),
    ];
    if (depth < MAX_ODD_DEPTH) {
      const some = () => Array.from({ length: random.below(4) }, () => this.oddValue(depth + 1));
      kinds.push(some, () => Object.fromEntries(some().map((value) => [this.oddText() || 'x', value])));
    }
    return random.pick(kinds)();
  }

  private oddText(): string {
    const text = this.random.pick(ODD_TEXTS);
    return this.random.chance(0.05) ? text.repeat(1 + this.random.below(200)) : text;
  }

  /** The same bytes with some taken out, put in or changed. */
  private broken(bytes: Buffer): Buffer {
    const { random } = this;
    const changed = [...bytes];
    for (let times = 1 + random.below(3); times > 0; times--) {
      const added = Array.from({ length: random.below(6) }, () => random.below(256));
      changed.splice(random.below(changed.length + 1), random.below(6), ...added);
    }
    return Buffer.from(changed);
  }
}
