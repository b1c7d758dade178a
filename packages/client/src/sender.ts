import { isTemporary, type ParleyError, toParleyError } from './errors.ts';
import { SendTextDocument } from './generated/documents.ts';
import { successOf } from './http.ts';
import type { OutboxEntry } from './model.ts';
import { changeEntry, nextPending, settle } from './outbox.ts';
import { backoffMs, Pauses } from './pause.ts';
import type { Sessions } from './sessions.ts';
import type { Store } from './store.ts';

interface SenderOptions {
  readonly store: Store;
  readonly sessions: Sessions;
}

/** Sends the outbox: the entries of a room one after the other, each until it is answered; rooms beside each other. */
export class Sender {
  private readonly store: Store;
  private readonly sessions: Sessions;
  private readonly pauses = new Pauses();
  /** By room id. */
  private readonly lanes = new Map<string, Promise<void>>();
  private isClosed = false;

  constructor({ store, sessions }: SenderOptions) {
    this.store = store;
    this.sessions = sessions;
  }

  /** Goes on with everything that is pending, also what waits for its next attempt. */
  wake(): void {
    this.pauses.end();
    if (this.isClosed || !this.sessions.current) return;
    for (const { roomId, status } of Object.values(this.store.getSnapshot().outbox))
      if (status === 'pending' && !this.lanes.has(roomId)) this.open(roomId);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.pauses.end();
    await Promise.all(this.lanes.values());
  }

  private open(roomId: string): void {
    const lane = this.sendAll(roomId).finally(() => this.lanes.delete(roomId));
    this.lanes.set(roomId, lane);
  }

  private async sendAll(roomId: string): Promise<void> {
    for (let failures = 0; !this.isClosed; ) {
      const entry = nextPending(this.store.getSnapshot().outbox, roomId);
      if (!entry) return;
      const error = await this.attempt(entry);
      if (error?.code === 'SIGNED_OUT') return;
      failures = error ? failures + 1 : 0;
      if (error) await this.pauses.wait(error.retryAfterMs ?? backoffMs(failures));
    }
  }

  /** One attempt; an error where it has to be repeated. */
  private async attempt(entry: OutboxEntry): Promise<ParleyError | null> {
    try {
      await this.secure();
      const roomSeq = await this.send(entry);
      this.store.update((model) => settle(changeEntry(model, entry.key, { status: 'sent', roomSeq })));
      return null;
    } catch (problem) {
      const error = toParleyError(problem, 'NETWORK');
      if (isTemporary(error) || error.code === 'SIGNED_OUT') return error;
      const { code, message: detail } = error;
      this.store.update((model) =>
        changeEntry(model, entry.key, { status: 'failed', error: { code, detail } }),
      );
      return null;
    }
  }

  /** The key is stored before its first use. Where storage fails, sending matters more; the store reports the failure. */
  private async secure(): Promise<void> {
    await this.store.flush().catch(() => undefined);
  }

  private async send({ roomId, text, key, replyToId }: OutboxEntry): Promise<number> {
    const input = { roomId, text, idempotencyKey: key, ...(replyToId !== null && { replyToId }) };
    const { sendMessage } = await this.sessions.authorized(SendTextDocument, { input });
    return successOf(sendMessage).roomSeq;
  }
}
