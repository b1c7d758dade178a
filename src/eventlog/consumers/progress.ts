import { databaseFailure } from '../../platform/database-failure.ts';
import type { DatabaseSession } from '../../platform/session.ts';
import type { Log } from '../../platform/telemetry.ts';
import type { ConsumedEvent, LogConsumer } from './consumer.ts';
import { type Move, type Position, recordTrimmed, savePosition } from './positions.ts';
import type { Reading } from './readings.ts';
import type { RetryRules } from './rooms-set-aside.ts';

/** Events in one transaction, at most. */
export const EVENTS_PER_BATCH = 500;

export interface ProgressOptions {
  readonly consumer: LogConsumer;
  /** Everything is done on it: when the database server loses what it had not yet written, the worker goes, too. */
  readonly session: DatabaseSession;
  readonly position: Position;
  readonly rules: RetryRules;
  readonly log: Log;
  /** Told how many events took effect. */
  readonly onApplied: (events: number) => void;
}

/** The effect failed, not the way to the database. */
export class EffectFailure extends Error {}

const GONE = new Set(['away', 'standby', 'stale']);

/** How far a consumer is. The position and the effects of the events before it are saved in one transaction. */
export class Progress {
  readonly options: ProgressOptions;
  /** Of the data, by the last look. */
  epoch = 0;
  private known: Position;

  constructor(options: ProgressOptions) {
    this.options = options;
    this.known = options.position;
  }

  get position(): Position {
    return this.known;
  }

  /**
   * Applies events and moves on.
   * @throws EffectFailure where the consumer failed; nothing is changed then
   */
  async apply(
    readings: readonly Reading[],
    move: Move,
    also: () => Promise<void> = async () => {},
  ): Promise<void> {
    const events = readings.flatMap((reading) => reading.events);
    await this.commit(move, async () => {
      if (events.length > 0) await this.takeEffect(events);
      await this.recordTrimmed(readings);
      await also();
    });
    this.options.onApplied(events.length);
  }

  /** Moves on without an effect. */
  async save(move: Move): Promise<void> {
    const { session, consumer } = this.options;
    this.known = await savePosition(session, consumer.name, this.known, move);
  }

  /** The position is saved first: its row is the lock that keeps out other workers and a new epoch. */
  async commit(move: Move, effect: () => Promise<void>): Promise<void> {
    const { session, consumer } = this.options;
    this.known = await session.transaction(async () => {
      const position = await savePosition(session, consumer.name, this.known, move);
      await effect();
      return position;
    });
  }

  /** Part of a transaction: events of these readings that were trimmed will never take effect. */
  async recordTrimmed(readings: readonly Reading[]): Promise<void> {
    const { session, consumer, log } = this.options;
    const trimmed = readings.flatMap((reading) => reading.trimmed ?? []);
    await recordTrimmed(session, consumer.name, trimmed);
    for (const skip of trimmed)
      log.error({ consumer: consumer.name, ...skip }, 'events were trimmed before the consumer read them');
  }

  private async takeEffect(events: readonly ConsumedEvent[]): Promise<void> {
    const { session, consumer } = this.options;
    try {
      await consumer.apply({ epoch: this.epoch, events, sql: session });
    } catch (error) {
      if (GONE.has(databaseFailure(error))) throw error;
      throw new EffectFailure('the effect of a consumer failed', { cause: error });
    }
  }
}

/** Null where the effect did not fail. Any other error is thrown. */
export async function failureOf(effect: Promise<void>): Promise<EffectFailure | null> {
  try {
    await effect;
    return null;
  } catch (error) {
    if (error instanceof EffectFailure) return error;
    throw error;
  }
}
