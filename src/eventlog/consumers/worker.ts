import { databaseFailure } from '../../platform/database-failure.ts';
import { statement } from '../../platform/db.ts';
import type { DatabaseSession } from '../../platform/session.ts';
import type { Log } from '../../platform/telemetry.ts';
import { parseSnapshot, readPositions } from '../log.ts';
import type { ConsumedEvent, LogConsumer } from './consumer.ts';
import { type Move, type Position, PositionLost, recordTrimmed, savePosition } from './positions.ts';
import {
  advanceRoom,
  findDueRoom,
  type RetryRules,
  type RoomSetAside,
  recordFailure,
  rejoin,
  setAside,
} from './rooms-set-aside.ts';
import { type Reading, readStretches, type Stretch } from './stretches.ts';

/** Events in one transaction, at most. */
export const EVENTS_PER_BATCH = 500;
/** Rooms that one look finds, at most. */
const ROOMS_PER_LOOK = 200;
// An idle consumer saves its position so often, so that its age can be told without asking the worker.
const IDLE_SAVE_MS = 10_000;

const readSnapshot = statement('SELECT pg_current_snapshot()::text AS snapshot, clock_timestamp() AS at');

// Snapshot and rooms in one statement, hence of one moment.
const look = statement(`
  WITH moved AS MATERIALIZED (
    SELECT h.room_id, h.last_room_seq FROM room_heads h
    WHERE h.room_id >= $4::bigint AND (h.last_stamp >= $1::bigint OR h.last_stamp = ANY ($2::bigint[]))
      AND NOT EXISTS (SELECT FROM consumer_rooms r WHERE r.consumer = $3 AND r.room_id = h.room_id)
    ORDER BY h.room_id LIMIT $5::int)
  SELECT pg_current_snapshot()::text AS snapshot, clock_timestamp() AS at, current_epoch() AS epoch,
    coalesce((SELECT json_agg(json_build_object('roomId', room_id, 'head', last_room_seq) ORDER BY room_id) FROM moved), '[]') AS rooms`);

interface Found {
  readonly snapshot: string;
  readonly at: Date;
  readonly epoch: number;
  readonly rooms: readonly { readonly roomId: number; readonly head: number }[];
}

export interface WorkerOptions {
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
class EffectFailure extends Error {}

/**
 * Applies the log to one consumer, by rounds: a round goes from the snapshot `seen` to the snapshot `goal`, room by room.
 * A snapshot contains a prefix of every room, and the head of a room with new events has a stamp that `seen` does not see.
 */
export class ConsumerWorker {
  private readonly options: WorkerOptions;
  private position: Position;
  private epoch = 0;
  /** Of the last look that found nothing. */
  private idle: Found | null = null;
  /** The database's time in ms, as far as it is known here. */
  private clock: () => number;

  constructor(options: WorkerOptions) {
    this.options = options;
    this.position = options.position;
    this.clock = clockAt(options.position.seenAt);
  }

  /** Since when there may be events that took no effect yet, but for rooms that are set aside. */
  lagSeconds(): number {
    const caughtUpAt = this.idle?.at ?? this.position.seenAt;
    return Math.max(0, this.clock() - caughtUpAt.getTime()) / 1_000;
  }

  /**
   * Takes the next batch, if there is one.
   * @returns whether there may be more
   * @throws PositionLost, and when the way to the database fails: then a new worker has to take over
   */
  async step(): Promise<boolean> {
    const hasRetried = this.position.goal === null && (await this.retry());
    const hasWalked = await this.walk();
    return hasRetried || hasWalked;
  }

  // -- rooms that moved --------------------------------------------------------------------------

  private async walk(): Promise<boolean> {
    const { session } = this.options;
    if (this.idle) {
      const [now] = await session.rows<Pick<Found, 'snapshot' | 'at'>>(readSnapshot, []);
      if (now?.snapshot === this.idle.snapshot) return this.rest({ ...this.idle, ...now });
    }
    const found = await this.find();
    if (found.rooms.length === 0 && this.position.goal === null) return this.rest(found);
    this.idle = null;
    await this.advance(found);
    return true;
  }

  private async find(): Promise<Found> {
    const { session, consumer } = this.options;
    const { seen, roomId } = this.position;
    const { xmax, xip } = parseSnapshot(seen);
    const [found] = await session.rows<Found>(look, [xmax, xip, consumer.name, roomId, ROOMS_PER_LOOK]);
    if (!found) throw new PositionLost('the look for rooms returned nothing');
    this.epoch = found.epoch;
    this.clock = clockAt(found.at);
    return found;
  }

  /** Nothing is new. */
  private async rest(found: Found): Promise<false> {
    this.idle = found;
    this.clock = clockAt(found.at);
    const { seenAt } = this.position;
    if (found.at.getTime() - seenAt.getTime() >= IDLE_SAVE_MS) {
      await this.save({ ...this.position, seen: found.snapshot, seenAt: found.at });
      this.idle = null;
    }
    return false;
  }

  /** One batch of the round. */
  private async advance(found: Found): Promise<void> {
    const { goal, goalAt } = this.position;
    const round = { goal: goal ?? found.snapshot, goalAt: goalAt ?? found.at };
    const stretches = await this.stretchesOf(found);
    const readings = await readStretches(
      this.options.session,
      stretches,
      EVENTS_PER_BATCH,
      parseSnapshot(round.goal),
    );
    const within = (move: Pick<Move, 'roomId' | 'roomSeq'>): Move => ({
      ...round,
      seen: this.position.seen,
      seenAt: this.position.seenAt,
      ...move,
    });
    const isLast = found.rooms.length < ROOMS_PER_LOOK && stretches.length === found.rooms.length;
    const last = readings.at(-1);
    const next = last ? within(placeAfter(last)) : this.position;
    const end = isLast && (last?.isFinished ?? true) ? endOf(round) : next;
    try {
      await this.apply(readings, end);
    } catch (error) {
      if (!(error instanceof EffectFailure)) throw error;
      for (const reading of readings) await this.applyAlone(reading, within);
      if (end !== next) await this.save(end);
    }
  }

  /** As many of the rooms as make up a batch. */
  private async stretchesOf({ rooms }: Found): Promise<Stretch[]> {
    const { roomId: current, roomSeq } = this.position;
    const ids = rooms.map(({ roomId }) => roomId);
    const seen = await readPositions(this.options.session, ids, parseSnapshot(this.position.seen));
    const stretches: Stretch[] = [];
    let budget = EVENTS_PER_BATCH;
    for (const { roomId, head } of rooms) {
      if (budget <= 0) break;
      const after = roomId === current && roomSeq > 0 ? roomSeq : (seen.get(roomId) ?? null);
      const until = after === null ? head : Math.min(head, after + budget);
      stretches.push({ roomId, after, until, head });
      budget -= until - (after ?? 0);
    }
    return stretches;
  }

  /** One room of a batch that failed: what fails is set aside, so that the others go on. */
  private async applyAlone(
    reading: Reading,
    within: (move: Pick<Move, 'roomId' | 'roomSeq'>) => Move,
  ): Promise<void> {
    const { roomId, events, after } = reading;
    try {
      await this.apply([reading], within(placeAfter(reading)));
      return;
    } catch (error) {
      if (!(error instanceof EffectFailure)) throw error;
    }
    let afterSeq = after;
    for (const event of events) {
      const one: Reading = {
        ...reading,
        events: [event],
        trimmed: afterSeq === after ? reading.trimmed : null,
      };
      try {
        await this.apply([one], within({ roomId, roomSeq: event.roomSeq }));
        afterSeq = event.roomSeq;
      } catch (error) {
        if (!(error instanceof EffectFailure)) throw error;
        await this.setAside(
          { ...one, after: afterSeq },
          within({ roomId: roomId + 1, roomSeq: 0 }),
          error.cause,
        );
        return;
      }
    }
    await this.save(within(placeAfter(reading)));
  }

  private async setAside(failed: Reading, move: Move, cause: unknown): Promise<void> {
    const { session, consumer, rules, log } = this.options;
    const room = { roomId: failed.roomId, afterSeq: failed.after };
    log.warn({ consumer: consumer.name, ...room, err: cause }, 'an event failed; its room is tried again');
    await this.commit(move, async () => {
      await setAside(session, consumer.name, room, rules, cause);
      await this.recordTrimmed([failed]);
    });
  }

  // -- rooms that are set aside ------------------------------------------------------------------

  /** Goes on in one room that is due. */
  private async retry(): Promise<boolean> {
    const { session, consumer, rules } = this.options;
    const room = await findDueRoom(session, consumer.name, rules);
    if (!room) return false;
    const { roomId, afterSeq } = room;
    const seen = await readPositions(session, [roomId], parseSnapshot(this.position.seen));
    const until = seen.get(roomId) ?? null;
    if (until === null || until <= afterSeq) {
      await this.commit(this.position, () => rejoin(session, consumer.name, room));
      return true;
    }
    const limit = room.attempts > 0 ? 1 : EVENTS_PER_BATCH;
    const [reading] = await readStretches(
      session,
      [{ roomId, after: afterSeq, until, head: until }],
      limit,
      null,
    );
    if (reading) await this.applyAside(room, reading);
    return true;
  }

  private async applyAside(room: RoomSetAside, reading: Reading): Promise<void> {
    const { session, consumer, rules, log } = this.options;
    const to = reading.events.at(-1)?.roomSeq ?? reading.after;
    try {
      await this.apply([reading], this.position, () => advanceRoom(session, consumer.name, room, to));
    } catch (error) {
      if (!(error instanceof EffectFailure)) throw error;
      const first = reading.events.slice(0, 1);
      if (reading.events.length > 1) return this.applyAside(room, { ...reading, events: first });
      await recordFailure(session, consumer.name, room, rules, error.cause);
      if (room.attempts + 1 >= rules.maxAttempts)
        log.error(
          { consumer: consumer.name, roomId: room.roomId, roomSeq: to, err: error.cause },
          'an event failed too often and is a dead letter; its room waits for an operator',
        );
    }
  }

  // -- effects -----------------------------------------------------------------------------------

  /** @throws EffectFailure where the consumer failed; nothing is changed then */
  private async apply(
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

  private async takeEffect(events: readonly ConsumedEvent[]): Promise<void> {
    const { session, consumer } = this.options;
    try {
      await consumer.apply({ epoch: this.epoch, events, sql: session });
    } catch (error) {
      if (GONE.has(databaseFailure(error))) throw error;
      throw new EffectFailure('the effect of a consumer failed', { cause: error });
    }
  }

  private async recordTrimmed(readings: readonly Reading[]): Promise<void> {
    const { session, consumer, log } = this.options;
    const trimmed = readings.flatMap((reading) => reading.trimmed ?? []);
    await recordTrimmed(session, consumer.name, trimmed);
    for (const skip of trimmed)
      log.error({ consumer: consumer.name, ...skip }, 'events were trimmed before the consumer read them');
  }

  /** The position is saved first: its row is the lock that keeps out other workers and a new epoch. */
  private async commit(move: Move, effect: () => Promise<void>): Promise<void> {
    const { session, consumer } = this.options;
    this.position = await session.transaction(async () => {
      const position = await savePosition(session, consumer.name, this.position, move);
      await effect();
      return position;
    });
  }

  private async save(move: Move): Promise<void> {
    const { session, consumer } = this.options;
    this.position = await savePosition(session, consumer.name, this.position, move);
  }
}

function placeAfter({ roomId, after, events, isFinished }: Reading): Pick<Move, 'roomId' | 'roomSeq'> {
  if (isFinished) return { roomId: roomId + 1, roomSeq: 0 };
  return { roomId, roomSeq: events.at(-1)?.roomSeq ?? after };
}

function endOf({ goal, goalAt }: { goal: string; goalAt: Date }): Move {
  return { seen: goal, seenAt: goalAt, goal: null, goalAt: null, roomId: 0, roomSeq: 0 };
}

function clockAt(time: Date): () => number {
  const [from, since] = [time.getTime(), performance.now()];
  return () => from + performance.now() - since;
}

const GONE = new Set(['away', 'standby', 'stale']);
