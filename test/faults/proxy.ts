import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** Changes what flows one way: returns what to pass on, perhaps later, perhaps nothing. */
export type Transform = (chunk: Buffer) => Buffer | null;

/** One connection through a link, from the caller (`near`) to the callee (`far`). */
export interface Pair {
  readonly near: Socket;
  readonly far: Socket;
  readonly outward: Transform;
  readonly inward: Transform;
  /** A WebSocket or an event stream: a permanent connection. */
  isStream: boolean;
  /** What either end sends is lost. */
  isDeaf: boolean;
}

const STREAM = /^upgrade: websocket|^accept: text\/event-stream/im;

export interface Watcher {
  /** Creates the two transforms of a new connection. */
  attach(abort: () => void): { outward: Transform; inward: Transform };
}

const pass: Transform = (chunk) => chunk;

/** One TCP link, with everything that can go wrong on it. */
export class Link {
  readonly name: string;
  port = 0;
  /** The target of the link; it may move when it is restarted. */
  target: { host: string; port: number };
  /** Added to every chunk, both ways. */
  delayMs = 0;
  /** 0: no limit. */
  bytesPerSecond = 0;
  private isBlackhole = false;
  private isSwallowing = false;
  private isRefusing = false;
  private readonly pairs = new Set<Pair>();
  private readonly server: Server;
  private readonly watcher: Watcher | null;

  private constructor(name: string, port: number, watcher: Watcher | null) {
    this.name = name;
    this.target = { host: '127.0.0.1', port };
    this.watcher = watcher;
    this.server = createServer({ pauseOnConnect: true, allowHalfOpen: true }, (near) => this.open(near));
  }

  static async start(name: string, port: number, watcher: Watcher | null = null): Promise<Link> {
    const link = new Link(name, port, watcher);
    await new Promise<void>((resolve) => link.server.listen(0, '127.0.0.1', resolve));
    link.port = (link.server.address() as { port: number }).port;
    return link;
  }

  get connections(): number {
    return this.pairs.size;
  }

  // -- verbs ----------------------------------------------------------------------------------

  /** RST to both ends of all connections, or of one. */
  reset(choose?: (pairs: Pair[]) => Pair | undefined): number {
    const chosen = choose ? [choose([...this.pairs])] : [...this.pairs];
    for (const pair of chosen) if (pair) this.cut(pair);
    return chosen.length;
  }

  /** Stops all data, without notice. */
  blackhole(): void {
    this.isBlackhole = true;
    for (const pair of this.pairs) freeze(pair);
  }

  /** Loses all data from now on, without notice to either end. Connections of this time never work again. */
  swallow(): void {
    this.isSwallowing = true;
    for (const pair of this.pairs) pair.isDeaf = true;
  }

  /** RST to all connections, and to every new one. */
  refuse(): void {
    this.isRefusing = true;
    this.reset();
  }

  /** Continues the data that was held; nothing was lost. */
  heal(): void {
    this.isBlackhole = false;
    this.isSwallowing = false;
    this.isRefusing = false;
    this.delayMs = 0;
    this.bytesPerSecond = 0;
    for (const pair of this.pairs) thaw(pair);
  }

  /** One connection alone: stuck, and closed to neither end. */
  freezeOne(choose: (pairs: Pair[]) => Pair | undefined): (() => void) | null {
    const pair = choose([...this.pairs]);
    if (!pair) return null;
    freeze(pair);
    return () => thaw(pair);
  }

  /** The far end sends FIN; the near end can still send. */
  halfClose(): void {
    for (const { near } of this.pairs) near.end();
  }

  async close(): Promise<void> {
    for (const pair of this.pairs) this.cut(pair);
    await new Promise((resolve) => this.server.close(resolve));
  }

  // -- inside ---------------------------------------------------------------------------------

  private open(near: Socket): void {
    near.on('error', () => undefined); // `close` follows
    if (this.isRefusing) return void near.resetAndDestroy();
    const far = connect({ ...this.target, allowHalfOpen: true, noDelay: true });
    near.setNoDelay(true);
    const abort = () => this.cut(pair);
    const { outward, inward } = this.watcher?.attach(abort) ?? { outward: pass, inward: pass };
    const pair: Pair = { near, far, outward, inward, isStream: false, isDeaf: this.isSwallowing };
    near.once('data', (chunk: Buffer) => {
      pair.isStream = STREAM.test(chunk.toString('latin1'));
    });
    near.pause();
    this.pairs.add(pair);
    this.flow(near, far, pair, outward);
    this.flow(far, near, pair, inward);
    far.once('connect', () => (this.isBlackhole ? freeze(pair) : thaw(pair)));
    far.pause();
  }

  private flow(from: Socket, to: Socket, pair: Pair, transform: Transform): void {
    let queue: Promise<void> = Promise.resolve();
    let waiting = 0;
    const send = (chunk: Buffer) => {
      if (to.writable && !to.write(chunk)) {
        from.pause();
        to.once('drain', () => this.isBlackhole || from.resume());
      }
    };
    from.on('data', (chunk: Buffer) => {
      const passed = pair.isDeaf ? null : transform(chunk);
      if (!passed?.length) return;
      if (this.pause(passed) === 0 && waiting === 0) return send(passed);
      waiting++;
      const due = performance.now() + this.pause(passed);
      queue = queue
        .then(() => delay(Math.max(0, due - performance.now())))
        .then(() => {
          waiting--;
          send(passed);
        });
    });
    from.on('end', () => void queue.then(() => to.end()));
    from.on('error', () => this.cut(pair));
    from.on('close', () => this.closed(pair, to));
  }

  private pause(chunk: Buffer): number {
    return this.delayMs + (this.bytesPerSecond ? (chunk.length * 1_000) / this.bytesPerSecond : 0);
  }

  private closed(pair: Pair, other: Socket): void {
    this.pairs.delete(pair);
    if (!other.destroyed) other.destroySoon();
  }

  private cut(pair: Pair): void {
    this.pairs.delete(pair);
    for (const socket of [pair.near, pair.far]) if (!socket.destroyed) socket.resetAndDestroy();
  }
}

function freeze({ near, far }: Pair): void {
  near.pause();
  far.pause();
}

function thaw({ near, far }: Pair): void {
  near.resume();
  far.resume();
}
