import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The id of the first message, which is sent unasked. */
const READY = 0;
const PATIENCE_MS = 120_000;
// Resolved here, because a process must find it in any working folder.
const TYPESCRIPT = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

export interface PeerOptions {
  /** In peers/. */
  readonly file: string;
  readonly variant: string;
  /** Passed on as they are. */
  readonly settings?: Record<string, string>;
  /** Of its inspector, to look at its heap. */
  readonly isInspected?: boolean | undefined;
}

/** An alternative to Parley: a small server in its own process, controlled by messages. */
export class Peer {
  readonly name: string;
  private readonly child: ChildProcess;
  private readonly waiting = new Map<number, (said: Said) => void>();
  private lastId = 0;
  private stderr = '';
  private listeningAt = 0;

  private constructor({ file, variant, settings, isInspected }: PeerOptions) {
    this.name = variant;
    const at = fileURLToPath(new URL(`peers/${file}`, import.meta.url));
    const given = Object.entries(settings ?? {}).flatMap(([name, value]) => [`--${name}`, value]);
    this.child = fork(at, ['--variant', variant, '--port', '0', ...given], {
      // Only what imports TypeScript has its loader in it.
      execArgv: [
        ...(file.includes('prisma') || file.endsWith('.ts') ? ['--import', TYPESCRIPT] : []),
        ...(isInspected ? ['--inspect=127.0.0.1:0'] : []),
      ],
      env: { ...process.env, NODE_ENV: 'production' },
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    });
    this.child.stderr?.on('data', (data: Buffer) => {
      this.stderr += String(data);
    });
    this.child.on('message', (said) => this.waiting.get((said as Said).id)?.(said as Said));
    // One event has many waiters in an open loop.
    this.child.setMaxListeners(0);
  }

  static async start(options: PeerOptions): Promise<Peer> {
    const peer = new Peer(options);
    const { port } = await peer.answer<{ port: number }>(READY);
    peer.listeningAt = port;
    return peer;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get port(): number {
    return this.listeningAt;
  }

  get inspectorUrl(): string | undefined {
    return /Debugger listening on (\S+)/.exec(this.stderr)?.[1];
  }

  /** Has it do one of its commands. */
  ask<Answer>(name: string, argument: object = {}): Promise<Answer> {
    const id = ++this.lastId;
    this.child.send({ id, name, argument });
    return this.answer<Answer>(id);
  }

  stop(): void {
    this.child.kill('SIGKILL');
  }

  private async answer<Answer>(id: number): Promise<Answer> {
    const over = new AbortController();
    const said = new Promise<Said>((resolve) => this.waiting.set(id, resolve));
    const fail = async (what: Promise<unknown>, why: string) => {
      await what;
      throw new Error(`${this.name} ${why}. It said:\n${this.stderr}`);
    };
    const ended = fail(once(this.child, 'exit', { signal: over.signal }), 'has ended');
    const late = fail(delay(PATIENCE_MS, undefined, { signal: over.signal, ref: false }), 'did not answer');
    for (const promise of [ended, late]) promise.catch(() => undefined);
    try {
      const { result, error } = await Promise.race([said, ended, late]);
      if (error !== undefined) throw new Error(`${this.name}: ${error}`);
      return result as Answer;
    } finally {
      this.waiting.delete(id);
      over.abort();
    }
  }
}

interface Said {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}
