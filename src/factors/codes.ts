import { createHash, randomBytes } from 'node:crypto';
import { generateSecret, generateURI, verifySync } from 'otplib/functional';
import { invalid } from '../platform/errors.ts';

const PERIOD_SECONDS = 30;
/** Clocks of phones differ: the code before and the code after are accepted, too. */
const TOLERANCE_SECONDS = PERIOD_SECONDS;
/** The name of the service in apps that show codes. */
const ISSUER = 'Parley';

export const RECOVERY_CODES = 10;
const RECOVERY_LETTERS = 'abcdefghijklmnopqrstuvwxyz234567';
const RECOVERY_LENGTH = 16;
const MAX_CODE = 64;

/** A secret for an app, of 160 random bits in base32, and the address that its QR code contains. */
export function newTotp(username: string): { readonly secret: string; readonly uri: string } {
  const secret = generateSecret();
  return { secret, uri: generateURI({ issuer: ISSUER, label: username, secret }) };
}

/** Returns the time step of a code of six digits, near the present one; null for a wrong code. */
export function stepOf(secret: string, token: string): number | null {
  const result = verifySync({ secret, token, epochTolerance: TOLERANCE_SECONDS });
  return result.valid && 'timeStep' in result ? result.timeStep : null;
}

/** Recovery codes of 80 random bits, in groups of four characters. */
export function newRecoveryCodes(): string[] {
  return Array.from({ length: RECOVERY_CODES }, () => {
    const letters = Array.from(randomBytes(RECOVERY_LENGTH), (byte) => RECOVERY_LETTERS[byte % 32]);
    return letters.join('').match(/.{4}/g)?.join('-') ?? '';
  });
}

/** The form in which recovery codes are stored. They are random, so a fast hash is enough. */
export function recoveryHash(code: string): Buffer {
  return createHash('sha256').update(bare(code)).digest();
}

/** What a user has entered: a code of an app, or a recovery code. */
export type EnteredCode = { readonly totp: string } | { readonly recovery: string };

/** Ignores spaces, hyphens and case. @throws ValidationError for a text that is no code */
export function enteredCode(text: string, path: string): EnteredCode {
  const code = text.length <= MAX_CODE ? bare(text) : '';
  if (/^\d{6}$/.test(code)) return { totp: code };
  if (/^[a-z2-7]{16}$/.test(code)) return { recovery: code };
  throw invalid(path, 'A code has six digits. A recovery code has 16 letters and digits.');
}

const bare = (text: string) => text.replaceAll(/[\s-]/g, '').toLowerCase();
