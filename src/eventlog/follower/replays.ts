import { Semaphore } from '../../platform/semaphore.ts';
import type { RoomEvent } from '../kinds.ts';

/** Pages that are read at once. */
const CONCURRENT = 16;
const FRESH_MS = 1_000;
const MAX_PAGES = 256;

type Page = readonly RoomEvent[];

/**
 * Pages of the log for readers that come back. Returns come in storms, of clients that stood at the same place: a page
 * that was read a moment ago is read for all of them, and because they get the same objects, it is rendered once, too.
 * A page does not grow old: what happened since has numbers of its own behind it.
 */
export class Replays {
  private readonly reads = new Semaphore({ limit: CONCURRENT });
  private readonly pages = new Map<string, Promise<Page>>();

  /** What `read` gives, or gave a moment ago under the same key. A few are read at a time, so that nobody starves. */
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
      // What was empty may not be so any more.
      (events) => (events.length > 0 ? setTimeout(forget, FRESH_MS).unref() : forget()),
      forget,
    );
  }
}
