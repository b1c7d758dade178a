import { databaseFailure } from '../../platform/database-failure.ts';
import type { DatabaseSession } from '../../platform/session.ts';
import type { Log } from '../../platform/telemetry.ts';
import type { ConsumedEvent, LogConsumer } from './consumer.ts';
import { type Move, type Position, recordTrimmed, savePosition } from './positions.ts';
import type { Reading } from './readings.ts';
import type { RetryRules } from './rooms-set-aside.ts';

/** Maximum of events in one transaction. */
export const EVENTS_PER_BATCH = 500;

export interface ProgressOptions {
  readonly consumer: LogConsumer;
  /** The worker uses only this connection: if the server crashes and loses unwritten data, the worker ends, too. */
  readonly session: DatabaseSession;
  readonly position: Position;
  readonly rules: RetryRules;
  readonly log: Log;
  /** Called with the number of events that took effect. */
  readonly onApplied: (events: number) => void;
}

/** The effect failed, not the connection to the database. */
export class EffectFailure extends Error {}

const GONE = new Set(['away', 'standby', 'stale']);

/** The progress of a consumer. One transaction saves the position and the effects of the events before it. */
export class Progress {
  readonly options: ProgressOptions;
  /** The epoch of the data at the last look. */
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
   * Applies events and advances the position.
   * @throws EffectFailure if the consumer failed; then nothing is changed
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

  /** Advances the position without an effect. */
  async save(move: Move): Promise<void> {
    const { session, consumer } = this.options;
    this.known = await savePosition(session, consumer.name, this.known, move);
  }

  /** Saves the position first: its row is the lock against other workers and a new epoch. */
  async commit(move: Move, effect: () => Promise<void>): Promise<void> {
    const { session, consumer } = this.options;
    this.known = await session.transaction(async () => {
      const position = await savePosition(session, consumer.name, this.known, move);
      await effect();
      return position;
    });
  }

  /** Part of a transaction: records trimmed events of these readings, which will never take effect. */
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

/** Returns null if the effect did not fail. Any other error is thrown. */
export async function failureOf(effect: Promise<void>): Promise<EffectFailure | null> {
  try {
    await effect;
    return null;
  } catch (error) {
    if (error instanceof EffectFailure) return error;
    throw error;
  }
}
