import { type ParleyError, toParleyError } from './errors.ts';
import { emptyModel, type Model } from './model.ts';
import { Cell } from './observable.ts';
import { type Rows, rowsBetween, storedRows, withRows } from './rows.ts';
import type { Storage } from './storage.ts';

interface Waiter {
  readonly version: number;
  resolve(): void;
  reject(error: ParleyError): void;
}

interface StoreOptions {
  readonly storage: Storage;
  /** Told the rows of each commit, after it. */
  readonly onCommit: (rows: Rows) => void;
  readonly onError: (error: ParleyError) => void;
}

/**
 * The model, shown at once and stored soon: while one commit runs, changes add up to the next one. A crash in between
 * loses the newest changes together with their position, so the stream gives them again.
 */
export class Store extends Cell<Model> {
  /** What the last commit stored. */
  private stored = emptyModel;
  private version = 0;
  private waiters: Waiter[] = [];
  private isCommitting = false;
  private readonly options: StoreOptions;

  constructor(options: StoreOptions) {
    super(emptyModel);
    this.options = options;
  }

  /** Everything that the last commit stored, and what was passed on with it. */
  storedRows(): Rows {
    return rowsBetween(emptyModel, this.stored);
  }

  /** Takes what the storage has. */
  async load(): Promise<void> {
    this.stored = withRows(emptyModel, await this.options.storage.load());
    this.set(this.stored);
  }

  /** Shows a change at once, and stores it. */
  update(change: (model: Model) => Model): void {
    const next = change(this.getSnapshot());
    if (next === this.getSnapshot()) return;
    this.version++;
    this.set(next);
    void this.commitAll();
  }

  /**
   * Resolves when everything up to now is stored.
   * @throws ParleyError `STORAGE`
   */
  flush(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiters.push({ version: this.version, resolve, reject });
      void this.commitAll();
    });
  }

  /** One commit at a time. After a failure the next change tries again. */
  private async commitAll(): Promise<void> {
    if (this.isCommitting) return;
    this.isCommitting = true;
    try {
      // `flush` may be called between the end of a commit and here.
      do await this.commit();
      while (this.stored !== this.getSnapshot() || this.waiters[0]);
    } catch (error) {
      this.fail(toParleyError(error, 'STORAGE'));
    } finally {
      this.isCommitting = false;
    }
  }

  private async commit(): Promise<void> {
    const { version } = this;
    const model = this.getSnapshot();
    const rows = await this.write(model).catch((error: unknown) => this.writeAgain(model, error));
    this.stored = model;
    if (rows.size > 0) this.options.onCommit(rows);
    const done = this.waiters.filter((waiter) => waiter.version <= version);
    this.waiters = this.waiters.filter((waiter) => waiter.version > version);
    for (const waiter of done) waiter.resolve();
  }

  /** Returns the difference to the last commit. */
  private async write(model: Model): Promise<Rows> {
    const rows = rowsBetween(this.stored, model);
    const durable = storedRows(rows);
    if (durable.size > 0) await this.options.storage.commit(durable);
    return rows;
  }

  /** A browser may have removed what was stored. */
  private async writeAgain(model: Model, error: unknown): Promise<Rows> {
    const rows = await this.options.storage.reopen?.();
    if (!rows) throw error;
    this.stored = withRows(emptyModel, rows);
    return this.write(model);
  }

  private fail(error: ParleyError): void {
    const failed = this.waiters.splice(0);
    for (const waiter of failed) waiter.reject(error);
    this.options.onError(error);
  }
}
