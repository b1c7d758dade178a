import type { FoldQuoteFragment } from './generated/documents.ts';
import { Cell } from './observable.ts';
import type { ThreadInfo } from './thread-view.ts';

/** The message that a thread belongs to, as lists show it. */
export type ThreadRoot = FoldQuoteFragment;

export interface KnownThreads {
  /** By the message that the thread belongs to; null: nobody has replied. */
  readonly threads: Readonly<Record<string, ThreadInfo | null>>;
  /** By id: those that lists have read. */
  readonly roots: Readonly<Record<string, ThreadRoot>>;
}

const nothing: KnownThreads = { threads: {}, roots: {} };

/** What is known of threads: read, and changed by events since. */
export class ThreadStore extends Cell<KnownThreads> {
  /** By message: the number of its last change. */
  private readonly changes = new Map<string, number>();
  private changeCount = 0;

  constructor() {
    super(nothing);
  }

  /** Passed to `putRead` with the answer to what is asked now. */
  get now(): number {
    return this.changeCount;
  }

  of(messageId: string): ThreadInfo | null {
    return this.getSnapshot().threads[messageId] ?? null;
  }

  /** Takes a thread from an event. Its numbers are absolute, and those of the latest event are right. */
  put(thread: ThreadInfo): void {
    if (!thread.root) return;
    this.changes.set(thread.root.id, ++this.changeCount);
    this.setThread(thread.root.id, completed(thread, this.of(thread.root.id)));
  }

  /**
   * Takes a thread that was read or is the answer to a change, unless an event has changed it since that was asked for: the answer may
   * be older.
   */
  putRead(thread: ThreadInfo, asked: number): void {
    if (thread.root && (this.changes.get(thread.root.id) ?? 0) <= asked)
      this.setThread(thread.root.id, thread);
  }

  /** Notes that nobody has replied to messages, unless it is known better. */
  putNone(messageIds: readonly string[]): void {
    const { threads, roots } = this.getSnapshot();
    this.set({ roots, threads: { ...Object.fromEntries(messageIds.map((id) => [id, null])), ...threads } });
  }

  /** Takes the highest version of a root. */
  putRoot(root: ThreadRoot): void {
    const { threads, roots } = this.getSnapshot();
    const held = roots[root.id];
    if (!held || held.version <= root.version) this.set({ threads, roots: { ...roots, [root.id]: root } });
  }

  /** Takes a message from an event, if lists show it as a root. */
  patchRoot(message: ThreadRoot): void {
    if (this.getSnapshot().roots[message.id]) this.putRoot(message);
  }

  /** The viewer has lost the room, and with it what its threads were to them. */
  forgetRoom(roomId: string): void {
    const { threads, roots } = this.getSnapshot();
    const isLost = (id: string) => threads[id]?.room.id === roomId;
    this.set({ roots: without(roots, isLost), threads: without(threads, isLost) });
  }

  clear(): void {
    this.changes.clear();
    this.set(nothing);
  }

  private setThread(rootId: string, thread: ThreadInfo): void {
    const { threads, roots } = this.getSnapshot();
    this.set({ roots, threads: { ...threads, [rootId]: thread } });
  }
}

const without = <Value>(
  all: Readonly<Record<string, Value>>,
  isLeftOut: (key: string) => boolean,
): Record<string, Value> => Object.fromEntries(Object.entries(all).filter(([key]) => !isLeftOut(key)));

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
