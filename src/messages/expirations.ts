import { makeChange } from '../changes/make-change.ts';
import type { Services } from '../context.ts';
import { deletionKind } from './edits.ts';
import { eraseExpired, listExpiries, type MessageKey } from './store.ts';

/** The longest pause between two looks. It is shorter than MIN_LIFETIME, so a look finds each message before it is due. */
const LOOK_EVERY_MS = 4_000;
/** Nodes look at different times, so that usually one of them finds what is due. */
const SPREAD_MS = 250;
/** Messages of one look. */
const MAX_DUE = 256;

/**
 * Deletes messages that have expired, on every node: a second deletion of a message changes nothing. Returns a function that
 * stops it.
 */
export function startExpirations(node: Services): () => Promise<void> {
  const expirations = new Expirations(node);
  expirations.lookIn(0);
  return () => expirations.stop();
}

class Expirations {
  private readonly node: Services;
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> = Promise.resolve();
  private isStopped = false;

  constructor(node: Services) {
    this.node = node;
  }

  lookIn(ms: number): void {
    if (this.isStopped) return;
    this.timer = setTimeout(() => {
      this.looking = this.look();
    }, ms).unref();
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    await this.looking;
  }

  private async look(): Promise<void> {
    try {
      this.lookIn(await this.deleteDue());
    } catch (error) {
      this.node.log.warn(
        { err: (error as Error).message },
        'expired messages could not be deleted; trying again',
      );
      this.lookIn(LOOK_EVERY_MS);
    }
  }

  /** Returns in how many ms to look again. */
  private async deleteDue(): Promise<number> {
    const expiries = await listExpiries(this.node.db.tail, MAX_DUE);
    const due = expiries.filter(({ dueInMs }) => dueInMs === 0);
    await deleteExpired(this.node, due);
    if (due.length === MAX_DUE) return 0;
    const next = expiries.find(({ dueInMs }) => dueInMs > 0)?.dueInMs ?? LOOK_EVERY_MS;
    return Math.min(next, LOOK_EVERY_MS) + Math.random() * SPREAD_MS;
  }
}

/** @throws Error when a room stays locked, after the others are done */
async function deleteExpired(node: Services, messages: readonly MessageKey[]): Promise<void> {
  const deletions = await Promise.allSettled(
    messages.map(({ roomId, roomSeq }) => makeChange(node, deletionKind, { roomId, roomSeq, actorId: null })),
  );
  const failed = deletions.find(({ status }) => status === 'rejected');
  const withoutLog = messages.filter((_, i) => {
    const deletion = deletions[i];
    return deletion?.status === 'fulfilled' && deletion.value.status === 'NOT_FOUND';
  });
  if (withoutLog.length > 0) await eraseExpired(node.db.write, withoutLog);
  if (failed) throw (failed as PromiseRejectedResult).reason;
}
