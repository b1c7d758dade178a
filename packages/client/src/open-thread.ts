import type { Client } from './client.ts';
import { isTemporary, ParleyError, toParleyError } from './errors.ts';
import {
  type FollowThreadsSubscription,
  OpenThreadDocument,
  type OpenThreadQuery,
  ReadThreadDocument,
  UnreadThreadDocument,
} from './generated/documents.ts';
import { successOf } from './http.ts';
import { newKey } from './keys.ts';
import type { MessageParts, Model, OutboxEntry } from './model.ts';
import { Cell, derive, type Observable, until } from './observable.ts';
import { backoffMs, Pauses } from './pause.ts';
import { keepReply, patchReplies, type Replies, type ReplyAnswer, requote } from './replies.ts';
import type { ThreadStore } from './thread-store.ts';
import {
  keysOf,
  type LoadedThread,
  nothingLoaded,
  type ThreadInfo,
  type ThreadPage,
  type ThreadView,
  viewOf,
  withLastPage,
  withOlderPage,
} from './thread-view.ts';

/** Replies in one page. */
const PAGE = 50;

type Item = FollowThreadsSubscription['inbox'];
type OpenedMessage = Extract<OpenThreadQuery['node'], ReplyAnswer>;
type Change = (all: Replies) => Replies;

interface OpenThreadOptions {
  readonly client: Client;
  readonly roomId: string;
  readonly messageId: string;
  readonly summary: Observable<ThreadInfo | null>;
  readonly store: ThreadStore;
  readonly onClose: () => void;
}

export interface ReplyOptions extends MessageParts {
  readonly alsoSendToRoom?: boolean;
  /** The message of the room that the reply quotes. */
  readonly replyToId?: string | null;
  readonly key?: string;
}

/** One thread that is shown, with its replies. `Threads.open` makes it. */
export class OpenThread {
  readonly messageId: string;
  readonly roomId: string;
  readonly view: Observable<ThreadView>;
  private readonly options: OpenThreadOptions;
  private readonly loaded = new Cell(nothingLoaded);
  private readonly outbox: Observable<readonly OutboxEntry[]>;
  private readonly reactions: Observable<Model['reactions']>;
  private readonly pauses = new Pauses();
  private readonly unwatch: readonly (() => void)[];
  /** The pages that are being read. */
  private readonly reads = new Set<object>();
  /** What events have changed meanwhile: a page may be older. */
  private missed: Change[] = [];
  private marking = false;
  private isClosed = false;

  constructor(options: OpenThreadOptions) {
    const { client, messageId } = options;
    this.options = options;
    this.messageId = messageId;
    this.roomId = options.roomId;
    this.outbox = derive(
      client.source,
      ({ outbox }) => [outbox],
      (outbox) => Object.values(outbox).filter(({ thread }) => thread?.threadRootId === messageId),
    );
    this.reactions = derive(
      client.source,
      ({ reactions }) => [reactions],
      (reactions) => reactions,
    );
    const view = new Cell(this.look());
    const show = () => view.set(this.look());
    this.view = view;
    this.unwatch = [
      this.watch(this.outbox, (before) => this.noteSent(before)),
      this.watch(this.reactions, (before) => this.noteReacted(before)),
      this.loaded.subscribe(show),
      options.summary.subscribe(show),
    ];
    void this.reload();
  }

  /** Reads the newest page again, in place of what is shown. */
  async reload(): Promise<void> {
    // Pages that were requested before are not taken any more.
    this.reads.clear();
    await this.read(null);
  }

  /** Adds the page before the oldest reply. */
  async loadOlder(): Promise<void> {
    const { before } = this.loaded.getSnapshot();
    if (before !== null) await this.read(before);
  }

  /** Adds older pages until the reply is shown. Returns false if the thread does not contain it, or cannot be read. */
  async loadUntil(replyId: string): Promise<boolean> {
    const isShown = () => {
      const { root, replies } = this.view.getSnapshot();
      return root?.id === replyId || replies.some(({ id }) => id === replyId);
    };
    await until(this.loaded, ({ first, error }) => first !== null || error !== null);
    for (let read: string | null = ''; !isShown(); ) {
      const { before } = this.loaded.getSnapshot();
      if (before === null || before === read) return false;
      read = before;
      await this.loadOlder();
    }
    return true;
  }

  /**
   * Puts a reply into the outbox: it is shown at once and sent as soon as possible, in the order of the room's messages, also
   * after a reload. Resolves with its idempotency key when this device has stored it. The key of a draft removes the draft.
   * @throws ParleyError `STORAGE`, `CLOSED`
   */
  async send(
    text: string,
    { alsoSendToRoom = false, replyToId = null, key = newKey(), ...parts }: ReplyOptions = {},
  ): Promise<string> {
    const { roomId, messageId: threadRootId } = this;
    const createdAt = new Date().toISOString();
    const thread = { threadRootId, alsoSendToRoom };
    const commands = await this.options.client.commands();
    await commands.send({ key, roomId, text, replyToId, thread, parts, createdAt });
    return key;
  }

  /** Marks all replies as read, on all devices. To be called while they are on the screen. */
  markRead(): void {
    if (!this.marking) void this.mark();
  }

  /**
   * Marks the replies as unread from one of them on, on all devices. Until the thread is opened again, call `markRead` no more.
   * @throws ParleyError the refusal, or `NETWORK`
   */
  async markUnread(fromSeq: number): Promise<void> {
    const { client, store, summary } = this.options;
    const thread = summary.getSnapshot();
    if (!thread) return;
    const asked = store.now;
    const input = { threadId: thread.id, fromSeq };
    const { markThreadUnread } = await client.request(UnreadThreadDocument, { input });
    store.putRead(successOf(markThreadUnread).thread, asked);
  }

  /** Nothing more is sent or shown. */
  close(): void {
    this.isClosed = true;
    for (const each of this.unwatch) each();
    this.pauses.end();
    this.options.onClose();
  }

  /** Takes an event of a message. `rootId` is the root of its thread, or the message itself. */
  receive(item: Item, rootId: string | undefined): void {
    if (!('message' in item)) return;
    const { message } = item;
    this.change((all) => {
      if (!('author' in message)) return patchReplies(all, item);
      const { thread: _thread, ...reply } = message;
      // A message of the room can be quoted here.
      return rootId === this.messageId ? keepReply(all, reply) : requote(all, reply);
    });
    if (item.__typename === 'ReactionsChanged') this.settle(`${message.id} ${item.reactionGroup.emoji}`);
  }

  // -- what is shown -----------------------------------------------------------------------------

  private look(): ThreadView {
    const { client, messageId, summary } = this.options;
    const own = {
      viewerId: client.viewer.getSnapshot()?.id,
      outbox: this.outbox.getSnapshot(),
      reactions: this.reactions.getSnapshot(),
    };
    return { ...viewOf(this.loaded.getSnapshot(), messageId, own), thread: summary.getSnapshot() };
  }

  /** Calls `take` with the value before each change. */
  private watch<Value>(source: Observable<Value>, take: (before: Value) => void): () => void {
    let before = source.getSnapshot();
    return source.subscribe(() => {
      take(before);
      before = source.getSnapshot();
    });
  }

  /** What has left the outbox is stored, and stays until its event arrives. */
  private noteSent(before: readonly OutboxEntry[]): void {
    const inOutbox = new Set(this.outbox.getSnapshot().map(({ key }) => key));
    const gone = before.filter(({ key, status }) => status !== 'failed' && !inOutbox.has(key));
    this.update(({ sent }) => ({ sent: [...sent, ...gone] }));
  }

  /** The core of the client follows the room by a stream of its own, which may be a moment ahead. */
  private noteReacted(before: Model['reactions']): void {
    const now = this.reactions.getSnapshot();
    const gone = Object.entries(before).filter(([key, { roomSeq }]) => roomSeq !== null && !now[key]);
    this.update(({ reacted }) => ({ reacted: { ...reacted, ...Object.fromEntries(gone) } }));
  }

  private settle(key: string): void {
    const { [key]: held, ...reacted } = this.loaded.getSnapshot().reacted;
    if (held) this.update(() => ({ reacted }));
  }

  private change(change: Change): void {
    if (this.reads.size > 0) this.missed.push(change);
    this.update(({ all }) => ({ all: change(all) }));
  }

  private update(change: (loaded: LoadedThread) => Partial<LoadedThread>): void {
    if (this.isClosed) return;
    const before = this.loaded.getSnapshot();
    const next = { ...before, ...change(before) };
    const stored = keysOf(next.all);
    this.loaded.set({ ...next, sent: next.sent.filter(({ key }) => !stored.has(key)) });
  }

  // -- reading -----------------------------------------------------------------------------------

  private async read(before: string | null): Promise<void> {
    const read = {};
    this.reads.add(read);
    this.update(() => ({ isLoading: true, error: null, ...(before === null && { reacted: {} }) }));
    try {
      const page = await this.page(before);
      if (this.reads.has(read)) this.take(page, before === null ? withLastPage : withOlderPage);
    } catch (error) {
      if (this.reads.has(read)) this.update(() => ({ error: toParleyError(error) }));
    }
    this.reads.delete(read);
    if (this.reads.size > 0) return;
    this.missed = [];
    this.update(() => ({ isLoading: false }));
  }

  private take(page: ThreadPage, put: typeof withLastPage): void {
    this.update((loaded) => {
      const next = put(loaded, page);
      return { ...next, all: this.missed.reduce((all, change) => change(all), next.all) };
    });
  }

  private async page(before: string | null): Promise<ThreadPage> {
    const { client, messageId, store } = this.options;
    const asked = store.now;
    const variables = { messageId, last: PAGE, ...(before !== null && { before }) };
    const { node } = await client.request(OpenThreadDocument, variables);
    if (!node || !('threadSeq' in node)) throw new ParleyError('NOT_FOUND', 'There is no such message.');
    const { thread, ...root } = node as OpenedMessage;
    if (!thread) return { root, replies: [], lastThreadSeq: 0, before: null };
    const { replies, ...info } = thread;
    store.putRead(info, asked);
    const { hasPreviousPage, startCursor } = replies.pageInfo;
    return {
      root,
      replies: replies.nodes,
      lastThreadSeq: thread.lastThreadSeq,
      before: hasPreviousPage ? startCursor : null,
    };
  }

  /** One request after the other, until the server knows of the last reply. */
  private async mark(): Promise<void> {
    this.marking = true;
    for (let failures = 0; !this.isClosed; ) {
      const thread = this.options.summary.getSnapshot();
      if (!thread || (thread.viewerReadSeq ?? 0) >= thread.lastThreadSeq) break;
      const input = { threadId: thread.id, upToSeq: thread.lastThreadSeq };
      const asked = this.options.store.now;
      try {
        const { markThreadRead } = await this.options.client.request(ReadThreadDocument, { input });
        this.options.store.putRead(successOf(markThreadRead).thread, asked);
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
