import type { Services } from '../context.ts';
import type { Sql } from '../platform/db.ts';
import { startHourly } from '../platform/hourly.ts';
import {
  purgeExchangedTokens,
  purgeKnownNetworks,
  purgeOneTimeTokens,
  purgeSessions,
} from './retention.store.ts';

const DAY_MS = 86_400_000;
// Longer than any access token lives: as long, every node has to find a session revoked.
const KEPT_DAYS = 7;
const NETWORKS_KEPT_DAYS = 90;

/**
 * Deletes what has ended for good. An exchanged refresh token that comes back reveals a theft, so it is kept for as
 * long as it could have been used had nobody exchanged it.
 */
export async function purgeAccounts(sql: Sql, refreshTokenDays: number, now = Date.now()): Promise<number> {
  const daysAgo = (days: number) => new Date(now - days * DAY_MS);
  const tokens = await purgeExchangedTokens(sql, daysAgo(refreshTokenDays));
  const sessions = await purgeSessions(sql, daysAgo(KEPT_DAYS));
  const networks = await purgeKnownNetworks(sql, daysAgo(NETWORKS_KEPT_DAYS));
  return tokens + sessions + networks + (await purgeOneTimeTokens(sql, daysAgo(KEPT_DAYS)));
}

/** Purges every hour. Returns what stops it. */
export function startAccountRetention({ db, log, settings }: Services): () => void {
  return startHourly(log, {
    run: () => purgeAccounts(db.tail, settings.REFRESH_TOKEN_TTL_DAYS),
    done: 'sessions and tokens that ended long ago were deleted',
    failed: 'sessions and tokens that ended long ago could not be deleted',
  });
}
