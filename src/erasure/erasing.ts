import { makeChange } from '../changes/make-change.ts';
import type { Services } from '../context.ts';
import { deletionKind } from '../messages/edits.ts';
import { refuse } from '../platform/errors.ts';
import * as store from './store.ts';

/** Messages of one batch: other changes of their room wait for no more. */
const BATCH = 32;

/** Mentions and reactions of one transaction. */
const ROWS = 100;

/**
 * Erases what a deleted account left. Every step commits what it did, and finds what is left, so the job continues on any node
 * after a crash.
 * @throws Error when the node stops, or a room stays locked
 */
export async function eraseAccount(node: Services, userId: number, signal: AbortSignal): Promise<void> {
  const erasure = await leaveRooms(node, userId, signal);
  if (!erasure) return;
  await new RoomErasure(node, userId, erasure.erasesMessages, signal).run();
  await liftBlocks(node, userId, signal);
  await eraseAttached(node, userId, signal);
  await node.changes.run(`user ${userId}`, (sql) => store.finishErasure(sql, userId));
}

/** Returns what follows; null if nothing does. */
async function leaveRooms(
  node: Services,
  userId: number,
  signal: AbortSignal,
): Promise<store.ErasureRow | null> {
  for (;;) {
    const erasure = await store.findErasure(node.db.write, userId);
    if (!erasure?.hasRooms) return erasure;
    signal.throwIfAborted();
    announce(node, await node.changes.run(`user ${userId}`, (sql) => store.leaveNextRooms(sql, userId)));
  }
}

/** Erases mentions of the user, and reactions. */
async function eraseAttached({ db }: Services, userId: number, signal: AbortSignal): Promise<void> {
  for (const eraseRows of [store.eraseReactions, store.eraseMentions])
    for (let erased = ROWS; erased === ROWS; ) {
      signal.throwIfAborted();
      erased = await eraseRows(db.write, userId, ROWS);
    }
}

/** Ends the blocks that other users made. */
async function liftBlocks(node: Services, userId: number, signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    const users = await node.changes.run(`user ${userId}`, (sql) => store.liftBlocks(sql, userId));
    if (users.length === 0) return;
    node.logFollower.announceAccounts(users);
  }
}

export function announce(
  { logFollower }: Pick<Services, 'logFollower'>,
  events: readonly store.Place[],
): void {
  logFollower.announceRooms(events.map(({ roomId, roomSeq }) => ({ roomId, head: roomSeq, events: [] })));
}

/** Erases what rooms have of a user, one after the other. In deleted rooms, messages always go: nobody reads them any more. */
class RoomErasure {
  private readonly node: Services;
  private readonly userId: number;
  private readonly erasesMessages: boolean;
  private readonly signal: AbortSignal;

  constructor(node: Services, userId: number, erasesMessages: boolean, signal: AbortSignal) {
    this.node = node;
    this.userId = userId;
    this.erasesMessages = erasesMessages;
    this.signal = signal;
  }

  async run(): Promise<void> {
    for (let after = 0; ; ) {
      const room = await store.findNextRoom(this.node.db.write, this.userId, after);
      if (!room) return;
      await store.forgetMember(this.node.db.write, room.roomId, this.userId);
      if (room.isDeleted || this.erasesMessages) await this.eraseIn(room.roomId, room.isDeleted);
      after = room.roomId;
    }
  }

  private async eraseIn(roomId: number, isDeleted: boolean): Promise<void> {
    for (let afterKey = ''; ; ) {
      this.signal.throwIfAborted();
      const page = await store.listOwnMessages(this.node.db.write, roomId, this.userId, afterKey, BATCH);
      const last = page.at(-1);
      if (!last) return;
      await this.erase(roomId, page, isDeleted);
      afterKey = last.idempotencyKey;
    }
  }

  /** The forwards first: they are found by their origins. */
  private async erase(roomId: number, page: readonly store.OwnMessage[], isDeleted: boolean): Promise<void> {
    const roomSeqs = page.map(({ roomSeq }) => roomSeq);
    if (this.erasesMessages) await this.eraseForwards(roomId, roomSeqs);
    if (isDeleted) await store.eraseInDeletedRoom(this.node.db.write, roomId, roomSeqs);
    else await this.eraseInLivingRoom(roomId, page);
    await store.eraseFingerprints(this.node.db.write, roomId, this.userId, roomSeqs);
  }

  private async eraseInLivingRoom(roomId: number, page: readonly store.OwnMessage[]): Promise<void> {
    const roomSeqs = page.map(({ roomSeq }) => roomSeq);
    const living = page.filter((message) => !message.isDeleted);
    await this.delete(living.map(({ roomSeq }) => ({ roomId, roomSeq })));
    const head = await this.node.changes.run(`room ${roomId}`, (sql) =>
      store.eraseTitles(sql, roomId, roomSeqs, this.userId),
    );
    if (head !== null) announce(this.node, [{ roomId, roomSeq: head }]);
  }

  /** A deleted forward is no forward any more. */
  private async eraseForwards(roomId: number, roomSeqs: readonly number[]): Promise<void> {
    for (;;) {
      this.signal.throwIfAborted();
      const forwards = await store.listForwards(this.node.db.write, roomId, roomSeqs, BATCH);
      if (forwards.length === 0) return;
      await this.delete(forwards);
    }
  }

  /** @throws UnavailableError if a room stays locked */
  private async delete(messages: readonly store.Place[]): Promise<void> {
    const outcomes = await Promise.all(
      messages.map(({ roomId, roomSeq }) =>
        makeChange(this.node, deletionKind, { roomId, roomSeq, actorId: this.userId, isErasure: true }),
      ),
    );
    const gone = messages.filter((_, i) => outcomes[i]?.status === 'NOT_FOUND');
    for (const { roomId, roomSeq } of gone)
      await store.eraseInDeletedRoom(this.node.db.write, roomId, [roomSeq]);
    if (outcomes.some(({ status }) => status === 'FULL'))
      throw refuse('CONFLICT', 'The log of a room is full.');
  }
}
