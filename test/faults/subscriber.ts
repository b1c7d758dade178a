import { request } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { type Client, createClient } from 'graphql-ws';
import WebSocket from 'ws';
import type { Place } from './cluster.ts';
import { documents } from './documents.ts';
import { type Ending, Follower, type Following } from './follower.ts';
import { anyPlace, type World } from './world.ts';

const SESSION_ENDED = 4401;

/** A client that stays on its stream over as many connections and nodes as it takes. */
export abstract class Subscriber {
  readonly follower: Follower;
  protected readonly world: World;
  protected isStopped = false;
  private readonly random;
  private attempts = 0;

  constructor(world: World, following: Following) {
    this.world = world;
    this.follower = new Follower(world, following);
    this.random = world.random.fork();
  }

  get name(): string {
    return this.follower.options.name;
  }

  /** Resolves when it is live for the first time, or over. */
  async start(): Promise<void> {
    void this.run();
    while (!this.follower.isReady && !this.follower.isOver) await delay(10);
  }

  abstract stop(): Promise<void>;

  /** One stream, to its end. @throws what the carrier ended with */
  protected abstract follow(): Promise<Ending>;

  /** The node that it likes, and after a failure another one. */
  protected place(): Place {
    const { places, up } = this.world.cluster;
    const liked = places[(this.follower.options.home + this.attempts++) % places.length] as Place;
    return up.includes(liked) ? liked : anyPlace(this.world, this.random);
  }

  protected stayed(): void {
    this.attempts = 0;
  }

  private async run(): Promise<void> {
    const { follower } = this;
    while (!this.isStopped && !follower.isOver) {
      try {
        if (follower.cursor === null) await follower.bootstrap(this.place());
        const ending = await this.follow();
        if (ending === 'resync') follower.cursor = null;
        if (ending === 'final') follower.isOver = true;
      } catch (problem) {
        this.follower.refused(problem);
        const { code, message } = problem as { code?: number; message?: string };
        if (code === SESSION_ENDED) follower.isOver = true;
        if (message?.includes('not a member')) follower.isOver = true;
      }
      if (!this.isStopped && !follower.isOver) await delay(this.random.between(20, 250));
    }
    await this.stop();
  }
}

/** Over a WebSocket, by graphql-ws with the settings that we recommend. */
export class SocketSubscriber extends Subscriber {
  /** Its end of the connection: by that the proxies know it. */
  port = 0;
  private socket: WebSocket | null = null;
  private readonly client: Client;
  private readonly pauses = this.world.random.fork();

  constructor(world: World, following: Following) {
    super(world, following);
    this.client = this.createClient();
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    // Rejects with the close event if the socket has been closed.
    await Promise.resolve(this.client.dispose()).catch(() => undefined);
  }

  /** The cable. */
  cut(): void {
    this.giveUp();
  }

  protected follow(): Promise<Ending> {
    const { stream } = this.follower.options;
    // graphql-ws sends this object again after a reconnect, so its values must be current then.
    const variables = { toJSON: () => this.follower.variables() };
    const payload = { query: documents[stream], variables };
    return new Promise((resolve, reject) => {
      let ending: Ending = 'again';
      this.client.subscribe<Record<string, any>>(payload, {
        next: ({ data, errors }) => {
          const item = data?.[stream];
          if (item) ending = this.follower.apply(item) ?? ending;
          else this.follower.refused(errors);
        },
        error: (problem) => reject(problem as Error),
        complete: () => resolve(ending),
      });
    });
  }

  /**
   * `terminate` only begins to close, and late messages of the old connection would be taken for those of the new one,
   * because the subscription has the same id on both.
   */
  private giveUp(): void {
    if (this.socket) this.socket.onmessage = null;
    this.client.terminate();
  }

  private createClient(): Client {
    let overdue: NodeJS.Timeout | undefined;
    return createClient({
      url: () => this.place().url.replace(/^http/, 'ws'),
      webSocketImpl: WebSocket,
      connectionParams: async () => ({ authorization: `Bearer ${this.follower.options.person.token}` }),
      connectionAckWaitTimeout: 5_000,
      keepAlive: 10_000,
      retryAttempts: Infinity,
      shouldRetry: () => !this.isStopped,
      // As recommended, but begins at a quarter: the run is short.
      retryWait: (retries) => delay(this.pauses.next() * Math.min(250 * 2 ** retries, 4_000)),
      on: {
        connected: (socket) => {
          this.socket = socket as WebSocket;
          this.port = (socket as { _socket?: Socket })._socket?.localPort ?? 0;
          this.stayed();
        },
        ping: (received) => {
          if (!received) overdue = setTimeout(() => this.giveUp(), 5_000);
        },
        pong: (received) => {
          if (received) clearTimeout(overdue);
        },
        closed: (event) => {
          clearTimeout(overdue);
          this.follower.closed((event as { code?: number }).code ?? 0);
        },
      },
    });
  }
}

/** Over HTTP, as server-sent events. */
export class EventSubscriber extends Subscriber {
  private abort = new AbortController();

  async stop(): Promise<void> {
    this.isStopped = true;
    this.abort.abort();
  }

  protected follow(): Promise<Ending> {
    const { stream, person } = this.follower.options;
    this.abort = new AbortController();
    const { url } = this.place();
    const body = JSON.stringify({ query: documents[stream], variables: this.follower.variables() });
    const headers = {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      authorization: `Bearer ${person.token}`,
    };
    return new Promise((resolve, reject) => {
      const options = { method: 'POST', headers, signal: this.abort.signal, agent: false as const };
      const sent = request(url, options, (response) => {
        let [rest, ending]: [string, Ending] = ['', 'again'];
        response.setEncoding('utf8').on('data', (chunk: string) => {
          const blocks = (rest + chunk).split('\n\n');
          rest = blocks.pop() ?? '';
          for (const block of blocks) ending = this.take(block) ?? ending;
        });
        response.once('close', () => {
          // An answer that is not a stream contains the reason.
          if (rest.startsWith('{')) this.follower.refused((JSON.parse(rest) as { errors?: unknown }).errors);
          this.follower.closed(0);
          resolve(ending);
        });
        response.once('error', () => undefined); // `close` follows
      });
      sent.setTimeout(12_000, () => sent.destroy(new Error('silent for longer than two heartbeats')));
      sent.once('error', reject);
      sent.end(body);
    });
  }

  private take(block: string): Ending | null {
    const data = /^data: ?(.+)$/m.exec(block)?.[1];
    if (!block.includes('event: next') || !data) return null;
    const { data: answer, errors } = JSON.parse(data) as { data?: Record<string, any>; errors?: unknown };
    const item = answer?.[this.follower.options.stream];
    this.stayed();
    if (item) return this.follower.apply(item);
    this.follower.refused(errors);
    return null;
  }
}
