import type { Transform, Watcher } from './proxy.ts';

// The named statements that post: a connection sends their names once, with their text.
const PARSED = /(s[0-9a-f]{20})\0[^\0]*\b(?:post_one|make_changes)\(/;
// ReadyForQuery, idle: the call has committed.
const READY = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);

/**
 * Watches a node's link to PostgreSQL and sees when a post has committed. A crash between the commit and the answer to
 * the node leaves a message that is not announced.
 */
export class CommitWatch implements Watcher {
  /** Called once with the next commit of a post; the node has not heard of it, and does not while this keeps it. */
  private onCommit: (() => void) | null = null;
  private readonly names = new Set<string>();

  /** Resolves at the next commit of a post. The answer is dropped: the caller kills the node. */
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
