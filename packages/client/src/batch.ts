/** Ids in one request. */
const MAX_IDS = 100;

/** Reads what several callers ask for together, each id once at a time. */
export class Batch {
  private readonly read: (ids: string[]) => Promise<void>;
  private readonly wanted = new Set<string>();
  private readonly asked = new Set<string>();

  /** An id whose request fails, or whose answer lacks it, may be added again. */
  constructor(read: (ids: string[]) => Promise<void>) {
    this.read = read;
  }

  add(ids: readonly string[]): void {
    const isFirst = this.wanted.size === 0;
    for (const id of ids) if (!this.asked.has(id)) this.wanted.add(id);
    if (isFirst && this.wanted.size > 0) queueMicrotask(() => void this.run());
  }

  private async run(): Promise<void> {
    while (this.wanted.size > 0) await this.readSome([...this.wanted].slice(0, MAX_IDS));
  }

  private async readSome(ids: string[]): Promise<void> {
    for (const id of ids) {
      this.wanted.delete(id);
      this.asked.add(id);
    }
    try {
      await this.read(ids);
    } catch {
      // Whoever needs them asks again, and events carry them as well.
    }
    for (const id of ids) this.asked.delete(id);
  }
}
