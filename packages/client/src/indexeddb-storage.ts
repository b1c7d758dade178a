import { ParleyError } from './errors.ts';
import type { Rows } from './rows.ts';
import type { Storage } from './storage.ts';

const TABLE = 'rows';

/**
 * Keeps rows in a database of the browser. All tabs with the same name share its data and one connection to the server.
 * This needs Web Locks, which browsers have on pages over HTTPS and on localhost. Without them each tab has its own
 * data, which survive a reload of that tab.
 */
export function indexedDBStorage(name: string): Storage {
  const isShared = 'locks' in navigator && typeof BroadcastChannel === 'function';
  return new IndexedDBStorage(isShared ? name : `${name} ${tabId()}`, isShared);
}

/** An id that stays the same after a reload of the tab. */
function tabId(): string {
  const key = 'parley-tab';
  const id = sessionStorage.getItem(key) ?? String(Math.random()).slice(2);
  sessionStorage.setItem(key, id);
  return id;
}

class IndexedDBStorage implements Storage {
  readonly sharedName?: string;
  private readonly name: string;
  private database: IDBDatabase | null = null;

  constructor(name: string, isShared: boolean) {
    this.name = name;
    if (isShared) this.sharedName = name;
  }

  async load(): Promise<[string, unknown][]> {
    this.database = await openDatabase(this.name);
    const table = this.database.transaction(TABLE).objectStore(TABLE);
    const [keys, values] = await Promise.all([resultOf(table.getAllKeys()), resultOf(table.getAll())]);
    return keys.map((key, i) => [key as string, values[i]]);
  }

  /** One transaction; with `strict` it completes when it is on disk. */
  async commit(changes: Rows): Promise<void> {
    if (!this.database) throw new ParleyError('STORAGE', `${this.name} is not open.`);
    const transaction = this.database.transaction(TABLE, 'readwrite', { durability: 'strict' });
    const table = transaction.objectStore(TABLE);
    const done = completed(transaction);
    for (const [key, value] of changes) {
      if (value === undefined) table.delete(key);
      else table.put(value, key);
    }
    await done;
  }

  /** The browser closes the database when the user clears the data of the site. */
  async reopen(): Promise<[string, unknown][]> {
    await this.close();
    return this.load();
  }

  async close(): Promise<void> {
    this.database?.close();
    this.database = null;
  }
}

function openDatabase(name: string): Promise<IDBDatabase> {
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(TABLE);
  return resultOf(request);
}

function resultOf<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('The request failed.'));
  });
}

function completed(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error('The transaction was aborted.'));
  });
}
