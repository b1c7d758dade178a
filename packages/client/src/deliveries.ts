import type { Engine } from './engine.ts';
import { isTemporary, type ParleyError, toParleyError } from './errors.ts';
import { AckDeliveredDocument } from './generated/documents.ts';
import { successOf } from './http.ts';
import { backoffMs, Pauses } from './pause.ts';
import type { Room } from './reducer.ts';

/** A device acknowledges this often at most, in milliseconds. */
const EVERY_MS = 3_000;
/** The devices of a room acknowledge a message within this time, in milliseconds, and not all at once. */
const SPREAD_MS = 1_000;

/**
 * Acknowledges the messages that are stored on this device, in all rooms, so that others see them as delivered. It runs in
 * the tab that has the connection, while the connection is live.
 */
export class Deliveries {
  private readonly engine: Engine;
  private readonly pauses = new Pauses();
  private readonly unsubscribe: () => void;
  private isRunning = false;
  private isOver = false;
  /** The rooms without anything to acknowledge, as they were then. */
  private done: unknown = null;
  /** The last message by room that the server knows to be here, of this user. */
  private known = new Map<string, number>();
  private userId: string | undefined;

  constructor(engine: Engine) {
    this.engine = engine;
    this.unsubscribe = engine.store.subscribe(() => this.wake());
    this.wake();
  }

  /** Acknowledges what is new, soon. */
  wake(): void {
    if (this.isRunning || this.isOver || !this.engine.socket) return;
    if (this.engine.store.getSnapshot().state?.rooms !== this.done) void this.run();
  }

  close(): void {
    this.isOver = true;
    this.unsubscribe();
    this.pauses.end();
  }

  private async run(): Promise<void> {
    this.isRunning = true;
    await this.pauses.wait(Math.random() * SPREAD_MS);
    for (let failures = 0; this.isDue(); ) {
      const error = await this.acknowledge();
      failures = error ? failures + 1 : 0;
      await this.pauses.wait(Math.max(EVERY_MS, error ? (error.retryAfterMs ?? backoffMs(failures)) : 0));
    }
    this.isRunning = false;
  }

  private isDue(): boolean {
    if (this.isOver || !this.engine.socket) return false;
    const { state } = this.engine.store.getSnapshot();
    if (this.due().size > 0) return true;
    this.done = state?.rooms;
    return false;
  }

  /** The last message by room that the server does not know to be here. */
  private due(): Map<string, number> {
    const { state, session } = this.engine.store.getSnapshot();
    if (this.userId !== session?.userId) this.known = new Map();
    this.userId = session?.userId;
    const rooms = session && state ? Object.values(state.rooms) : [];
    const due = rooms.filter(
      (room) => isAtPosition(room) && room.lastMessageSeq > this.knownIn(room, state?.viewerId),
    );
    return new Map(due.map(({ id, lastMessageSeq }) => [id, lastMessageSeq]));
  }

  private knownIn({ id, members, viewerReadSeq }: Room, viewerId = ''): number {
    return Math.max(this.known.get(id) ?? 0, viewerReadSeq ?? 0, members[viewerId]?.deliveredSeq ?? 0);
  }

  /** Makes one attempt, when all that it covers is stored; returns the error if it has to be repeated. */
  private async acknowledge(): Promise<ParleyError | null> {
    const { store, sessions } = this.engine;
    const [{ state }, due, { userId, known }] = [store.getSnapshot(), this.due(), this];
    try {
      await store.flush();
      if (!state || sessions.current?.userId !== userId) return null;
      const input = { cursor: state.cursor };
      successOf((await sessions.authorized(AckDeliveredDocument, { input })).ackDelivered);
    } catch (problem) {
      const error = toParleyError(problem);
      if (isTemporary(error) || error.code === 'STORAGE') return error;
    }
    for (const [roomId, seq] of due) known.set(roomId, seq);
    return null;
  }
}

/** Whether the cursor covers all messages of the room: a snapshot of the room may be ahead of it. */
const isAtPosition = ({ appliedSeq, lastRoomSeq, isPartial }: Room) =>
  !isPartial && (appliedSeq ?? lastRoomSeq) === lastRoomSeq;
