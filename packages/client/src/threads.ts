import type { Client } from './client.ts';
import { createDocuments, type Documents } from './document-client.ts';
import { isTemporary, toParleyError } from './errors.ts';
import {
  FollowThreadDocument,
  FollowThreadsDocument,
  type FollowThreadsSubscription,
  MyThreadsDocument,
  ThreadsOfDocument,
  UnfollowThreadDocument,
} from './generated/documents.ts';
import { successOf } from './http.ts';
import { Cell, derive, type Observable } from './observable.ts';
import { OpenThread } from './open-thread.ts';
import { backoffMs, Pauses } from './pause.ts';
import type { ThreadInfo } from './thread-view.ts';

export type { OpenThread, ReplyOptions } from './open-thread.ts';
export type { ReplyInfo } from './replies.ts';
export type { PendingReply, ThreadInfo, ThreadView } from './thread-view.ts';

// An entry of its own: an application without threads does not load it.

/** Messages in one request for their threads. */
const MAX_IDS = 100;

type Item = FollowThreadsSubscription['inbox'];
type Summaries = Readonly<Record<string, ThreadInfo | null>>;

/**
 * Follows the threads of all rooms over the connection of a client, from the first use on. Call `close` when they are no
 * longer shown.
 *
 * @example
 * const threads = new Threads(client);
 * threads.show(messageIds); // of the messages on the screen
 * threads.of(messageId).subscribe(render);
 * const open = threads.open(roomId, messageId);
 * await open.send('hello');
 */
export class Threads {
  private readonly client: Client;
  private readonly documents: Documents;
  /** By the message that the thread belongs to; null: nobody has replied. */
  private readonly summaries = new Cell<Summaries>({});
  private readonly opened = new Map<string, OpenThread>();
  private readonly wanted = new Set<string>();
  /** By message: the number of its last change. */
  private readonly changes = new Map<string, number>();
  private changeCount = 0;
  private readonly pauses = new Pauses();
  private readonly unwatch: () => void;
  private userId: string | undefined;
  private stop: (() => void) | null = null;
  private isClosed = false;

  constructor(client: Client) {
    this.client = client;
    this.documents = createDocuments(client);
    this.unwatch = client.viewer.subscribe(() => this.check());
    this.check();
  }

  /** The thread of a message, if it was asked for by `show` or `open`, or has changed since. */
  of(messageId: string): Observable<ThreadInfo | null> {
    return derive(
      this.summaries,
      (summaries) => [summaries[messageId]],
      (thread) => thread ?? null,
    );
  }

  /** Reads the threads of messages that are shown, each once. */
  show(messageIds: readonly string[]): void {
    const known = this.summaries.getSnapshot();
    this.want(messageIds.filter((id) => !(id in known)));
  }

  /** Opens the thread of a message. The same object for the same message, until it is closed. */
  open(roomId: string, messageId: string): OpenThread {
    const held = this.opened.get(messageId);
    if (held) return held;
    const thread = new OpenThread({
      client: this.client,
      roomId,
      messageId,
      summary: this.of(messageId),
      onThread: (each) => this.put(each),
      now: () => this.changeCount,
      onRead: (each, asked) => this.putRead(each, asked),
      onClose: () => void this.opened.delete(messageId),
    });
    this.opened.set(messageId, thread);
    return thread;
  }

  /**
   * Follows a thread, or no longer does.
   * @throws ParleyError the refusal, or `NETWORK`
   */
  async setFollowing(threadId: string, isFollowing: boolean): Promise<void> {
    const variables = { input: { threadId } };
    const { thread } = isFollowing
      ? successOf((await this.client.request(FollowThreadDocument, variables)).followThread)
      : successOf((await this.client.request(UnfollowThreadDocument, variables)).unfollowThread);
    this.put(thread);
  }

  close(): void {
    this.isClosed = true;
    this.unwatch();
    this.forget();
    this.pauses.end();
  }

  // -- following -------------------------------------------------------------------------------

  /** Begins anew when somebody else has signed in. */
  private check(): void {
    const userId = this.client.viewer.getSnapshot()?.id;
    if (userId === this.userId || this.isClosed) return;
    if (this.userId !== undefined) this.forget();
    this.userId = userId;
    if (userId !== undefined) void this.begin(userId);
  }

  private forget(): void {
    this.stop?.();
    this.stop = null;
    for (const thread of [...this.opened.values()]) thread.close();
    this.summaries.set({});
    this.changes.clear();
  }

  /** Reads where to begin, until that succeeds. */
  private async begin(userId: string): Promise<void> {
    for (let failures = 0; this.userId === userId && !this.isClosed; failures++) {
      try {
        const { viewer } = await this.client.request(MyThreadsDocument, {});
        if (viewer && this.userId === userId && !this.isClosed) this.follow(userId, viewer.inboxCursor);
        return;
      } catch (error) {
        if (!isTemporary(toParleyError(error))) return;
        await this.pauses.wait(backoffMs(failures));
      }
    }
  }

  private follow(userId: string, after: string): void {
    const next = ({ inbox }: FollowThreadsSubscription) => this.apply(inbox);
    const error = () => void this.pauses.wait(backoffMs(0)).then(() => this.begin(userId));
    this.stop = this.documents.subscribe(FollowThreadsDocument, { after }, { next, error });
    this.readAgain();
  }

  private apply(item: Item): void {
    // Only a new answer shows what changed.
    if (item.__typename === 'EventUnavailable' || item.__typename === 'AccountEventUnavailable')
      this.readAgain();
    if ('thread' in item) this.put(item.thread);
    if (!('message' in item)) return;
    const { message } = item;
    if ('thread' in message && message.thread) this.put(message.thread);
    // A message without replies can be open, too.
    const rootId = ('thread' in message && message.thread?.root?.id) || message.id;
    for (const thread of this.opened.values()) thread.receive(item, rootId);
  }

  /** Reads again what was read before: the stream may not have its changes. */
  private readAgain(): void {
    this.want(Object.keys(this.summaries.getSnapshot()));
    for (const thread of this.opened.values()) void thread.reload();
  }

  /** Takes a thread from an event, or from the answer to a change, which may be older than an event. */
  private put(thread: ThreadInfo): void {
    if (!thread.root) return;
    this.changes.set(thread.root.id, ++this.changeCount);
    const held = this.summaries.getSnapshot()[thread.root.id] ?? null;
    if (!held || !isOlder(thread, held)) this.set(thread.root.id, completed(thread, held));
  }

  /** Takes a thread that was read, unless it has changed since that was asked for. */
  private putRead(thread: ThreadInfo, asked: number): void {
    if (thread.root && (this.changes.get(thread.root.id) ?? 0) <= asked) this.set(thread.root.id, thread);
  }

  private set(rootId: string, thread: ThreadInfo | null): void {
    this.summaries.set({ ...this.summaries.getSnapshot(), [rootId]: thread });
  }

  private want(messageIds: readonly string[]): void {
    const isFirst = this.wanted.size === 0;
    for (const id of messageIds) this.wanted.add(id);
    if (isFirst && this.wanted.size > 0) queueMicrotask(() => void this.readWanted());
  }

  private async readWanted(): Promise<void> {
    const ids = [...this.wanted].slice(0, MAX_IDS);
    for (const id of ids) this.wanted.delete(id);
    const asked = this.changeCount;
    try {
      const { nodes } = await this.client.request(ThreadsOfDocument, { ids });
      const none = Object.fromEntries(ids.map((id) => [id, null]));
      this.summaries.set({ ...none, ...this.summaries.getSnapshot() });
      for (const node of nodes) if (node && 'thread' in node && node.thread) this.putRead(node.thread, asked);
    } catch {
      // Whoever shows them asks again, and events carry them as well.
    }
    if (this.wanted.size > 0 && !this.isClosed) await this.readWanted();
  }
}

const isOlder = (thread: ThreadInfo, held: ThreadInfo): boolean =>
  held.lastThreadSeq > thread.lastThreadSeq ||
  (held.viewerReadSeq ?? 0) > (thread.viewerReadSeq ?? held.viewerReadSeq ?? 0);

/** In an event of a very large thread, what it is to the viewer is null: it is what it was. */
function completed(thread: ThreadInfo, held: ThreadInfo | null): ThreadInfo {
  return {
    ...thread,
    viewerIsFollowing: thread.viewerIsFollowing ?? held?.viewerIsFollowing ?? null,
    viewerReadSeq: thread.viewerReadSeq ?? held?.viewerReadSeq ?? null,
    viewerUnreadCount: thread.viewerUnreadCount ?? held?.viewerUnreadCount ?? null,
    viewerUnreadMentionCount: thread.viewerUnreadMentionCount ?? held?.viewerUnreadMentionCount ?? null,
  };
}
