import { randomUUID } from 'node:crypto';
import { RedisPubSub } from 'graphql-redis-subscriptions';
import { Redis, type RedisOptions } from 'ioredis';
import { Sealer, type SealProblem } from './sealing.ts';
import type { Log } from './telemetry.ts';

/** Called with the published text, and the epoch of the data that it refers to. Must not throw. */
export type BusHandler = (text: string, epoch: number) => void;

/** Messages between nodes. Each is delivered at most once, and none is stored: the log is the source of truth. */
export interface Bus {
  /** Whether probes show that messages arrive right now. */
  readonly isHealthy: boolean;
  /** Sends without waiting, and never rejects. */
  publish(channel: string, text: string, epoch: number): void;
  subscribe(channel: string, handler: BusHandler): void;
  /** Calls the listener after each outage, in which messages may have been lost. */
  onRecovered(listener: () => void): void;
  close(): Promise<void>;
}

const PROBE_INTERVAL_MS = 1_000;
// Two probes may be late before the bus counts as down, so that one slow turn of the event loop is not an outage.
const PROBE_TIMEOUT_MS = 2_500;
// Together with the client's own waits, the end of any outage is noticed within five seconds.
const RECONNECT_AFTER_MS = 3_000;
const PROBE_AWAY_MS = 250;

const publisherOptions: RedisOptions = {
  // A publish that cannot be sent now is useless later, because readers find the event in the log.
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  commandTimeout: 500,
  autoResendUnfulfilledCommands: false,
};

const subscriberOptions: RedisOptions = {
  maxRetriesPerRequest: null,
  // `Channels` subscribes instead: if Redis refuses a subscription that the client repeats by itself, the process ends.
  autoResubscribe: false,
  autoResendUnfulfilledCommands: false,
};

function connect(url: string, options: RedisOptions, name: string, log: Log): Redis {
  const client = new Redis(url, {
    ...options,
    connectionName: `parley-${name}`,
    connectTimeout: 1_500,
    keepAlive: 10_000,
    retryStrategy: (attempt) => Math.min(50 * 2 ** Math.min(attempt, 5), 1_000) + Math.random() * 100,
  });
  let reported = false;
  client.on('error', (error: Error) => {
    if (!reported)
      log.warn(
        { client: name, err: error.message },
        'Redis is unreachable; posts and streams continue without it',
      );
    reported = true;
  });
  client.on('ready', () => {
    if (reported) log.info({ client: name }, 'Redis is back');
    reported = false;
  });
  return client;
}

/**
 * Subscribes to every channel on each new connection, and only after the client is ready. Before that, ioredis checks
 * Redis with INFO, which Redis refuses after a SUBSCRIBE. (https://github.com/redis/ioredis/issues/2037)
 */
class Channels {
  private readonly names = new Set<string>();
  private readonly redis: Redis;
  private readonly log: Log;

  constructor(redis: Redis, log: Log) {
    this.redis = redis;
    this.log = log;
    redis.on('ready', () => this.send([...this.names]));
  }

  /** Called by RedisPubSub. */
  on(event: 'messageBuffer', listener: (channel: Buffer, packet: Buffer) => void): void {
    this.redis.on(event, listener);
  }

  /** Called by RedisPubSub. It must not report an error, which would leave a rejected promise there. */
  subscribe(name: string, callback: (error: null) => void): void {
    this.names.add(name);
    if (this.redis.status === 'ready') this.send([name]);
    callback(null);
  }

  private send(names: readonly string[]): void {
    if (names.length === 0) return;
    this.redis.subscribe(...names).catch((error: Error) => {
      // After a broken connection, the next connection subscribes.
      if (error.name === 'ReplyError') this.log.error({ err: error.message, names }, 'cannot subscribe');
    });
  }
}

export interface RedisBusOptions {
  readonly url: string;
  /** Shared by all nodes: the first secret seals packets, all open them. */
  readonly secrets: readonly [string, ...string[]];
  readonly log: Log;
  readonly onHealth?: (isHealthy: boolean) => void;
  /** Called for each packet that cannot be opened. */
  readonly onRefused?: (problem: SealProblem) => void;
}

/**
 * Messages over Redis, with publish and subscribe of graphql-redis-subscriptions. Its async iterators are not used,
 * because they subscribe late, queue without bound and swallow errors. Every packet is sealed, including probes.
 *
 * Neither TCP nor the client reports a subscriber that receives nothing, so the node sends itself a probe every second.
 * As long as probes come back, publisher and subscriber work and reach the same Redis.
 */
export function createRedisBus({ url, secrets, log, onHealth, onRefused }: RedisBusOptions): Bus {
  const sealer = new Sealer(secrets);
  const publisher = connect(url, publisherOptions, 'publisher', log);
  const subscriber = connect(url, subscriberOptions, 'subscriber', log);
  const pubsub = new RedisPubSub({
    publisher,
    subscriber: new Channels(subscriber, log) as unknown as Redis,
    messageEventName: 'messageBuffer',
    pmessageEventName: 'pmessageBuffer',
    serializer: (packet: Buffer) => packet as never,
    deserializer: (packet) => packet,
  });
  const recovered: (() => void)[] = [];
  const probeChannel = `parley:probe:${randomUUID()}`;
  let isHealthy = false;
  let heardAt = 0;
  let resetAt = performance.now();

  const setHealthy = (value: boolean) => {
    if (value === isHealthy) return;
    isHealthy = value;
    onHealth?.(value);
    if (value) for (const listener of recovered) listener();
  };
  const open = (channel: string, packet: Buffer, handler: BusHandler) => {
    const opened = sealer.open(channel, packet);
    if (typeof opened === 'string') onRefused?.(opened);
    else handler(opened.text, opened.epoch);
  };
  const subscribe = (channel: string, handler: BusHandler) => {
    void pubsub.subscribe(channel, (packet: Buffer) => open(channel, packet, handler));
  };
  const publish = (channel: string, text: string, epoch: number) => {
    const packet = sealer.seal(channel, epoch, text);
    if (!packet)
      return log.warn({ channel, length: text.length }, 'a message between nodes is too long for a packet');
    pubsub.publish(channel, packet).catch(() => undefined); // the client's error event reports an outage once
  };
  let [probe, heardProbe] = [0, 0];
  let probedAt = Number.NEGATIVE_INFINITY;
  const tick = () => {
    if (!isHealthy || performance.now() - probedAt >= PROBE_INTERVAL_MS) sendProbe();
  };
  const sendProbe = () => {
    const now = performance.now();
    probedAt = now;
    if (now - heardAt > PROBE_TIMEOUT_MS) setHealthy(false);
    if (
      !isHealthy &&
      subscriber.status === 'ready' &&
      now - Math.max(heardAt, resetAt) > RECONNECT_AFTER_MS
    ) {
      resetAt = now;
      subscriber.disconnect(true); // half-open: only a new connection helps
      publisher.disconnect(true);
    }
    publish(probeChannel, String(++probe), 0);
  };

  subscribe(probeChannel, (text) => {
    if (Number(text) <= heardProbe) return; // another process repeated it
    heardProbe = Number(text);
    heardAt = performance.now();
    setHealthy(true);
  });
  // A connection that broke between two probes may have lost messages although no probe is late.
  subscriber.on('close', () => setHealthy(false));
  const timer = setInterval(tick, PROBE_AWAY_MS);
  publisher.on('ready', sendProbe);

  return {
    get isHealthy() {
      return isHealthy;
    },
    publish,
    subscribe,
    onRecovered: (listener) => void recovered.push(listener),
    async close() {
      clearInterval(timer);
      subscriber.removeAllListeners('close');
      publisher.disconnect();
      subscriber.disconnect();
    },
  };
}
