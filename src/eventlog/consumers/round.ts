import { parseSnapshot, readPositions } from '../log.ts';
import { type Look, ROOMS_PER_LOOK } from './look.ts';
import type { Move, RoomPosition } from './positions.ts';
import { EVENTS_PER_BATCH, failureOf, type Progress } from './progress.ts';
import { placeAfter, type Reading, type ReadRequest, readRooms } from './readings.ts';
import { setAside } from './rooms-set-aside.ts';

/**
 * One batch of a round. A round goes from the snapshot `seen` to the snapshot `goal`, room by room. A snapshot contains
 * a prefix of every room.
 */
export class RoundBatch {
  private readonly progress: Progress;
  private readonly look: Look;
  private readonly goal: string;
  private readonly goalAt: Date;

  /** The snapshot of the first look of a round is its goal. */
  constructor(progress: Progress, look: Look) {
    const { goal, goalAt } = progress.position;
    this.progress = progress;
    this.look = look;
    this.goal = goal ?? look.snapshot;
    this.goalAt = goalAt ?? look.at;
  }

  /** Applies one batch of events. Sets aside rooms whose events fail, so that the other rooms continue. */
  async take(): Promise<void> {
    const { progress } = this;
    const requests = await this.requests();
    const readings = await readRooms(
      progress.options.session,
      requests,
      EVENTS_PER_BATCH,
      parseSnapshot(this.goal),
    );
    const last = readings.at(-1);
    const next = last ? this.moveTo(placeAfter(last)) : progress.position;
    const isLast = this.look.rooms.length < ROOMS_PER_LOOK && requests.length === this.look.rooms.length;
    const end = isLast && (last?.isFinished ?? true) ? this.end() : next;
    if (await succeeds(progress.apply(readings, end))) return;
    for (const reading of readings) await this.applyAlone(reading);
    if (end !== next) await progress.save(end);
  }

  /** Returns requests for as many rooms as fill a batch. */
  private async requests(): Promise<ReadRequest[]> {
    const { position, options } = this.progress;
    const ids = this.look.rooms.map(({ roomId }) => roomId);
    const seen = await readPositions(options.session, ids, parseSnapshot(position.seen));
    const requests: ReadRequest[] = [];
    let budget = EVENTS_PER_BATCH;
    for (const { roomId, head } of this.look.rooms) {
      if (budget <= 0) break;
      const isBegun = roomId === position.roomId && position.roomSeq > 0;
      const after = isBegun ? position.roomSeq : (seen.get(roomId) ?? null);
      const until = after === null ? head : Math.min(head, after + budget);
      requests.push({ roomId, after, until, head });
      budget -= until - (after ?? 0);
    }
    return requests;
  }

  /** Applies one room of a failed batch: at once or, if that fails, event by event up to the one that fails. */
  private async applyAlone(reading: Reading): Promise<void> {
    const move = this.moveTo(placeAfter(reading));
    if (await succeeds(this.progress.apply([reading], move))) return;
    let { after, trimmed } = reading;
    for (const event of reading.events) {
      const one: Reading = { ...reading, after, trimmed, events: [event] };
      const { roomId, roomSeq } = event;
      const failure = await failureOf(this.progress.apply([one], this.moveTo({ roomId, roomSeq })));
      if (failure) return this.setAside(one, failure.cause);
      after = roomSeq;
      trimmed = null;
    }
    await this.progress.save(move);
  }

  /** Sets the room aside before the failed event. */
  private async setAside(failed: Reading, cause: unknown): Promise<void> {
    const { session, consumer, rules, log } = this.progress.options;
    const room = { roomId: failed.roomId, afterSeq: failed.after };
    log.warn({ consumer: consumer.name, ...room, err: cause }, 'an event failed; its room will be retried');
    await this.progress.commit(this.moveTo({ roomId: failed.roomId + 1, roomSeq: 0 }), async () => {
      await setAside(session, consumer.name, room, rules, cause);
      await this.progress.recordTrimmed([failed]);
    });
  }

  /** A move to a position inside the round. */
  private moveTo(place: RoomPosition): Move {
    const { seen, seenAt } = this.progress.position;
    return { seen, seenAt, goal: this.goal, goalAt: this.goalAt, ...place };
  }

  private end(): Move {
    return { seen: this.goal, seenAt: this.goalAt, goal: null, goalAt: null, roomId: 0, roomSeq: 0 };
  }
}

const succeeds = async (effect: Promise<void>) => (await failureOf(effect)) === null;
