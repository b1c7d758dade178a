import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const SOURCES = [here('wsload.c'), here('wsload.h')] as const;
const BUILT = here('../node_modules/.cache/wsload');
const IN_NODE = here('wsload.mjs');
const PATIENCE_MS = 120_000;

export type Mode = 'gql' | 'raw' | 'sio' | 'http';

/** One connection. Missing values are not sent. */
export interface Line {
  readonly path: string;
  readonly first?: object | undefined;
  readonly subscription?: object | undefined;
  /** `%N` becomes a unique number, `%T` the time in ns. */
  readonly request?: object | undefined;
}

export interface LoadOptions {
  readonly port: number;
  readonly mode: Mode;
  readonly lines: readonly Line[];
  /** What a subscription hears when it is live; without it, it is believed to be once it was sent. */
  readonly ready?: string;
  /** What every answer contains. */
  readonly answer?: string;
}

/** In ms. */
export interface Times {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** The results since the last call. */
export interface Stat {
  readonly delivered: number;
  readonly failed: number;
  readonly dead: number;
  /** Mean size of a delivery. */
  readonly bytes: number;
  readonly deliveries: Times;
  /** From the first of the awaited messages to the last receiver. */
  readonly lasts: Times;
  readonly answers: Times;
}

/** The command that holds the connections: compiled here if there is a compiler, otherwise in Node.js. */
export function loadCommand(): readonly string[] {
  // To compare the two.
  if (process.env['BENCH_LOAD'] === 'node') return [process.execPath, IN_NODE];
  const newest = Math.max(...SOURCES.map((file) => statSync(file).mtimeMs));
  if (existsSync(BUILT) && statSync(BUILT).mtimeMs > newest) return [BUILT];
  mkdirSync(path.dirname(BUILT), { recursive: true });
  for (const compiler of ['cc', 'gcc', 'clang']) {
    if (spawnSync(compiler, ['-O2', '-o', BUILT, SOURCES[0]], { stdio: 'ignore' }).status === 0)
      return [BUILT];
  }
  return [process.execPath, IN_NODE];
}

/** A process that holds connections and counts what comes. */
export class Load {
  readonly pid: number;
  private readonly child: ChildProcess;
  private readonly waiting = new Map<string, (line: string) => void>();
  private expected = 0;

  private constructor(child: ChildProcess) {
    this.child = child;
    this.pid = child.pid ?? 0;
    createInterface(child.stdout as NodeJS.ReadableStream).on('line', (line) => this.hear(line));
  }

  /** Resolves when all connections are open. `folder` is for the list of them. */
  static async start(folder: string, options: LoadOptions): Promise<Load> {
    const { port, mode, lines, ready = '', answer = '' } = options;
    const file = path.join(folder, `connections-${port}-${Math.random()}`);
    writeFileSync(file, lines.map(textOf).join(''));
    const [command = '', ...first] = loadCommand();
    const child = spawn(command, [...first, String(port), mode, file, ready, answer], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const load = new Load(child);
    const { open } = JSON.parse(await load.next('ready')) as { open: number };
    if (open !== lines.length) throw new Error(`${open} of ${lines.length} connections opened`);
    return load;
  }

  /** Resolves when so many more deliveries have come; called before they are caused. */
  async expect(count: number): Promise<void> {
    this.expected += count;
    const delivered = this.next('delivered');
    this.tell(`await ${this.expected}`);
    await delivered;
  }

  /** Asks so often, with so many connections at a time, each asking again when it is answered. */
  async flood(count: number, inFlight: number): Promise<void> {
    const answered = this.next('answered');
    this.tell(`flood ${count} ${inFlight}`);
    await answered;
  }

  /** @throws Error where something came that should not, or more often */
  async stat(): Promise<Stat> {
    const said = this.next('stat');
    this.tell('stat');
    const stat = JSON.parse(await said) as Stat;
    const { delivered, failed, dead } = stat;
    if (failed > 0 || dead > 0) throw new Error(`${failed} bad messages, ${dead} connections lost`);
    if (delivered > this.expected) throw new Error(`${delivered} deliveries instead of ${this.expected}`);
    return stat;
  }

  stop(): void {
    this.child.kill('SIGKILL');
  }

  private tell(line: string): void {
    this.child.stdin?.write(`${line}\n`);
  }

  private hear(line: string): void {
    const { is } = JSON.parse(line) as { is: string };
    this.waiting.get(is)?.(line);
  }

  private next(what: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const fail = (why: string) => {
        this.waiting.delete(what);
        clearTimeout(timer);
        reject(new Error(`the load client waited in vain for: ${what} (${why})`));
      };
      const timer = setTimeout(() => fail('it took too long'), PATIENCE_MS);
      const ended = () => fail('it ended');
      this.child.once('exit', ended);
      this.waiting.set(what, (line) => {
        this.waiting.delete(what);
        clearTimeout(timer);
        this.child.off('exit', ended);
        resolve(line);
      });
    });
  }
}

function textOf({ path: where, first, subscription, request }: Line): string {
  const fields = [first, subscription, request].map((message) => (message ? JSON.stringify(message) : ''));
  return `${[where, ...fields].join('\t')}\n`;
}

// -- graphql-transport-ws -----------------------------------------------------------------------

export interface Operation {
  readonly query: string;
  readonly variables?: object;
}

/** A connection of that protocol. The ids have the length that clients in use give them. */
export function gqlLine(
  token: string,
  { subscription, request }: { subscription?: Operation; request?: Operation },
): Line {
  return {
    path: '/graphql',
    first: { type: 'connection_init', ...(token && { payload: { authorization: `Bearer ${token}` } }) },
    subscription: subscription && { id: crypto.randomUUID(), type: 'subscribe', payload: subscription },
    request: request && { id: 'request-%N', type: 'subscribe', payload: request },
  };
}
