import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

const PATIENCE_MS = 120_000;
// Resolved here: a process must find it whatever folder it is started in.
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

/** What Parley is measured against: a small server in a process of its own, told by messages what to do. */
export class Peer {
  readonly name: string;
  private readonly child: ChildProcess;
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
  }

  static async start(options: PeerOptions): Promise<Peer> {
    const peer = new Peer(options);
    const { port } = await peer.answer<{ port: number }>();
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

  /** Has it do one of its commands. One at a time. */
  ask<Answer>(name: string, argument: object = {}): Promise<Answer> {
    this.child.send({ name, argument });
    return this.answer<Answer>();
  }

  stop(): void {
    this.child.kill('SIGKILL');
  }

  private async answer<Answer>(): Promise<Answer> {
    const over = new AbortController();
    const options = { signal: AbortSignal.any([over.signal, AbortSignal.timeout(PATIENCE_MS)]) };
    const ended = once(this.child, 'exit', { signal: over.signal }).then(() =>
      Promise.reject(new Error(`${this.name} has ended. It said:\n${this.stderr}`)),
    );
    ended.catch(() => undefined);
    try {
      const [said] = (await Promise.race([once(this.child, 'message', options), ended])) as [
        { result: Answer; error?: string },
      ];
      if (said.error) throw new Error(`${this.name}: ${said.error}`);
      return said.result;
    } finally {
      over.abort();
    }
  }
}
