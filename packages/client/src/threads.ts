import { Batch } from './batch.ts';
import type { Client } from './client.ts';
import { createDocuments, type Documents } from './document-client.ts';
import { isTemporary, toParleyError } from './errors.ts';
import {
  FollowThreadDocument,
  FollowThreadsDocument,
  type FollowThreadsSubscription,
  type ListedThreadFragment,
  MyThreadsDocument,
  RenameThreadDocument,
  RoomThreadsDocument,
  type ThreadFilter,
  type ThreadOrder,
  ThreadRootsDocument,
  ThreadsOfDocument,
  ThreadsStartDocument,
  UnfollowThreadDocument,
} from './generated/documents.ts';
import { successOf } from './http.ts';
import { derive, type Observable } from './observable.ts';
import { OpenThread } from './open-thread.ts';
import { backoffMs, Pauses } from './pause.ts';
import {
  type ListedThread,
  type ListPage,
  ThreadList,
  type ThreadListOptions,
  takeListed,
} from './thread-list.ts';
import { ThreadStore } from './thread-store.ts';
import type { ThreadInfo } from './thread-view.ts';

export type { OpenThread, ReplyOptions } from './open-thread.ts';
export type { ReplyInfo } from './replies.ts';
export type { ListedThread, ThreadList, ThreadListView } from './thread-list.ts';
export type { PendingReply, ThreadInfo, ThreadView } from './thread-view.ts';

// An entry of its own: an application without threads does not load it.

type Item = FollowThreadsSubscription['inbox'];

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
  private readonly store = new ThreadStore();
  private readonly opened = new Map<string, OpenThread>();
  private readonly lists = new Map<string, ThreadList>();
  /** Messages whose threads are to be read. */
  private readonly messages: Batch;
  /** Threads whose roots are to be read. */
  private readonly roots: Batch;
  private readonly pauses = new Pauses();
  private readonly unwatch: () => void;
  private userId: string | undefined;
  private stop: (() => void) | null = null;
  private isClosed = false;
  /** How often following has failed since the last item. */
  private failures = 0;

  constructor(client: Client) {
    this.client = client;
    this.documents = createDocuments(client);
    this.messages = new Batch((ids) => this.readThreads(ids));
    this.roots = new Batch((ids) => this.readRoots(ids));
    this.unwatch = client.viewer.subscribe(() => this.check());
    this.check();
  }

  /** The thread of a message, if it was asked for by `show` or `open`, or has changed since. */
  of(messageId: string): Observable<ThreadInfo | null> {
    return derive(
      this.store,
      ({ threads }) => [threads[messageId]],
      (thread) => thread ?? null,
    );
  }

  /** Reads the threads of messages that are shown, each once. */
  show(messageIds: readonly string[]): void {
    const { threads } = this.store.getSnapshot();
    this.messages.add(messageIds.filter((id) => !(id in threads)));
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
      store: this.store,
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
    const asked = this.store.now;
    const { thread } = isFollowing
      ? successOf((await this.client.request(FollowThreadDocument, variables)).followThread)
      : successOf((await this.client.request(UnfollowThreadDocument, variables)).unfollowThread);
    this.store.putRead(thread, asked);
  }

  /**
   * Gives a thread a title; an empty one removes it.
   * @throws ParleyError the refusal, or `NETWORK`
   */
  async rename(threadId: string, title: string): Promise<void> {
    const asked = this.store.now;
    const { renameThread } = await this.client.request(RenameThreadDocument, { input: { threadId, title } });
    this.store.putRead(successOf(renameThread).thread, asked);
  }

  /** The viewer's threads in all rooms, those with the newest replies first. The same object until it is closed. */
  mine(filter: ThreadFilter = 'FOLLOWED'): ThreadList {
    const load = async (after: string | null) =>
      pageOf((await this.client.request(MyThreadsDocument, { filter, after })).viewer?.threads);
    const belongs = (thread: ThreadInfo) => isMine(thread, filter);
    return this.list(filter, { load, belongs, rankOf: byLastReply });
  }

  /** The threads of a room. The same object until it is closed. */
  inRoom(roomId: string, orderBy: ThreadOrder = 'LAST_REPLY'): ThreadList {
    const load = async (after: string | null) =>
      pageOf((await this.client.request(RoomThreadsDocument, { id: roomId, orderBy, after })).room?.threads);
    const belongs = ({ room }: ThreadInfo) => room.id === roomId;
    const rankOf = orderBy === 'NEWEST' ? byRoot : byLastReply;
    return this.list(`${roomId} ${orderBy}`, { load, belongs, rankOf });
  }

  close(): void {
    this.isClosed = true;
    this.unwatch();
    this.forget();
    for (const list of [...this.lists.values()]) list.close();
    this.messages.close();
    this.roots.close();
    this.pauses.end();
  }

  private list(key: string, parts: Pick<ThreadListOptions, 'load' | 'belongs' | 'rankOf'>): ThreadList {
    const held = this.lists.get(key);
    if (held) return held;
    const list = new ThreadList({
      ...parts,
      store: this.store,
      readRoots: (ids) => this.roots.add(ids),
      onClose: () => void this.lists.delete(key),
    });
    this.lists.set(key, list);
    // Otherwise when it is known who is signed in.
    if (this.stop) void list.reload();
    return list;
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
    for (const list of this.lists.values()) list.reset();
    this.messages.clear();
    this.roots.clear();
    this.store.clear();
  }

  /** Reads where to begin, until that succeeds. */
  private async begin(userId: string): Promise<void> {
    for (let failures = 0; this.userId === userId && !this.isClosed; failures++) {
      try {
        const { viewer } = await this.client.request(ThreadsStartDocument, {});
        if (viewer && this.userId === userId && !this.isClosed) this.follow(userId, viewer.inboxCursor);
        return;
      } catch (error) {
        if (!isTemporary(toParleyError(error))) return;
        await this.pauses.wait(backoffMs(failures));
      }
    }
  }

  private follow(userId: string, after: string): void {
    const next = ({ inbox }: FollowThreadsSubscription) => {
      this.failures = 0;
      this.apply(inbox);
    };
    const error = () => void this.pauses.wait(backoffMs(this.failures++)).then(() => this.begin(userId));
    this.stop = this.documents.subscribe(FollowThreadsDocument, { after }, { next, error });
    this.readAgain();
  }

  private apply(item: Item): void {
    // Only a new answer shows what changed.
    if (item.__typename === 'EventUnavailable' || item.__typename === 'AccountEventUnavailable')
      this.readAgain();
    if (item.__typename === 'RoomAccessLost') this.store.forgetRoom(item.roomId);
    const isLeft = item.__typename === 'MemberLeft' && item.user.id === this.userId;
    if (isLeft || item.__typename === 'RoomDeleted') this.store.forgetRoom(item.room.id);
    if ('thread' in item) this.store.put(item.thread);
    if ('message' in item) this.applyToMessage(item);
  }

  private applyToMessage(item: Extract<Item, { message: unknown }>): void {
    const { message } = item;
    if ('thread' in message && message.thread) this.store.put(message.thread);
    if ('author' in message) this.store.patchRoot(message);
    // A message without replies can be open, too.
    const rootId = ('thread' in message && message.thread?.root?.id) || message.id;
    for (const thread of this.opened.values()) thread.receive(item, rootId);
  }

  /** Reads again what was read before: the stream may not have its changes. */
  private readAgain(): void {
    this.messages.addAll(Object.keys(this.store.getSnapshot().threads));
    for (const each of [...this.opened.values(), ...this.lists.values()]) void each.reload();
  }

  private async readThreads(ids: string[]): Promise<void> {
    const asked = this.store.now;
    const { nodes } = await this.client.request(ThreadsOfDocument, { ids });
    this.store.putNone(ids);
    for (const node of nodes)
      if (node && 'thread' in node && node.thread) this.store.putRead(node.thread, asked);
  }

  private async readRoots(ids: string[]): Promise<void> {
    const asked = this.store.now;
    const { nodes } = await this.client.request(ThreadRootsDocument, { ids });
    for (const node of nodes)
      if (node && 'root' in node) takeListed(this.store, node as ListedThreadFragment, asked);
  }
}

const none: ListPage = { nodes: [], pageInfo: { hasNextPage: false, endCursor: null } };

const pageOf = (page: ListPage | null | undefined): ListPage => page ?? none;

const byLastReply = ({ lastReplyAt }: ListedThread) => lastReplyAt;
const byRoot = ({ root }: ListedThread) => root.sentAt;

function isMine(thread: ThreadInfo, filter: ThreadFilter): boolean {
  const { viewerIsFollowing, viewerReadSeq, viewerUnreadCount, viewerUnreadMentionCount } = thread;
  if (filter === 'ALL' && (viewerReadSeq || viewerUnreadMentionCount)) return true;
  return viewerIsFollowing === true && (filter !== 'UNREAD' || Boolean(viewerUnreadCount));
}
