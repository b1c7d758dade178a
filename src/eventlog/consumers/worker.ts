import { type Look, lookForRooms, readPresent } from './look.ts';
import { Progress, type ProgressOptions } from './progress.ts';
import { retryDueRoom } from './retry.ts';
import { RoundBatch } from './round.ts';

// How often an idle consumer saves its position, so that other nodes can read its age.
const IDLE_SAVE_MS = 10_000;

/** Applies the log to one consumer: looks for rooms with new events, and reads them in rounds, batch by batch. */
export class ConsumerWorker {
  private readonly progress: Progress;
  /** The last look, if it found nothing. */
  private idle: Look | null = null;
  /** The database's time in ms, estimated on this node. */
  private clock: () => number;

  constructor(options: ProgressOptions) {
    this.progress = new Progress(options);
    this.clock = clockAt(options.position.seenAt);
  }

  /** The age of the oldest event that may not have taken effect, without rooms that are set aside. */
  lagSeconds(): number {
    const caughtUpAt = this.idle?.at ?? this.progress.position.seenAt;
    return Math.max(0, this.clock() - caughtUpAt.getTime()) / 1_000;
  }

  /**
   * Applies the next batch, if there is one. Rooms that are set aside continue between two rounds.
   * @returns whether there may be more
   * @throws PositionLost, or an error of the connection: then a new worker must take over
   */
  async step(): Promise<boolean> {
    const hasRetried = !this.isInRound && (await retryDueRoom(this.progress));
    const hasAdvanced = await this.advance();
    return hasRetried || hasAdvanced;
  }

  private get isInRound(): boolean {
    return this.progress.position.goal !== null;
  }

  private async advance(): Promise<boolean> {
    const { idle } = this;
    if (idle) {
      const present = await readPresent(this.progress.options.session);
      if (present?.snapshot === idle.snapshot) return this.rest({ ...idle, ...present });
    }
    const look = await this.look();
    if (look.rooms.length === 0 && !this.isInRound) return this.rest(look);
    this.idle = null;
    await new RoundBatch(this.progress, look).take();
    return true;
  }

  private async look(): Promise<Look> {
    const { position, options } = this.progress;
    const look = await lookForRooms(options.session, options.consumer.name, position);
    this.progress.epoch = look.epoch;
    this.clock = clockAt(look.at);
    return look;
  }

  /** There are no new events. */
  private async rest(look: Look): Promise<false> {
    const { position } = this.progress;
    this.idle = look;
    this.clock = clockAt(look.at);
    if (look.at.getTime() - position.seenAt.getTime() >= IDLE_SAVE_MS) {
      await this.progress.save({ ...position, seen: look.snapshot, seenAt: look.at });
      this.idle = null;
    }
    return false;
  }
}

function clockAt(time: Date): () => number {
  const [from, since] = [time.getTime(), performance.now()];
  return () => from + performance.now() - since;
}
