import { Batch } from './batch.ts';
import type { Client } from './client.ts';
import { isTemporary, toParleyError } from './errors.ts';
import {
  ForwardDocument,
  type ForwardMessageInput,
  type ForwardPartsFragment,
  OriginsDocument,
} from './generated/documents.ts';
import { successOf } from './http.ts';
import { newKey } from './keys.ts';
import { Cell, derive, type Observable } from './observable.ts';

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
  private readonly batch = new Batch((ids) => this.load(ids));
  private readonly unsubscribe: () => void;

  constructor(client: Client) {
    this.client = client;
    const changes = derive(
      client.source,
      ({ connection, state }) => [connection.status === 'live', state?.accountSeq, state?.viewerId],
      (...inputs) => inputs.join(' '),
    );
    this.unsubscribe = changes.subscribe(() => {
      this.batch.addAgain([...this.shown.keys()]);
      this.batch.wake();
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
    this.unsubscribe();
    this.batch.close();
  }

  private show(messageId: string, listener: () => void): () => void {
    const known = this.shown.get(messageId);
    const shown = known ?? { forward: new Cell<ForwardInfo | null>(null), listeners: 0 };
    shown.listeners++;
    this.shown.set(messageId, shown);
    if (!known) this.batch.addAgain([messageId]);
    const unlisten = shown.forward.subscribe(listener);
    return () => {
      unlisten();
      if (--shown.listeners === 0) this.shown.delete(messageId);
    };
  }

  /** @throws ParleyError after which it is to be repeated */
  private async load(wanted: readonly string[]): Promise<void> {
    const ids = wanted.filter((id) => this.shown.has(id));
    if (ids.length === 0) return;
    try {
      const { nodes } = await this.client.request(OriginsDocument, { ids });
      for (const node of nodes)
        if (node && 'forward' in node) this.shown.get(node.id)?.forward.set(node.forward);
    } catch (problem) {
      const error = toParleyError(problem);
      if (isTemporary(error)) throw error;
      // Another user may sign in, who sees less.
      for (const id of ids) this.shown.get(id)?.forward.set(null);
      if (!['SIGNED_OUT', 'CLOSED'].includes(error.code)) this.client.options.onError(error);
    }
  }
}
