import { z } from 'zod';
import { isReadableName, UNREADABLE_NAME } from '../platform/characters.ts';
import { invalid } from '../platform/errors.ts';
import { hasInvisible, mixesScripts } from '../platform/lookalikes.ts';

const MAX_EMAIL = 255;
const MAX_DISPLAY_NAME = 100;
/** Names by which messages mention several members: no user can have one. In lower case. */
const RESERVED_NAMES = ['room', 'here', 'owners', 'admins', 'moderators'] as const;
export type ReservedName = (typeof RESERVED_NAMES)[number];

/** Usernames of guests begin with it: an event contains the name, but no field for guests. */
const GUEST_PREFIX = 'guest-';
const GUEST_NAME = /^guest-[a-z2-7]{16}$/;

/** Makes the username of a guest from 16 random bytes. No account can register it. */
export const guestName = (random: Uint8Array) => {
  const letters = 'abcdefghijklmnopqrstuvwxyz234567';
  return GUEST_PREFIX + Array.from(random.subarray(0, 16), (byte) => letters[byte % 32]).join('');
};

export const isGuestName = (username: string) => GUEST_NAME.test(username);

/** Characters as people count them: code points. */
export const lengthOf = (text: string) => Array.from(text).length;

/**
 * Returns the lower-case form in which usernames and e-mail addresses are compared, as in the database. Both contain
 * only ASCII, so other letters stay unchanged.
 */
export function foldedName(usernameOrEmail: string): string {
  return usernameOrEmail.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** Every check takes the path of the input field for its refusal. @throws ValidationError */

export function checkedUsername(username: string, path = 'input.username'): string {
  if (!/^[A-Za-z0-9_-]{3,50}$/.test(username)) {
    throw invalid(path, 'A username must have 3 to 50 characters: letters without accents, digits, _ and -.');
  }
  const folded = foldedName(username);
  if (RESERVED_NAMES.some((name) => name === folded) || folded.startsWith(GUEST_PREFIX))
    throw invalid(path, 'This username is reserved.');
  return username;
}

export function checkedEmail(email: string, path = 'input.email'): string {
  // The length comes first, to keep the pattern away from long texts.
  if (email.length > MAX_EMAIL || !z.email().safeParse(email).success)
    throw invalid(path, 'The e-mail address is not valid.');
  return email;
}

/** Returns the name without white space around it. */
export function checkedDisplayName(displayName: string, path = 'input.displayName'): string {
  const trimmed = displayName.trim();
  if (trimmed === '' || lengthOf(trimmed) > MAX_DISPLAY_NAME) {
    throw invalid(path, `A display name must have 1 to ${MAX_DISPLAY_NAME} characters.`);
  }
  if (!isReadableName(trimmed)) throw invalid(path, UNREADABLE_NAME);
  if (hasInvisible(trimmed)) throw invalid(path, 'A display name cannot contain invisible characters.');
  if (mixesScripts(trimmed))
    throw invalid(path, 'A word of a display name cannot mix letters of scripts such as Latin and Cyrillic.');
  return trimmed;
}

/** Checks the name of an account. It refuses only values that no account can have, so the answer reveals nothing. */
export function checkUsernameOrEmail(usernameOrEmail: string, path = 'input.usernameOrEmail'): void {
  if (usernameOrEmail === '' || usernameOrEmail.length > MAX_EMAIL)
    throw invalid(path, `A username or e-mail address must have 1 to ${MAX_EMAIL} characters.`);
}
