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
/** Of them, those of one room: if it is locked, they take places of changes that wait for locked rooms. */
const MAX_OF_ROOM = 32;

/**
 * Deletes messages that have expired, on every node: a second deletion of a message changes nothing. Returns a function that
 * stops it.
 */
export function startExpirations(node: Services): () => Promise<void> {
  const expirations = new Expirations(node);
  expirations.lookIn(0);
  return () => expirations.stop();
}

/** The deletions of one room do not wait for those of another, which may be locked. */
class Expirations {
  private readonly node: Services;
  /** The deletions that are not done, by rooms. */
  private readonly deletions = new Map<number, Promise<void>>();
  private timer: NodeJS.Timeout | undefined;
  /** When the timer ends, by `performance.now()`. */
  private nextAt = Number.POSITIVE_INFINITY;
  private looking: Promise<void> = Promise.resolve();
  private isStopped = false;

  constructor(node: Services) {
    this.node = node;
  }

  /** Looks then, if not before. */
  lookIn(ms: number): void {
    const at = performance.now() + ms;
    if (this.isStopped || at >= this.nextAt) return;
    clearTimeout(this.timer);
    this.nextAt = at;
    this.timer = setTimeout(() => {
      this.nextAt = Number.POSITIVE_INFINITY;
      this.looking = this.looking.then(() => this.look());
    }, ms).unref();
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    await this.looking;
    await Promise.all(this.deletions.values());
  }

  private async look(): Promise<void> {
    try {
      this.lookIn(await this.startDue());
    } catch (error) {
      this.warn(error as Error);
      this.lookIn(LOOK_EVERY_MS);
    }
  }

  /** Starts the deletion of what is due. Returns in how many ms to look again. */
  private async startDue(): Promise<number> {
    const expiries = await listExpiries(this.node.db.tail, MAX_DUE, [...this.deletions.keys()]);
    const due = expiries.filter(({ dueInMs }) => dueInMs === 0);
    const isFull = due.length === MAX_DUE;
    for (const [roomId, messages] of byRoom(due))
      this.deletions.set(roomId, this.deleteIn(roomId, messages, isFull));
    // The next look is for other rooms, so this ends.
    if (isFull) return 0;
    const next = expiries.find(({ dueInMs }) => dueInMs > 0)?.dueInMs ?? LOOK_EVERY_MS;
    return Math.min(next, LOOK_EVERY_MS) + Math.random() * SPREAD_MS;
  }

  /** Never rejects: a later look finds what is left. */
  private async deleteIn(roomId: number, messages: readonly MessageKey[], isFull: boolean): Promise<void> {
    try {
      await deleteExpired(this.node, messages.slice(0, MAX_OF_ROOM));
      if (isFull || messages.length > MAX_OF_ROOM) this.lookIn(0);
    } catch (error) {
      this.warn(error as Error);
    } finally {
      this.deletions.delete(roomId);
    }
  }

  private warn({ message }: Error): void {
    this.node.log.warn({ err: message }, 'expired messages could not be deleted; trying again');
  }
}

function byRoom(messages: readonly MessageKey[]): Map<number, MessageKey[]> {
  const rooms = new Map<number, MessageKey[]>();
  for (const message of messages) {
    const room = rooms.get(message.roomId);
    if (room) room.push(message);
    else rooms.set(message.roomId, [message]);
  }
  return rooms;
}

/** @throws Error when the room stays locked */
async function deleteExpired(node: Services, messages: readonly MessageKey[]): Promise<void> {
  const deletions = await Promise.all(
    messages.map(({ roomId, roomSeq }) => makeChange(node, deletionKind, { roomId, roomSeq, actorId: null })),
  );
  const withoutLog = messages.filter((_, i) => deletions[i]?.status === 'NOT_FOUND');
  if (withoutLog.length > 0) await eraseExpired(node.db.write, withoutLog);
}
