import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { hash, parseOptions, verify } from '@node-rs/argon2';
import { refuse } from './errors.ts';
import { Gate } from './gate.ts';

// The least that OWASP asks of argon2id: 19 MiB and two passes for each hash. argon2id is the package's default.
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

// A hash keeps a core busy for some 25 ms. libuv has four threads; one stays free for files and host names.
const MAX_AT_ONCE = 3;

// Some seconds of work for each core. Who comes later than that is better told at once.
const MAX_WAITING = 200;

/** Hashes of passwords: argon2id, never more at once than there are cores to compute them. */
export class Passwords {
  private readonly concurrency = Math.min(availableParallelism(), MAX_AT_ONCE);
  private readonly gate = new Gate(this.concurrency);
  private pending = 0;
  private readonly nobodys = impossibleHash();

  /** @throws UnavailableError when too many wait already */
  hash(password: string): Promise<string> {
    return this.inTurn(() => hash(password, COST));
  }

  /**
   * Whether the password belongs to the hash. Without a hash it takes as long, so that the time does not tell whether
   * there is an account.
   * @throws UnavailableError when too many wait already
   */
  async verify(stored: string | null, password: string): Promise<boolean> {
    const matches = await this.inTurn(() => verify(stored ?? this.nobodys, password));
    return matches && stored !== null;
  }

  /** Whether a hash was made more cheaply than hashes are made now. */
  isWeak(stored: string): boolean {
    const { memoryCost, timeCost, parallelism } = parseOptions(stored);
    return memoryCost < COST.memoryCost || timeCost < COST.timeCost || parallelism < COST.parallelism;
  }

  private async inTurn<Result>(task: () => Promise<Result>): Promise<Result> {
    if (this.pending >= this.concurrency + this.concurrency * MAX_WAITING) {
      throw refuse('UNAVAILABLE', 'Too many sign in at this moment.', { retryAfterMs: 2_000 });
    }
    this.pending++;
    try {
      return await this.gate.run(task);
    } finally {
      this.pending--;
    }
  }
}

/** Costs as much to check as any other, and no password is known for it. */
function impossibleHash(): string {
  const unpadded = (bytes: number) => randomBytes(bytes).toString('base64').replaceAll('=', '');
  const { memoryCost, timeCost, parallelism } = COST;
  return `$argon2id$v=19$m=${memoryCost},t=${timeCost},p=${parallelism}$${unpadded(16)}$${unpadded(32)}`;
}
