import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { hash, parseOptions, verify } from '@node-rs/argon2';
import { Semaphore } from './semaphore.ts';

// The minimum of OWASP for argon2id: 19 MiB and two passes for each hash. argon2id is the package's default.
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

// A hash uses a core for some 25 ms. Of libuv's four threads, one stays free for files and host names. One core stays
// free for the event loop, so that a flood of sign-ins does not slow down everything else.
const HASHES_AT_ONCE = Math.max(1, Math.min(availableParallelism() - 1, 3));

// Some seconds of work. Later callers are refused at once.
const MAX_WAITING = 100 * HASHES_AT_ONCE;

/** Hashes passwords with argon2id, a bounded number at once. */
export class Passwords {
  private readonly hashes = new Semaphore({
    limit: HASHES_AT_ONCE,
    maxWaiting: MAX_WAITING,
    tooMany: 'Too many users are signing in right now.',
  });
  private readonly nobodys = impossibleHash();

  /** @throws UnavailableError if too many wait already */
  hash(password: string): Promise<string> {
    return this.hashes.run(() => hash(password, COST));
  }

  /**
   * Whether the password matches the hash. Without a hash it takes equally long, so that the time does not reveal
   * whether the account exists. Urgent calls do not wait for others.
   * @throws UnavailableError if too many wait already
   */
  async verify(stored: string | null, password: string, isUrgent = false): Promise<boolean> {
    const matches = await this.hashes.run(() => verify(stored ?? this.nobodys, password), { isUrgent });
    return matches && stored !== null;
  }

  /** Whether a hash was made with weaker parameters than the current ones. */
  isWeak(stored: string): boolean {
    const { memoryCost, timeCost, parallelism } = parseOptions(stored);
    return memoryCost < COST.memoryCost || timeCost < COST.timeCost || parallelism < COST.parallelism;
  }
}

/** A hash that takes as long to check as any other, and matches no known password. */
function impossibleHash(): string {
  const unpadded = (bytes: number) => randomBytes(bytes).toString('base64').replaceAll('=', '');
  const { memoryCost, timeCost, parallelism } = COST;
  return `$argon2id$v=19$m=${memoryCost},t=${timeCost},p=${parallelism}$${unpadded(16)}$${unpadded(32)}`;
}
