import type { Client } from './client.ts';
import { isTemporary, ParleyError, toParleyError } from './errors.ts';
import {
  OpenThreadDocument,
  type OpenThreadQuery,
  ReadThreadDocument,
  type ThreadPartsFragment,
  type ThreadReplyFragment,
} from './generated/documents.ts';
import { successOf } from './http.ts';
import { newKey } from './keys.ts';
import type { MessageParts, OutboxEntry } from './model.ts';
import { Cell, type Observable } from './observable.ts';
import { backoffMs, Pauses } from './pause.ts';
import { keepVotes } from './reducer.ts';

/** Replies in one page. */
const PAGE = 50;

/** A thread in the form that applications show. */
export type ThreadInfo = ThreadPartsFragment;

/** A reply, or the root of a thread. */
export type ReplyInfo = ThreadReplyFragment;

/** A reply of this device that is not in the thread yet: from the outbox of the client. */
export interface PendingReply {
  readonly key: string;
  readonly text: string;
  readonly alsoSendToRoom: boolean;
  /** Why the server refused it: it stays until `client.retry` or `client.discard`. Null while it is being sent. */
  readonly error: OutboxEntry['error'];
}

/** An open thread. */
export interface ThreadView {
  /** Null before it was read, and if the viewer may not see it. */
  readonly root: ReplyInfo | null;
  /** Null if nobody has replied yet. */
  readonly thread: ThreadInfo | null;
  /** Oldest first, without a gap. */
  readonly replies: readonly ReplyInfo[];
  readonly pending: readonly PendingReply[];
  readonly hasOlder: boolean;
  readonly isLoading: boolean;
  /** Why it could not be read. */
  readonly error: ParleyError | null;
}

type OpenedMessage = Extract<OpenThreadQuery['node'], ReplyInfo>;

const nothing: ThreadView = {
  root: null,
  thread: null,
  replies: [],
  pending: [],
  hasOlder: false,
  isLoading: true,
  error: null,
};

interface OpenThreadOptions {
  readonly client: Client;
  readonly roomId: string;
  readonly messageId: string;
  readonly summary: Observable<ThreadInfo | null>;
  readonly onThread: (thread: ThreadInfo) => void;
  readonly onClose: () => void;
}

/** One thread that is shown, with its replies. `Threads.open` makes it. */
export class OpenThread {
  readonly messageId: string;
  readonly roomId: string;
  readonly view: Observable<ThreadView>;
  private readonly options: OpenThreadOptions;
  private readonly own = new Cell<Omit<ThreadView, 'thread'>>(nothing);
  private readonly pauses = new Pauses();
  private readonly unwatch: () => void;
  /** Of the oldest page. */
  private before: string | null = null;
  private marking = false;
  private isClosed = false;

  constructor(options: OpenThreadOptions) {
    this.options = options;
    this.messageId = options.messageId;
    this.roomId = options.roomId;
    const both = new Cell<ThreadView>(nothing);
    const show = () => both.set({ ...this.own.getSnapshot(), thread: options.summary.getSnapshot() });
    const unwatch = [
      this.own.subscribe(show),
      options.summary.subscribe(show),
      options.client.outbox.subscribe(() => this.takeOutbox()),
    ];
    this.unwatch = () => {
      for (const each of unwatch) each();
    };
    this.view = both;
    this.takeOutbox();
    void this.reload();
  }

  /** Reads the newest page again. */
  async reload(): Promise<void> {
    await this.read(null);
  }

  /** Adds the page before the oldest reply. */
  async loadOlder(): Promise<void> {
    if (this.before !== null) await this.read(this.before);
  }

  /**
   * Puts a reply into the outbox: it is shown at once and sent as soon as possible, in the order of the room's messages, also
   * after a reload. Resolves with its idempotency key when this device has stored it. The key of a draft removes the draft.
   * @throws ParleyError `STORAGE`, `CLOSED`
   */
  async send(
    text: string,
    {
      alsoSendToRoom = false,
      key = newKey(),
      ...parts
    }: MessageParts & { alsoSendToRoom?: boolean; key?: string } = {},
  ): Promise<string> {
    const { roomId, messageId: threadRootId } = this;
    const createdAt = new Date().toISOString();
    const thread = { threadRootId, alsoSendToRoom };
    await (await this.options.client.commands()).send({
      key,
      roomId,
      text,
      replyToId: null,
      thread,
      parts,
      createdAt,
    });
    return key;
  }

  /** Marks all replies as read, on all devices. To be called while they are on the screen. */
  markRead(): void {
    if (!this.marking) void this.mark();
  }

  /** Nothing more is sent or shown. */
  close(): void {
    this.isClosed = true;
    this.unwatch();
    this.pauses.end();
    this.options.onClose();
  }

  /** Takes a message from an event. */
  receive(message: ReplyInfo): void {
    if (message.id === this.messageId) this.update(({ root }) => ({ root: newer(root, message) }));
    else this.keep([message]);
  }

  private update(change: (view: Omit<ThreadView, 'thread'>) => Partial<ThreadView>): void {
    if (this.isClosed) return;
    const view = this.own.getSnapshot();
    this.own.set({ ...view, ...change(view) });
  }

  /** Adds replies; of each, the highest version stays. Those of an unread gap wait for their page. */
  private keep(messages: readonly ReplyInfo[]): void {
    this.update(({ replies, pending }) => {
      const all = new Map(replies.map((reply) => [reply.id, reply]));
      for (const message of messages) all.set(message.id, newer(all.get(message.id) ?? null, message));
      const sorted = [...all.values()].sort((a, b) => (a.threadSeq ?? 0) - (b.threadSeq ?? 0));
      return { replies: sorted, pending: withoutStored(pending, sorted) };
    });
  }

  private async read(before: string | null): Promise<void> {
    const { client, messageId, onThread } = this.options;
    this.update(() => ({ isLoading: true, error: null }));
    try {
      const variables = { messageId, last: PAGE, ...(before !== null && { before }) };
      const { node } = await client.request(OpenThreadDocument, variables);
      if (!node || !('threadSeq' in node)) throw new ParleyError('NOT_FOUND', 'There is no such message.');
      const { thread, ...root } = node as OpenedMessage;
      if (thread) {
        const { replies, ...info } = thread;
        this.before = replies.pageInfo.hasPreviousPage ? replies.pageInfo.startCursor : null;
        // A page of the end that does not meet what is shown replaces it.
        const first = replies.nodes[0]?.threadSeq ?? 0;
        const last = this.own.getSnapshot().replies.at(-1)?.threadSeq ?? 0;
        if (before === null && first > last + 1) this.update(() => ({ replies: [] }));
        this.keep(replies.nodes);
        onThread(info);
      }
      this.update(({ root: held }) => ({
        root: newer(held, root),
        isLoading: false,
        hasOlder: this.before !== null,
      }));
    } catch (error) {
      this.update(() => ({ isLoading: false, error: toParleyError(error) }));
    }
  }

  private takeOutbox(): void {
    const { client, messageId } = this.options;
    const entries = client.outbox.getSnapshot().filter(({ thread }) => thread?.threadRootId === messageId);
    this.update(({ pending, replies }) => {
      const waiting = entries.map(pendingOf);
      const inOutbox = new Set(waiting.map(({ key }) => key));
      // What has left the outbox is stored, and stays until its event arrives.
      const stored = pending.filter(({ key, error }) => error === null && !inOutbox.has(key));
      return { pending: withoutStored([...stored, ...waiting], replies) };
    });
  }

  /** One request after the other, until the server knows of the last reply. */
  private async mark(): Promise<void> {
    this.marking = true;
    for (let failures = 0; !this.isClosed; ) {
      const thread = this.options.summary.getSnapshot();
      if (!thread || (thread.viewerReadSeq ?? 0) >= thread.lastThreadSeq) break;
      const input = { threadId: thread.id, upToSeq: thread.lastThreadSeq };
      try {
        const { markThreadRead } = await this.options.client.request(ReadThreadDocument, { input });
        this.options.onThread(successOf(markThreadRead).thread);
        failures = 0;
      } catch (problem) {
        const error = toParleyError(problem);
        if (!isTemporary(error)) break;
        await this.pauses.wait(error.retryAfterMs ?? backoffMs(failures++));
      }
    }
    this.marking = false;
  }
}

const newer = (held: ReplyInfo | null, message: ReplyInfo): ReplyInfo =>
  held && held.version > message.version ? held : { ...message, poll: keepVotes(message.poll, held) };

const pendingOf = ({ key, text, thread, error }: OutboxEntry): PendingReply => ({
  key,
  text,
  alsoSendToRoom: thread?.alsoSendToRoom ?? false,
  error,
});

function withoutStored(pending: readonly PendingReply[], replies: readonly ReplyInfo[]): PendingReply[] {
  const keys = new Set(replies.map(({ idempotencyKey }) => idempotencyKey));
  return pending.filter(({ key }) => !keys.has(key));
}
