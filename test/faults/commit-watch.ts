import type { Transform, Watcher } from './proxy.ts';

// The named statements that post: their names are told once per connection, with their text.
const PARSED = /(s[0-9a-f]{20})\0[^\0]*\b(?:post_one|make_changes)\(/;
// ReadyForQuery, idle: what was called has committed.
const READY = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);

/**
 * Sits on a node's link to PostgreSQL and sees when a post has committed: the moment after the commit and before the
 * node hears of it is where a crash leaves a message that nobody announced.
 */
export class CommitWatch implements Watcher {
  /** Called once with the next commit of a post; the node has not heard of it, and does not while this keeps it. */
  private onCommit: (() => void) | null = null;
  private readonly names = new Set<string>();

  /** Resolves at the next commit of a post. The answer is swallowed: whoever asked for this kills the node. */
  next(then: () => void): void {
    this.onCommit = then;
  }

  disarm(): void {
    this.onCommit = null;
  }

  attach(): { outward: Transform; inward: Transform } {
    let isPosting = false;
    const outward = (chunk: Buffer) => {
      const text = chunk.toString('latin1');
      const name = PARSED.exec(text)?.[1];
      if (name) this.names.add(name);
      if ([...this.names].some((known) => text.includes(`\0${known}\0`))) isPosting = true;
      return chunk;
    };
    const inward = (chunk: Buffer) => {
      if (!isPosting || !chunk.subarray(-READY.length).equals(READY)) return chunk;
      isPosting = false;
      const then = this.onCommit;
      this.onCommit = null;
      then?.();
      return then ? null : chunk;
    };
    return { outward, inward };
  }
}
