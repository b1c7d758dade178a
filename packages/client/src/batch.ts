import { isTemporary, toParleyError } from './errors.ts';
import { backoffMs, Pauses } from './pause.ts';

/** Ids in one request. */
const MAX_IDS = 100;

/** Reads what several callers ask for together, until the server answers. */
export class Batch {
  private readonly read: (ids: string[]) => Promise<void>;
  private readonly wanted = new Set<string>();
  private readonly asked = new Set<string>();
  private readonly pauses = new Pauses();
  private isRunning = false;
  private isClosed = false;

  /** An id whose answer lacks it may be added again. */
  constructor(read: (ids: string[]) => Promise<void>) {
    this.read = read;
  }

  /** Reads these, unless they are being read. */
  add(ids: readonly string[]): void {
    this.addAgain(ids.filter((id) => !this.asked.has(id)));
  }

  /** Reads these also if they are being read: that answer may be from before a change. */
  addAgain(ids: readonly string[]): void {
    for (const id of ids) this.wanted.add(id);
    if (!this.isRunning && this.wanted.size > 0) void this.run();
  }

  /** Reads these again, and those that are being read. */
  addAll(ids: readonly string[]): void {
    this.addAgain([...ids, ...this.asked]);
  }

  /** Ends the pause after a failure. */
  wake(): void {
    this.pauses.end();
  }

  /** Reads what is asked for from now on only. */
  clear(): void {
    this.wanted.clear();
  }

  /** Reads nothing more. */
  close(): void {
    this.isClosed = true;
    this.pauses.end();
  }

  private async run(): Promise<void> {
    this.isRunning = true;
    await Promise.resolve(); // collects the calls of the same turn
    for (let failures = 0; this.wanted.size > 0 && !this.isClosed; failures++)
      if (await this.readSome([...this.wanted].slice(0, MAX_IDS), failures)) failures = -1;
    this.isRunning = false;
  }

  /** Returns whether it was answered. */
  private async readSome(ids: string[], failures: number): Promise<boolean> {
    for (const id of ids) {
      this.wanted.delete(id);
      this.asked.add(id);
    }
    try {
      await this.read(ids);
      return true;
    } catch (problem) {
      const error = toParleyError(problem);
      if (!isTemporary(error)) return true;
      for (const id of ids) this.wanted.add(id);
      await this.pauses.wait(error.retryAfterMs ?? backoffMs(failures));
      return false;
    } finally {
      for (const id of ids) this.asked.delete(id);
    }
  }
}
