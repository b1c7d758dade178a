import { Semaphore } from '../../platform/semaphore.ts';
import type { RoomEvent } from '../kinds.ts';

/** Maximum of concurrent reads of pages. */
const CONCURRENT = 16;
const FRESH_MS = 1_000;
const MAX_PAGES = 256;

type Page = readonly RoomEvent[];

/**
 * Pages of the log for returning readers. Many clients return at once from the same position: a recent page is read
 * once for all of them and, because they get the same objects, rendered once. A page does not become outdated, because
 * later events have later numbers.
 */
export class Replays {
  private readonly reads = new Semaphore({ limit: CONCURRENT });
  private readonly pages = new Map<string, Promise<Page>>();

  /**
   * Returns the result of `read`, or a recent one under the same key. Few reads run at a time, so that no reader
   * starves.
   */
  get(key: string, read: () => Promise<RoomEvent[]>): Promise<Page> {
    const known = this.pages.get(key);
    if (known) return known;
    const page = this.reads.run(read);
    if (this.pages.size < MAX_PAGES) this.keep(key, page);
    return page;
  }

  private keep(key: string, page: Promise<Page>): void {
    this.pages.set(key, page);
    const forget = () => this.pages.delete(key);
    page.then(
      // An empty page may not be empty any more.
      (events) => (events.length > 0 ? setTimeout(forget, FRESH_MS).unref() : forget()),
      forget,
    );
  }
}
