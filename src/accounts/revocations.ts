import type { Services } from '../context.ts';
import { memo } from '../platform/memo.ts';
import { listRevoked } from './sessions.store.ts';
import { CLOCK_TOLERANCE_SECONDS } from './tokens.ts';

type Listener = (sessionId: number) => void;

// Streams end within two seconds of a revocation, so a read every second is answered or aborted in time. Jitter spreads
// the reads of nodes that were started together.
const CHECK_MS = 1_000;
const JITTER_MS = 200;
const PATIENCE_MS = 5_000;
// Times are taken before a commit, by another clock, so each read overlaps the last one.
const OVERLAP_SECONDS = 60;

/**
 * The revoked sessions whose access tokens have not expired yet. Access tokens are verified without the database, so a
 * node reads revoked sessions every second and remembers each until its last access token has expired.
 */
class Revocations {
  private readonly node: Pick<Services, 'db' | 'log'>;
  private readonly memorySeconds: number;
  /** Session to the time when it can be removed, in ms of `performance.now()`; the oldest come first. */
  private readonly forgettable = new Map<number, number>();
  private readonly listeners = new Set<Listener>();
  private timer: NodeJS.Timeout | undefined;
  private check: Promise<void> | undefined;
  private isClosed = false;
  private isFailing = false;
  private answeredAt = Number.NEGATIVE_INFINITY;

  constructor(node: Pick<Services, 'db' | 'log' | 'settings'>) {
    this.node = node;
    this.memorySeconds = node.settings.ACCESS_TOKEN_TTL_SECONDS + 2 * CLOCK_TOLERANCE_SECONDS;
  }

  /** Resolves after the first read: from then on a revoked session is refused. */
  start(): Promise<void> {
    this.check ??= this.keepChecking();
    return this.check;
  }

  async close(): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.timer);
    await this.check;
  }

  isRevoked(sessionId: number): boolean {
    return this.forgettable.has(sessionId);
  }

  /** Calls the listener once for each session that is newly found revoked. Returns a function that ends this. */
  onRevoked(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Applies the node's own revocations at once; other nodes read them. */
  announce(sessionIds: readonly number[]): void {
    const until = performance.now() + this.memorySeconds * 1_000;
    for (const sessionId of sessionIds) {
      if (this.forgettable.has(sessionId)) continue;
      this.forgettable.set(sessionId, until);
      for (const listener of this.listeners) this.tell(listener, sessionId);
    }
  }

  private tell(listener: Listener, sessionId: number): void {
    try {
      listener(sessionId);
    } catch (error) {
      this.node.log.error({ err: error, sessionId }, 'could not end a revoked session');
    }
  }

  private async keepChecking(): Promise<void> {
    await this.read();
    this.forget();
    if (this.isClosed) return;
    const next = () => {
      this.check = this.keepChecking();
    };
    this.timer = setTimeout(next, CHECK_MS - Math.random() * JITTER_MS).unref();
  }

  private async read(): Promise<void> {
    const askedAt = performance.now();
    const sinceLast = (askedAt - this.answeredAt) / 1_000;
    try {
      const revoked = listRevoked(
        this.node.db.tail,
        Math.min(this.memorySeconds, sinceLast + OVERLAP_SECONDS),
      );
      this.announce(await inTime(revoked));
      this.answeredAt = askedAt;
      if (this.isFailing) this.node.log.info('revoked sessions can be read again');
      this.isFailing = false;
    } catch (error) {
      if (!this.isFailing)
        this.node.log.warn(
          { err: (error as Error).message },
          'revoked sessions cannot be read; trying again',
        );
      this.isFailing = true;
    }
  }

  private forget(): void {
    const now = performance.now();
    for (const [sessionId, until] of this.forgettable) {
      if (until > now) return;
      this.forgettable.delete(sessionId);
    }
  }
}

/** Rejects after a deadline: a connection that hangs never answers. */
async function inTime<Answer>(answer: Promise<Answer>): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), PATIENCE_MS);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

export const revocationsOf = memo((node: Services) => new Revocations(node));

/** Starts the revocations of this node. The caller closes them before the database. */
export async function startRevocations(node: Services): Promise<Revocations> {
  const revocations = revocationsOf(node);
  await revocations.start();
  return revocations;
}
