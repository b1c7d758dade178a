import { randomBytes } from 'node:crypto';
import { checkedDisplayName, checkedEmail, checkedUsername } from '../accounts/credentials.ts';
import type { Services } from '../context.ts';
import { invalid, Refusal } from '../platform/errors.ts';

type Issuer = Services['settings']['ISSUERS'][number];
type Claims = Readonly<Record<string, unknown>>;

/** A user of an issuer, with what the issuer claims of the user. */
export interface ExternalUser {
  readonly issuer: Issuer;
  /** Never changes. */
  readonly subject: string;
  /** As the issuer spells it; null if it claims none. */
  readonly username: string | null;
  readonly displayName: string | null;
  /** Null unless the issuer has verified it. */
  readonly email: string | null;
}

/** Other characters could look like each other, or become the same in the database. */
const SUBJECT = /^[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$/;

export const isSubject = (text: string) => SUBJECT.test(text);

/**
 * Reads the claims of a token that was verified. Names and addresses that users cannot have count as missing. Returns null
 * without a usable subject.
 */
export function externalUserOf(issuer: Issuer, claims: Claims): ExternalUser | null {
  const { username, displayName, email, emailVerified } = issuer.claims;
  const subject = textIn(claims, 'sub');
  if (subject === null || !isSubject(subject)) return null;
  const isVerified = claims[emailVerified] === true;
  return {
    issuer,
    subject,
    username: textIn(claims, username),
    displayName: usable(textIn(claims, displayName), checkedDisplayName),
    email: isVerified ? usable(textIn(claims, email), checkedEmail) : null,
  };
}

/** Long texts are no names. */
const MAX_CLAIM = 1_000;

function textIn(claims: Claims, name: string): string | null {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
  return typeof value === 'string' && value.length <= MAX_CLAIM ? value : null;
}

function usable(text: string | null, check: (text: string) => string): string | null {
  try {
    return text === null ? null : check(text);
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}

// -- usernames ---------------------------------------------------------------------------------

const MAX_USERNAME = 50;
const MIN_USERNAME = 3;
/** How often a number is added to a name that is taken. */
const NUMBERED = 9;
const CODE_BYTES = 6;

/**
 * The usernames that a new user may get, the best first: nobody can take the last one before. With `exact` it is the claimed one,
 * with the prefix of the issuer.
 * @throws ValidationError if that is no username
 */
export function usernamesFor({ issuer, username }: ExternalUser): readonly string[] {
  const { usernames, usernamePrefix } = issuer;
  if (usernames === 'exact') {
    if (!username) throw invalid('input.token', 'The issuer names no username.');
    return [checkedUsername(usernamePrefix + username, 'input.token')];
  }
  const made = usernamePrefix + fittingName(username ?? '');
  const unique = `${usernamePrefix}user-${randomBytes(CODE_BYTES).toString('hex')}`;
  const base = made.slice(0, MAX_USERNAME - 2);
  const numbered = Array.from({ length: NUMBERED - 1 }, (_, index) => `${base}-${index + 2}`);
  const candidates = made.length < MIN_USERNAME ? [] : [made.slice(0, MAX_USERNAME), ...numbered];
  return [...candidates, unique].filter((name) => usable(name, checkedUsername) !== null);
}

/** Without the domain of an address, and with `-` in place of what usernames cannot have. */
function fittingName(name: string): string {
  const [local = ''] = name.split('@', 1);
  const letters = local.normalize('NFKD').replaceAll(/\p{M}/gu, '');
  return letters.replaceAll(/[^A-Za-z0-9_]+/g, '-').replaceAll(/^-|-$/g, '');
}
