import type { Services } from '../context.ts';
import { startHourly } from '../platform/hourly.ts';
import { type RetentionClockOptions, readRetentionClock } from '../platform/retention-clock.ts';
import { DAY_MS } from '../platform/times.ts';
import {
  purgeExchangedTokens,
  purgeKnownNetworks,
  purgeOneTimeTokens,
  purgeSessions,
} from './retention.store.ts';

// Longer than the lifetime of any access token: until then every node must find a session revoked.
const KEPT_DAYS = 7;
const NETWORKS_KEPT_DAYS = 90;

export interface AccountRetentionOptions extends RetentionClockOptions {
  readonly refreshTokenDays: number;
}

/**
 * Deletes ended sessions and used tokens. An exchanged refresh token that is used again reveals a theft, so it is kept
 * until it would have expired.
 */
export async function purgeAccounts(options: AccountRetentionOptions): Promise<number> {
  const { sql, refreshTokenDays } = options;
  const now = await readRetentionClock(options);
  if (!now) return 0;
  const daysAgo = (days: number) => new Date(now.getTime() - days * DAY_MS);
  const tokens = await purgeExchangedTokens(sql, daysAgo(refreshTokenDays));
  const sessions = await purgeSessions(sql, daysAgo(KEPT_DAYS));
  const networks = await purgeKnownNetworks(sql, daysAgo(NETWORKS_KEPT_DAYS));
  return tokens + sessions + networks + (await purgeOneTimeTokens(sql, daysAgo(KEPT_DAYS)));
}

/** Purges every hour. Returns a function that stops it. */
export function startAccountRetention({ db, log, metrics, settings }: Services): () => void {
  const refreshTokenDays = settings.REFRESH_TOKEN_TTL_DAYS;
  return startHourly(log, {
    run: () => purgeAccounts({ sql: db.tail, log, metrics, refreshTokenDays }),
    done: 'sessions and tokens that ended long ago were deleted',
    failed: 'sessions and tokens that ended long ago could not be deleted',
  });
}
