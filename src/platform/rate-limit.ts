import { BurstyRateLimiter, RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { refuse } from './errors.ts';

/** A steady rate, and a burst on top of it that refills every ten seconds. */
export interface Rate {
  readonly points: number;
  readonly perSeconds: number;
  readonly burst?: number;
}

/** Spends from a bucket. Buckets are local to the node: a decision never waits for anything. */
export interface Limits<Name extends string> {
  /** @throws RateLimitedError with the time to wait */
  spend(name: Name, who: string | number): Promise<void>;
}

function limiterOf(name: string, { points, perSeconds, burst }: Rate): RateLimiterMemory | BurstyRateLimiter {
  const steady = new RateLimiterMemory({ keyPrefix: name, points, duration: perSeconds });
  if (!burst) return steady;
  return new BurstyRateLimiter(
    steady,
    new RateLimiterMemory({ keyPrefix: `${name}+`, points: burst, duration: 10 }),
  );
}

export function createLimits<Name extends string>(rates: Record<Name, Rate>): Limits<Name> {
  const limiters = new Map(Object.entries<Rate>(rates).map(([name, rate]) => [name, limiterOf(name, rate)]));
  return {
    async spend(name, who) {
      try {
        await limiters.get(name)?.consume(who);
      } catch (answer) {
        if (!(answer instanceof RateLimiterRes)) throw answer;
        throw refuse('RATE_LIMITED', undefined, {
          retryAfterMs: Math.max(1, Math.ceil(answer.msBeforeNext)),
        });
      }
    },
  };
}
