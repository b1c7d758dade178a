import type { Context, Services } from '../context.ts';
import { onePer } from '../platform/keep.ts';
import { isLoopback, networkOf } from '../platform/network-address.ts';
import { createLimits } from '../platform/rate-limit.ts';

// An office behind one address signs in together; ten addresses that try one account are an attack.
const WIDER = 10;
const REFRESHES_PER_MINUTE = 600;

const wideLimits = onePer(({ settings }: Services) =>
  createLimits({
    loginAccount: { points: WIDER * settings.LOGINS_PER_MINUTE, perSeconds: 60 },
    loginAddress: { points: WIDER * settings.LOGINS_PER_MINUTE, perSeconds: 60 },
    refreshAddress: { points: REFRESHES_PER_MINUTE, perSeconds: 60 },
  }),
);

/**
 * Narrow for one account from one address, wider for the account and for the address. What the narrow one refuses
 * costs the account nothing, so nobody can lock its owner out from a single address.
 * @throws RateLimitedError
 */
export async function spendLogin({ node, ip }: Context, name: string): Promise<void> {
  const [account, address] = [name.toLowerCase(), networkOf(ip)];
  if (!isOwnMachine(node, ip)) await wideLimits(node).spend('loginAddress', address);
  await node.limits.spend('login', `${address} ${account}`);
  await wideLimits(node).spend('loginAccount', account);
}

/**
 * For whoever has an access token and tries passwords with it.
 * @throws RateLimitedError
 */
export function spendPasswordCheck({ node }: Context, userId: number): Promise<void> {
  return node.limits.spend('login', `user ${userId}`);
}

/** @throws RateLimitedError */
export async function spendRegistration({ node, ip }: Context): Promise<void> {
  if (!isOwnMachine(node, ip)) await node.limits.spend('register', networkOf(ip));
}

/**
 * Also for tokens that nobody knows, before they are looked up. A request with a good access token is not held up by
 * what others do at its address.
 * @throws RateLimitedError
 */
export async function spendRefreshOfAddress({ node, ip, viewer }: Context): Promise<void> {
  if (viewer) return;
  if (!isOwnMachine(node, ip)) await wideLimits(node).spend('refreshAddress', networkOf(ip));
}

/** @throws RateLimitedError */
export function spendRefreshOfSession({ node }: Context, sessionId: number): Promise<void> {
  return node.limits.spend('refresh', sessionId);
}

/** Development and tests play many people from one machine. */
function isOwnMachine({ settings }: Services, ip: string): boolean {
  return !settings.isProduction && isLoopback(ip);
}
