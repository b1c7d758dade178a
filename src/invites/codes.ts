import { randomBytes } from 'node:crypto';
import { hashOf } from '../accounts/tokens.ts';

const CODE_BYTES = 16;

/** 128 random bits, in 22 characters. */
export const newInviteCode = (): string => randomBytes(CODE_BYTES).toString('base64url');

/** The SHA-256 of a code, as the database stores it; null for a text that is no code. */
export function codeHash(code: string): Buffer | null {
  return /^[A-Za-z0-9_-]{22}$/.test(code) ? hashOf(code) : null;
}

/** The code is in the fragment, which browsers do not send to servers. */
export const inviteLink = (pageUrl: string, code: string): string => `${pageUrl}#join=${code}`;
