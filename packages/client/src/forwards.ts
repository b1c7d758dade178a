import type { Client } from './client.ts';
import { isTemporary, type ParleyError, toParleyError } from './errors.ts';
import {
  ForwardDocument,
  type ForwardMessageInput,
  type ForwardPartsFragment,
  OriginsDocument,
} from './generated/documents.ts';
import { successOf } from './http.ts';
import { newKey } from './keys.ts';
import { Cell, derive, type Observable } from './observable.ts';
import { backoffMs, Pauses } from './pause.ts';

// An entry of its own: an application that does not forward messages does not load it.

export type ForwardOptions = Partial<
  Pick<ForwardMessageInput, 'threadRootId' | 'alsoSendToRoom' | 'idempotencyKey'>
>;

/**
 * Sends the text of a message to a room, and returns the id of the new message. To repeat it after `NETWORK`, give it an
 * `idempotencyKey`.
 * @throws ParleyError the refusal, or `NETWORK`
 */
export async function forwardMessage(
  client: Client,
  messageId: string,
  roomId: string,
  options: ForwardOptions = {},
): Promise<string> {
  const input = { idempotencyKey: newKey(), ...options, messageId, roomId };
  return successOf((await client.request(ForwardDocument, { input })).forwardMessage).message.id;
}

/** Where the text of a message comes from. `origin` is null unless the viewer may see it. */
export type ForwardInfo = ForwardPartsFragment;

/** Messages in one request. */
const AT_ONCE = 100;

interface Shown {
  readonly forward: Cell<ForwardInfo | null>;
  listeners: number;
}

/**
 * The origins of forwarded messages, as far as the viewer may see them. Each is loaded while somebody listens: at first, after each
 * new connection and after a change of the viewer's own log, because rooms that the viewer joins or leaves show or hide origins.
 * Call `close` when they are no longer shown.
 *
 * @example
 * const origins = new Origins(client);
 * origins.of(messageId).subscribe(render); // for messages with `forward`
 */
export class Origins {
  private readonly client: Client;
  private readonly shown = new Map<string, Shown>();
  private readonly wanted = new Set<string>();
  private readonly pauses = new Pauses();
  private readonly unsubscribe: () => void;
  private isLoading = false;
  private isClosed = false;

  constructor(client: Client) {
    this.client = client;
    const changes = derive(
      client.source,
      ({ connection, state }) => [connection.status === 'live', state?.accountSeq, state?.viewerId],
      (...inputs) => inputs.join(' '),
    );
    this.unsubscribe = changes.subscribe(() => {
      this.load(this.shown.keys());
      this.pauses.end();
    });
  }

  /** Null until it is loaded, and if the message was not forwarded. */
  of(messageId: string): Observable<ForwardInfo | null> {
    return {
      getSnapshot: () => this.shown.get(messageId)?.forward.getSnapshot() ?? null,
      subscribe: (listener) => this.show(messageId, listener),
    };
  }

  /** Loads nothing more. */
  close(): void {
    this.isClosed = true;
    this.unsubscribe();
    this.pauses.end();
  }

  private show(messageId: string, listener: () => void): () => void {
    const known = this.shown.get(messageId);
    const shown = known ?? { forward: new Cell<ForwardInfo | null>(null), listeners: 0 };
    shown.listeners++;
    this.shown.set(messageId, shown);
    if (!known) this.load([messageId]);
    const unlisten = shown.forward.subscribe(listener);
    return () => {
      unlisten();
      if (--shown.listeners === 0) this.shown.delete(messageId);
    };
  }

  private load(messageIds: Iterable<string>): void {
    for (const id of messageIds) this.wanted.add(id);
    if (!this.isLoading) void this.loadAll();
  }

  /** Messages that are shown in the same turn are loaded together. */
  private async loadAll(): Promise<void> {
    this.isLoading = true;
    await Promise.resolve();
    for (let failures = 0; this.wanted.size > 0 && !this.isClosed; ) {
      const ids = [...this.wanted].slice(0, AT_ONCE);
      for (const id of ids) this.wanted.delete(id);
      const error = await this.loadSome(ids.filter((id) => this.shown.has(id)));
      failures = error ? failures + 1 : 0;
      if (!error) continue;
      for (const id of ids) this.wanted.add(id);
      await this.pauses.wait(error.retryAfterMs ?? backoffMs(failures));
    }
    this.isLoading = false;
  }

  /** Returns an error after which it is to be repeated. */
  private async loadSome(ids: readonly string[]): Promise<ParleyError | null> {
    if (ids.length === 0) return null;
    try {
      const { nodes } = await this.client.request(OriginsDocument, { ids: [...ids] });
      for (const node of nodes)
        if (node && 'forward' in node) this.shown.get(node.id)?.forward.set(node.forward);
      return null;
    } catch (problem) {
      const error = toParleyError(problem);
      if (isTemporary(error)) return error;
      // Another user may sign in, who sees less.
      for (const id of ids) this.shown.get(id)?.forward.set(null);
      if (error.code !== 'SIGNED_OUT') this.client.options.onError(error);
      return null;
    }
  }
}
