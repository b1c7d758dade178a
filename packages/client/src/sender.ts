import { isTemporary, type ParleyError, toParleyError } from './errors.ts';
import {
  AddReactionDocument,
  type AddReactionMutation,
  type AddReactionMutationVariables,
  RemoveReactionDocument,
  type RemoveReactionMutation,
  SendTextDocument,
  type TypedText,
} from './generated/documents.ts';
import { successOf } from './http.ts';
import type { Model, OutboxEntry, ReactionEntry } from './model.ts';
import { changeEntry, nextPending, settle } from './outbox.ts';
import { backoffMs, Pauses } from './pause.ts';
import { changeReaction } from './reactions.ts';
import type { Sessions } from './sessions.ts';
import type { Store } from './store.ts';

interface SenderOptions {
  readonly store: Store;
  readonly sessions: Sessions;
  /** Told of a reaction that was refused. */
  readonly onError: (error: ParleyError) => void;
}

type ReactionDocument = TypedText<AddReactionMutation | RemoveReactionMutation, AddReactionMutationVariables>;

/** Something to send, and what its answer changes. */
interface Task {
  send(): Promise<number>;
  stored(model: Model, roomSeq: number): Model;
  refused(model: Model, error: ParleyError): Model;
}

/**
 * Sends messages and reactions, each until it is answered: the messages of a room one after the other, and so those
 * reactions that replace each other; all others beside each other.
 */
export class Sender {
  private readonly options: SenderOptions;
  private readonly pauses = new Pauses();
  /** By room, or message and emoji. */
  private readonly lanes = new Map<string, Promise<void>>();
  private isClosed = false;

  constructor(options: SenderOptions) {
    this.options = options;
  }

  /** Goes on with everything that is pending, also what waits for its next attempt. */
  wake(): void {
    this.pauses.end();
    if (this.isClosed || !this.options.sessions.current) return;
    const { outbox, reactions } = this.model;
    for (const { roomId, status } of Object.values(outbox))
      if (status === 'pending') this.open(roomId, () => this.nextMessage(roomId));
    for (const [key, { roomSeq }] of Object.entries(reactions))
      if (roomSeq === null) this.open(key, () => this.nextReaction(key));
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.pauses.end();
    await Promise.all(this.lanes.values());
  }

  private get model(): Model {
    return this.options.store.getSnapshot();
  }

  private open(lane: string, next: () => Task | null): void {
    if (!this.lanes.has(lane))
      this.lanes.set(
        lane,
        this.sendAll(next).finally(() => this.lanes.delete(lane)),
      );
  }

  private async sendAll(next: () => Task | null): Promise<void> {
    for (let failures = 0; !this.isClosed; ) {
      const task = next();
      if (!task) return;
      const error = await this.attempt(task);
      if (error?.code === 'SIGNED_OUT') return;
      failures = error ? failures + 1 : 0;
      if (error && !this.isClosed) await this.pauses.wait(error.retryAfterMs ?? backoffMs(failures));
    }
  }

  /** One attempt; an error where it has to be repeated. */
  private async attempt(task: Task): Promise<ParleyError | null> {
    const { store } = this.options;
    try {
      // The key is stored before its first use. Where storage fails, sending matters more; the store reports it.
      await store.flush().catch(() => undefined);
      const roomSeq = await task.send();
      store.update((model) => settle(task.stored(model, roomSeq)));
      return null;
    } catch (problem) {
      const error = toParleyError(problem);
      if (isTemporary(error) || error.code === 'SIGNED_OUT') return error;
      store.update((model) => task.refused(model, error));
      return null;
    }
  }

  private nextMessage(roomId: string): Task | null {
    const entry = nextPending(this.model.outbox, roomId);
    return entry
      ? {
          send: () => this.sendMessage(entry),
          stored: (model, roomSeq) => changeEntry(model, entry.key, { status: 'sent', roomSeq }),
          refused: (model, { code, message: detail }) =>
            changeEntry(model, entry.key, { status: 'failed', error: { code, detail } }),
        }
      : null;
  }

  private nextReaction(key: string): Task | null {
    const entry = this.model.reactions[key];
    return entry?.roomSeq === null
      ? {
          send: () => this.sendReaction(entry),
          stored: (model, roomSeq) => changeReaction(model, key, entry, { ...entry, roomSeq }),
          refused: (model, error) => {
            this.options.onError(error);
            return changeReaction(model, key, entry, null);
          },
        }
      : null;
  }

  private async sendMessage({ key, roomId, text, replyToId, thread, parts }: OutboxEntry): Promise<number> {
    const input = { idempotencyKey: key, roomId, text, replyToId, ...thread, ...parts };
    const { sendMessage } = await this.options.sessions.authorized(SendTextDocument, { input });
    return successOf(sendMessage).roomSeq;
  }

  private async sendReaction({ messageId, emoji, isAdded }: ReactionEntry): Promise<number> {
    const document: ReactionDocument = isAdded ? AddReactionDocument : RemoveReactionDocument;
    const data = await this.options.sessions.authorized(document, { input: { messageId, emoji } });
    return successOf('addReaction' in data ? data.addReaction : data.removeReaction).roomSeq;
  }
}
