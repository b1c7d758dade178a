import { type ParleyError, toParleyError } from './errors.ts';
import type { ListedThreadFragment, ThreadPartsFragment } from './generated/documents.ts';
import { memoize } from './memoize.ts';
import { Cell, type Observable } from './observable.ts';
import type { ThreadRoot, ThreadStore } from './thread-store.ts';
import type { ThreadInfo } from './thread-view.ts';

/** A thread in a list, with the message that it belongs to. */
export type ListedThread = ThreadPartsFragment & { readonly root: ThreadRoot };

/** A list of threads. */
export interface ThreadListView {
  readonly threads: readonly ListedThread[];
  /** Whether `loadMore` adds threads. */
  readonly hasMore: boolean;
  readonly isLoading: boolean;
  /** Why it could not be read. */
  readonly error: ParleyError | null;
}

export interface ListPage {
  readonly nodes: readonly ListedThreadFragment[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

export interface ThreadListOptions {
  readonly store: ThreadStore;
  readonly belongs: (thread: ThreadInfo) => boolean;
  /** The place of a thread: the greater the text, the sooner it comes. */
  readonly rankOf: (thread: ListedThread) => string;
  readonly load: (after: string | null) => Promise<ListPage>;
  /** Reads the roots of threads that events have brought. */
  readonly readRoots: (threadIds: readonly string[]) => void;
  readonly onClose: () => void;
}

/** How far the list was read. */
interface Progress {
  /** Threads below this place are not shown, because others between them are unknown. Null before the first page. */
  readonly lowest: string | null;
  /** Where the next page begins; null: there is none. */
  readonly next: string | null;
  readonly isLoading: boolean;
  readonly error: ParleyError | null;
}

const unread: Progress = { lowest: null, next: null, isLoading: true, error: null };

/**
 * Threads of which the server has a list. Events move them, add them and take them away. `Threads.mine` and
 * `Threads.inRoom` make it. Threads whose root the viewer may not see are not in it.
 */
export class ThreadList {
  readonly view: Observable<ThreadListView>;
  private readonly options: ThreadListOptions;
  private readonly progress = new Cell(unread);
  private readonly unwatch: readonly (() => void)[];
  /** The last page that was asked for. */
  private reading: object | null = null;

  constructor(options: ThreadListOptions) {
    this.options = options;
    const view = new Cell(this.look());
    const show = () => view.set(this.look());
    this.view = view;
    this.unwatch = [options.store.subscribe(show), this.progress.subscribe(show)];
  }

  /** Reads the first page again. */
  async reload(): Promise<void> {
    await this.read(null);
  }

  /** Adds the next page. */
  async loadMore(): Promise<void> {
    const { next, isLoading } = this.progress.getSnapshot();
    if (next !== null && !isLoading) await this.read(next);
  }

  /** Forgets what was read: somebody else signs in. */
  reset(): void {
    this.reading = null;
    this.progress.set(unread);
  }

  /** Nothing more is read or shown. */
  close(): void {
    this.reading = null;
    for (const each of this.unwatch) each();
    this.options.onClose();
  }

  private look(): ThreadListView {
    const { lowest, next, isLoading, error } = this.progress.getSnapshot();
    const threads = lowest === null ? [] : this.listed(lowest);
    return { threads, hasMore: next !== null, isLoading, error };
  }

  private listed(lowest: string): ListedThread[] {
    const { store, belongs, rankOf, readRoots } = this.options;
    const { threads, roots } = store.getSnapshot();
    const all = Object.values(threads).filter((thread) => thread !== null && belongs(thread)) as ThreadInfo[];
    const rootOf = ({ root }: ThreadInfo) => roots[root?.id ?? ''];
    readRoots(all.flatMap((thread) => (rootOf(thread) ? [] : thread.id)));
    return all
      .flatMap((thread) => {
        const root = rootOf(thread);
        return root ? [listedThread(thread, root)] : [];
      })
      .filter((thread) => rankOf(thread) >= lowest)
      .sort((a, b) => compare(rankOf(b), rankOf(a)) || compare(b.id, a.id));
  }

  private async read(after: string | null): Promise<void> {
    const { store, load, rankOf } = this.options;
    const reading = {};
    this.reading = reading;
    this.update({ isLoading: true, error: null });
    const asked = store.now;
    try {
      const { nodes, pageInfo } = await load(after);
      if (this.reading !== reading) return;
      for (const node of nodes) takeListed(store, node, asked);
      const next = pageInfo.hasNextPage ? pageInfo.endCursor : null;
      const last = [...nodes].reverse().find(hasRoot);
      this.update({ isLoading: false, next, lowest: next !== null && last ? rankOf(last) : '' });
    } catch (error) {
      if (this.reading === reading) this.update({ isLoading: false, error: toParleyError(error) });
    }
  }

  private update(change: Partial<Progress>): void {
    this.progress.set({ ...this.progress.getSnapshot(), ...change });
  }
}

/** Takes a thread and its root from an answer. Returns false if the viewer may not see the root. */
export function takeListed(store: ThreadStore, listed: ListedThreadFragment, asked: number): boolean {
  if (!hasRoot(listed)) return false;
  store.putRoot(listed.root);
  store.putRead(listed, asked);
  return true;
}

const hasRoot = (listed: ListedThreadFragment): listed is ListedThreadFragment & ListedThread =>
  listed.root !== null;

const listedThread = memoize((thread: ThreadInfo, root: ThreadRoot): ListedThread => ({ ...thread, root }));

const compare = (a: string, b: string) => (a < b ? -1 : Number(a > b));
