import { isIPv6 } from 'node:net';
import type { Context, Services } from '../context.ts';
import { onePer } from '../platform/keep.ts';
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
 * Also for tokens that nobody knows, before they are looked up.
 * @throws RateLimitedError
 */
export async function spendRefreshOfAddress({ node, ip }: Context): Promise<void> {
  if (!isOwnMachine(node, ip)) await wideLimits(node).spend('refreshAddress', networkOf(ip));
}

/** @throws RateLimitedError */
export function spendRefreshOfSession({ node }: Context, sessionId: number): Promise<void> {
  return node.limits.spend('refresh', sessionId);
}

/** Development and tests play many people from one machine. */
function isOwnMachine({ settings }: Services, ip: string): boolean {
  return !settings.isProduction && /^(::1|(::ffff:)?127\.[\d.]+)$/i.test(ip);
}

/** Whoever has one IPv6 address has a whole /64 of them. */
function networkOf(ip: string): string {
  if (!isIPv6(ip) || ip.includes('.')) return ip.replace(/^::ffff:/i, '');
  const [left = [], right = []] = ip.split('::').map((half) => half.split(':').filter(Boolean));
  const zeros = Array<string>(8 - left.length - right.length).fill('0');
  return [...left, ...zeros, ...right].slice(0, 4).join(':');
}
