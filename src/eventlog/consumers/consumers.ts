import { setTimeout as delay } from 'node:timers/promises';
import { statement } from '../../platform/db.ts';
import { DatabaseSession } from '../../platform/session.ts';
import type { Log, Metrics } from '../../platform/telemetry.ts';
import type { LogConsumer } from './consumer.ts';
import { readLagSeconds, takePosition } from './positions.ts';
import { countRooms, type RetryRules } from './rooms-set-aside.ts';
import { ConsumerWorker } from './worker.ts';

export interface ConsumersOptions {
  readonly url: string;
  readonly consumers: readonly LogConsumer[];
  readonly log: Log;
  readonly metrics: Metrics;
  /** How often an idle consumer looks for events. */
  readonly pollMs: number;
  readonly rules: RetryRules;
  /** How often a node tries to become the worker. */
  readonly standbyMs?: number;
}

const STANDBY_MS = 2_000;
const COUNT_MS = 5_000;
/** Maximum share of the time that looks may take. */
const LOOK_SHARE = 0.1;

// The second key of advisory locks; the first is the name.
const LOCK_CLASS = 72_707_371;
const lead = statement('SELECT pg_try_advisory_lock($1::int, hashtext($2)) AS leads');

/**
 * Runs every consumer on one of the nodes that call this. The other nodes wait until the connection of that node to the
 * database ends.
 * @returns a function that stops it after the current batch
 */
export function startConsumers(options: ConsumersOptions): () => Promise<void> {
  const runs = options.consumers.map((consumer) => new ConsumerRun(options, consumer));
  return async () => {
    await Promise.all(runs.map((run) => run.stop()));
  };
}

/** One consumer on this node. */
class ConsumerRun {
  private readonly options: ConsumersOptions;
  private readonly consumer: LogConsumer;
  private readonly stopping = new AbortController();
  private readonly ended: Promise<void>;

  constructor(options: ConsumersOptions, consumer: LogConsumer) {
    this.options = options;
    this.consumer = consumer;
    this.ended = this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.ended;
  }

  private get isStopping(): boolean {
    return this.stopping.signal.aborted;
  }

  /** Until it is stopped: uses a connection as long as it lasts, then opens another. */
  private async run(): Promise<void> {
    const { log, metrics, standbyMs = STANDBY_MS } = this.options;
    while (!this.isStopping) {
      try {
        await this.connected();
      } catch (err) {
        log.warn(
          { consumer: this.consumer.name, err },
          'a consumer lost its position and takes it over again',
        );
      }
      await this.pause(standbyMs);
    }
    metrics.consumerLags.delete(this.consumer.name);
  }

  private async connected(): Promise<void> {
    const session = await DatabaseSession.open(this.options.url, 'consumer');
    try {
      if (await this.awaitLead(session)) await this.work(session);
    } finally {
      await session.close();
    }
  }

  /** Polls, because waiting inside the database would delay its vacuum. */
  private async awaitLead(session: DatabaseSession): Promise<boolean> {
    const { standbyMs = STANDBY_MS } = this.options;
    while (!this.isStopping) {
      const [row] = await session.rows<{ leads: boolean }>(lead, [LOCK_CLASS, this.consumer.name]);
      if (row?.leads) return true;
      await this.observeLag(session);
      await this.pause(standbyMs);
    }
    return false;
  }

  private async observeLag(session: DatabaseSession): Promise<void> {
    const { name } = this.consumer;
    const [lag, readAt] = [await readLagSeconds(session, name), performance.now()];
    if (lag === null) return;
    this.options.metrics.consumerLags.set(name, () => lag + (performance.now() - readAt) / 1_000);
  }

  private async work(session: DatabaseSession): Promise<void> {
    const { log, metrics, rules } = this.options;
    const { name } = this.consumer;
    const worker = new ConsumerWorker({
      consumer: this.consumer,
      session,
      position: await takePosition(session, name),
      rules,
      log,
      onApplied: (events) => metrics.consumerEvents.inc({ consumer: name }, events),
    });
    metrics.consumerLags.set(name, () => worker.lagSeconds());
    metrics.consumerLeads.set({ consumer: name }, 1);
    log.info({ consumer: name }, 'this node runs the consumer');
    try {
      await this.consumer.lead?.(session);
      await this.follow(worker, session);
    } finally {
      this.consumer.resign?.();
      metrics.consumerLeads.remove({ consumer: name });
      for (const state of ['waiting', 'dead']) metrics.consumerRooms.remove({ consumer: name, state });
    }
  }

  private async follow(worker: ConsumerWorker, session: DatabaseSession): Promise<void> {
    let countedAt = Number.NEGATIVE_INFINITY;
    while (!this.isStopping) {
      const startedAt = performance.now();
      const hasMore = await worker.step();
      if (performance.now() - countedAt > COUNT_MS) {
        countedAt = performance.now();
        await this.countRooms(session);
      }
      if (!hasMore)
        await this.pause(Math.max(this.options.pollMs, (performance.now() - startedAt) / LOOK_SHARE));
    }
  }

  private async countRooms(session: DatabaseSession): Promise<void> {
    const { metrics, rules } = this.options;
    const { waiting, dead } = await countRooms(session, this.consumer.name, rules);
    metrics.consumerRooms.set({ consumer: this.consumer.name, state: 'waiting' }, waiting);
    metrics.consumerRooms.set({ consumer: this.consumer.name, state: 'dead' }, dead);
  }

  private async pause(ms: number): Promise<void> {
    const { signal } = this.stopping;
    await delay(ms, undefined, { signal, ref: false }).catch(() => undefined);
  }
}
