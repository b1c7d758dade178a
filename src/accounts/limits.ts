import type { Context, Services } from '../context.ts';
import { RateLimitedError } from '../platform/errors.ts';
import { memo } from '../platform/memo.ts';
import { isLoopback, networkOf } from '../platform/network-address.ts';
import { createLimits } from '../platform/rate-limit.ts';

// Many users of an office sign in from one address, but ten addresses that try one account are an attack.
const WIDER = 10;
const REFRESHES_PER_MINUTE = 600;
/** Starts and ends of sign-ins with passkeys, of one network: each start stores a challenge. */
export const PASSKEY_STEPS_PER_MINUTE = 60;

const wideLimits = memo(({ settings }: Services) =>
  createLimits({
    loginAccount: { points: WIDER * settings.LOGINS_PER_MINUTE, perSeconds: 60 },
    loginAddress: { points: WIDER * settings.LOGINS_PER_MINUTE, perSeconds: 60 },
    tokenAddress: { points: WIDER * settings.LOGINS_PER_MINUTE, perSeconds: 60 },
    loginKnown: { points: settings.LOGINS_PER_MINUTE, perSeconds: 60 },
    refreshAddress: { points: REFRESHES_PER_MINUTE, perSeconds: 60 },
    challengeAddress: { points: WIDER * settings.LOGINS_PER_MINUTE, perSeconds: 60 },
    passkeyAddress: { points: PASSKEY_STEPS_PER_MINUTE, perSeconds: 60 },
    code: { points: settings.SECOND_FACTOR_CODES_PER_HOUR, perSeconds: 3_600 },
    knownCode: { points: settings.SECOND_FACTOR_CODES_PER_HOUR, perSeconds: 3_600 },
  }),
);

/** The account, or the unknown name, of an attempt to sign in. */
export interface LoginTarget {
  /** The name as it was typed, folded. */
  readonly name: string;
  /** The account, whether it was named by username or e-mail; the name itself if no account has it. */
  readonly key: string;
  /** The account was used from this network before. */
  readonly isKnownNetwork: boolean;
}

/**
 * Spends a narrow limit for the name from this network, and wide ones for the account and for the network. The narrow one is
 * not that of the account: it would show whether a username and an e-mail address have the same one. From a known network the wide ones do not throw, but return the refusal, which then answers a wrong password. So answers do
 * not reveal which networks are known.
 * @throws RateLimitedError
 */
export async function spendLogin(
  { node, ip }: Context,
  { name, key, isKnownNetwork }: LoginTarget,
): Promise<RateLimitedError | null> {
  const network = networkOf(ip);
  const wide = wideLimits(node);
  const passes = async (spending: Promise<void>) => {
    const refusal = await refusalOf(spending);
    if (refusal && !isKnownNetwork) throw refusal;
    return refusal;
  };
  const ofNetwork = isOwnMachine(node, ip) ? null : await passes(wide.spend('loginAddress', network));
  // A separate limiter: clients from unknown networks could fill the memory of the other one.
  if (isKnownNetwork) await wide.spend('loginKnown', `${network} ${name}`);
  else await node.limits.spend('login', `${network} name ${name}`);
  return (await passes(wide.spend('loginAccount', key))) ?? ofNetwork;
}

async function refusalOf(spending: Promise<void>): Promise<RateLimitedError | null> {
  try {
    await spending;
    return null;
  } catch (error) {
    if (error instanceof RateLimitedError) return error;
    throw error;
  }
}

/** Limits tokens of issuers, also wrong ones, and sign-ins with OpenID providers. @throws RateLimitedError */
export async function spendIssuedToken({ node, ip }: Context): Promise<void> {
  if (!isOwnMachine(node, ip)) await wideLimits(node).spend('tokenAddress', networkOf(ip));
}

/** Limits sign-ins with one identity, which was proved. @throws RateLimitedError */
export function spendIdentity({ node }: Context, key: string): Promise<void> {
  return node.limits.spend('login', key);
}

/**
 * Limits the passwords that the holder of an access token may try.
 * @throws RateLimitedError
 */
export function spendPasswordCheck({ node }: Context, userId: number): Promise<void> {
  return node.limits.spend('login', `user ${userId}`);
}

/** Limits second steps of sign-ins, also with challenges that do not exist. @throws RateLimitedError */
export async function spendChallenge({ node, ip }: Context): Promise<void> {
  if (!isOwnMachine(node, ip)) await wideLimits(node).spend('challengeAddress', networkOf(ip));
}

/** Limits starts and ends of sign-ins with passkeys. @throws RateLimitedError */
export async function spendPasskey({ node, ip }: Context): Promise<void> {
  if (!isOwnMachine(node, ip)) await wideLimits(node).spend('passkeyAddress', networkOf(ip));
}

/**
 * Limits the codes of an app that may be tried for one account: there are only a million. Only somebody with the password gets
 * here. Who guesses from elsewhere does not use up the attempts of the owner in a known network or a session.
 * @throws RateLimitedError
 */
export function spendCode(
  { node, ip }: Context,
  userId: number,
  from: 'elsewhere' | 'known network' | 'session',
): Promise<void> {
  const wide = wideLimits(node);
  if (from === 'elsewhere') return wide.spend('code', userId);
  return wide.spend('knownCode', from === 'session' ? `${userId}` : `${userId} ${networkOf(ip)}`);
}

/** @throws RateLimitedError */
export async function spendRegistration({ node, ip }: Context): Promise<void> {
  if (!isOwnMachine(node, ip)) await node.limits.spend('register', networkOf(ip));
}

/** Limits how many guests join, also with codes that do not exist. @throws RateLimitedError */
export async function spendGuest({ node, ip }: Context): Promise<void> {
  if (!isOwnMachine(node, ip)) await node.limits.spend('guest', networkOf(ip));
}

/** Limits previews of invites, also with codes that do not exist. @throws RateLimitedError */
export async function spendInvitePreview({ node, ip }: Context): Promise<void> {
  await node.limits.spend('invite', networkOf(ip));
}

/**
 * Limits requests that send a mail: of one network, of all signed-in users, and of all other clients. The limits of an address and of an account are those of the job
 * that sends the mail: here they would show whether there is an account.
 * @throws RateLimitedError
 */
export async function spendMail({ node, ip, viewer }: Context): Promise<void> {
  if (!isOwnMachine(node, ip)) await node.limits.spend('mail', networkOf(ip));
  await node.limits.spend('mails', viewer ? 'users' : 'others');
}

/** Limits tokens of mails, also wrong ones. @throws RateLimitedError */
export async function spendMailToken({ node, ip }: Context): Promise<void> {
  if (!isOwnMachine(node, ip)) await node.limits.spend('mailToken', networkOf(ip));
}

/**
 * Also limits unknown tokens, before they are looked up. Other clients at an address do not delay a request with a
 * valid access token.
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

/** In development and tests, many users come from one machine. */
function isOwnMachine({ settings }: Services, ip: string): boolean {
  return !settings.isProduction && isLoopback(ip);
}
