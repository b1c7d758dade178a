import type { Client } from './client.ts';
import { isTemporary, toParleyError } from './errors.ts';
import { Cell, type Observable } from './observable.ts';
import { backoffMs, Pauses } from './pause.ts';

/** A list is loaded this often at most, in milliseconds. */
const EVERY_MS = 1_000;

interface ListOptions<Item> {
  /** The list may change when one of these does. */
  readonly sources: readonly Observable<unknown>[];
  /** The list is loaded again when this is another text. */
  readonly version: () => string;
  readonly load: () => Promise<readonly Item[]>;
}

/** A list of the server; null until it is loaded. It is loaded again after changes, until it is closed. */
export class LoadedList<Item> implements Observable<readonly Item[] | null> {
  private readonly client: Client;
  private readonly options: ListOptions<Item>;
  private readonly list = new Cell<readonly Item[] | null>(null);
  private readonly pauses = new Pauses();
  private readonly unsubscribe: readonly (() => void)[];
  /** The version when the list was requested; null: not yet. */
  private loaded: string | null = null;
  private isLoading = false;
  private isClosed = false;

  constructor(client: Client, options: ListOptions<Item>) {
    this.client = client;
    this.options = options;
    const look = () => void this.refresh();
    this.unsubscribe = [...options.sources, client.connection].map((source) => source.subscribe(look));
    look();
  }

  getSnapshot(): readonly Item[] | null {
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

  /** A new connection may have missed changes. */
  private version(): string {
    return `${this.client.connection.getSnapshot().status === 'live'} ${this.options.version()}`;
  }

  private async refresh(): Promise<void> {
    if (this.isLoading) return;
    this.isLoading = true;
    for (let failures = 0; !this.isClosed && this.loaded !== this.version(); ) {
      const isDone = await this.attempt();
      failures = isDone ? 0 : failures + 1;
      await this.pauses.wait(isDone ? EVERY_MS : backoffMs(failures));
    }
    this.isLoading = false;
  }

  /** Returns false if it has to be repeated. */
  private async attempt(): Promise<boolean> {
    const version = this.version();
    try {
      const items = await this.options.load();
      if (!this.isClosed) this.list.set(items);
    } catch (problem) {
      const error = toParleyError(problem);
      if (isTemporary(error)) return false;
      if (error.code === 'SIGNED_OUT') this.list.set(null);
      else if (error.code !== 'CLOSED') this.client.options.onError(error);
    }
    this.loaded = version;
    return true;
  }
}
