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
import { OpenThread, type ThreadInfo } from './open-thread.ts';
import { backoffMs, Pauses } from './pause.ts';

export type { OpenThread, PendingReply, ReplyInfo, ThreadInfo, ThreadView } from './open-thread.ts';

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
    const isFirst = this.wanted.size === 0;
    for (const id of messageIds) if (!(id in known)) this.wanted.add(id);
    if (isFirst && this.wanted.size > 0) queueMicrotask(() => void this.readWanted());
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
  }

  /** Reads where to begin, until that succeeds. What was shown before is read again. */
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
    const error = () => {
      const known = Object.keys(this.summaries.getSnapshot());
      this.summaries.set({});
      this.show(known);
      void this.pauses.wait(backoffMs(0)).then(() => this.begin(userId));
    };
    this.stop = this.documents.subscribe(FollowThreadsDocument, { after }, { next, error });
    for (const thread of this.opened.values()) void thread.reload();
  }

  private apply(item: Item): void {
    if ('thread' in item) this.put(item.thread);
    if (!('message' in item)) return;
    const { thread, ...message } = item.message;
    if (thread) this.put(thread);
    // A message without replies can be open, too.
    this.opened.get(thread?.root?.id ?? message.id)?.receive(message);
  }

  /** An answer may be older than what an event has said since. */
  private put(thread: ThreadInfo): void {
    if (!thread.root) return;
    const all = this.summaries.getSnapshot();
    const held = all[thread.root.id];
    const isOld =
      held &&
      (held.lastThreadSeq > thread.lastThreadSeq ||
        (held.viewerReadSeq ?? 0) > (thread.viewerReadSeq ?? held.viewerReadSeq ?? 0));
    if (!isOld) this.summaries.set({ ...all, [thread.root.id]: completed(thread, held ?? null) });
  }

  private async readWanted(): Promise<void> {
    const ids = [...this.wanted].slice(0, MAX_IDS);
    for (const id of ids) this.wanted.delete(id);
    try {
      const { nodes } = await this.client.request(ThreadsOfDocument, { ids });
      const none = Object.fromEntries(ids.map((id) => [id, null]));
      this.summaries.set({ ...none, ...this.summaries.getSnapshot() });
      for (const node of nodes) if (node && 'thread' in node && node.thread) this.put(node.thread);
    } catch {
      // Whoever shows them asks again, and events carry them as well.
    }
    if (this.wanted.size > 0 && !this.isClosed) await this.readWanted();
  }
}

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
