import type { Client } from './client.ts';
import { isTemporary, toParleyError } from './errors.ts';
import {
  PinDocument,
  PinnedMessagesDocument,
  type PinnedMessagesQuery,
  UnpinDocument,
} from './generated/documents.ts';
import { successOf } from './http.ts';
import { Cell, type Observable } from './observable.ts';
import { backoffMs, Pauses } from './pause.ts';

// An entry of its own: an application without pins does not load it.

/** The list of a room is loaded this often at most, in milliseconds. */
const EVERY_MS = 1_000;

/**
 * Pins a message in its room. Pinning it again changes nothing.
 * @throws ParleyError the refusal, or `NETWORK`
 */
export async function pin(client: Client, messageId: string): Promise<void> {
  successOf((await client.request(PinDocument, { input: { messageId } })).pinMessage);
}

/**
 * Unpins a message. Unpinning it again changes nothing.
 * @throws ParleyError the refusal, or `NETWORK`
 */
export async function unpin(client: Client, messageId: string): Promise<void> {
  successOf((await client.request(UnpinDocument, { input: { messageId } })).unpinMessage);
}

type Room = NonNullable<PinnedMessagesQuery['room']>;
export type PinnedMessage = NonNullable<Room['pinnedMessages']>['nodes'][number];

/**
 * The pinned messages of a room, the newest pin first; null until they are loaded. It loads them when a change of the
 * room may have changed them, until it is closed.
 */
export class PinnedMessages implements Observable<readonly PinnedMessage[] | null> {
  private readonly client: Client;
  private readonly roomId: string;
  private readonly list = new Cell<readonly PinnedMessage[] | null>(null);
  private readonly pauses = new Pauses();
  private readonly unsubscribe: readonly (() => void)[];
  /** What the room was like when the list was requested; null: not yet. */
  private loadedAt: string | null = null;
  private isLoading = false;
  private isClosed = false;

  constructor(client: Client, roomId: string) {
    this.client = client;
    this.roomId = roomId;
    const look = () => void this.load();
    this.unsubscribe = [client.room(roomId).info.subscribe(look), client.connection.subscribe(look)];
    look();
  }

  getSnapshot(): readonly PinnedMessage[] | null {
    return this.list.getSnapshot();
  }

  subscribe(listener: () => void): () => void {
    return this.list.subscribe(listener);
  }

  /** Loads nothing more. */
  close(): void {
    this.isClosed = true;
    for (const stop of this.unsubscribe) stop();
    this.pauses.end();
  }

  /** Changes with every event of the room that is not a new message, and with every new connection. */
  private now(): string {
    const { lastRoomSeq = 0, lastMessageSeq = 0 } = this.client.room(this.roomId).info.getSnapshot() ?? {};
    return `${(lastRoomSeq ?? 0) - (lastMessageSeq ?? 0)} ${this.client.connection.getSnapshot().status}`;
  }

  private async load(): Promise<void> {
    if (this.isLoading) return;
    this.isLoading = true;
    for (let failures = 0; !this.isClosed && this.loadedAt !== this.now(); ) {
      const isDone = await this.attempt();
      failures = isDone ? 0 : failures + 1;
      await this.pauses.wait(isDone ? EVERY_MS : backoffMs(failures));
    }
    this.isLoading = false;
  }

  /** Returns false if it has to be repeated. */
  private async attempt(): Promise<boolean> {
    const at = this.now();
    try {
      const { room } = await this.client.request(PinnedMessagesDocument, { id: this.roomId });
      if (!this.isClosed) this.list.set(room?.pinnedMessages?.nodes ?? []);
    } catch (problem) {
      const error = toParleyError(problem);
      if (isTemporary(error)) return false;
      this.client.options.onError(error);
    }
    this.loadedAt = at;
    return true;
  }
}
