import { z } from 'zod';
import { isReadableName, UNREADABLE_NAME } from '../platform/characters.ts';
import { invalid } from '../platform/errors.ts';

const PASSWORD = { min: 8, max: 256 };
const MAX_EMAIL = 255;
const MAX_DISPLAY_NAME = 100;

/** Characters as people count them: code points. */
const lengthOf = (text: string) => Array.from(text).length;

/**
 * The lower-case form in which usernames and e-mail addresses are compared, as the database does. Both consist of ASCII
 * only, so other letters are left alone.
 */
export function foldedName(usernameOrEmail: string): string {
  return usernameOrEmail.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** Every check takes the path of the field in the input, and refuses with it: @throws ValidationError */

export function checkedUsername(username: string, path = 'input.username'): string {
  if (!/^[A-Za-z0-9_-]{3,50}$/.test(username)) {
    throw invalid(path, 'A username must have 3 to 50 characters: letters without accents, digits, _ and -.');
  }
  return username;
}

export function checkedEmail(email: string, path = 'input.email'): string {
  // The length first: the pattern should not see a novel.
  if (email.length > MAX_EMAIL || !z.email().safeParse(email).success)
    throw invalid(path, 'The e-mail address is not valid.');
  return email;
}

export function checkedPassword(password: string, path = 'input.password'): string {
  const length = lengthOf(password);
  if (length < PASSWORD.min || length > PASSWORD.max || password.trim() === '') {
    throw invalid(
      path,
      `A password must have ${PASSWORD.min} to ${PASSWORD.max} characters, at least one of them not a space.`,
    );
  }
  return password;
}

/** Without white space around it. */
export function checkedDisplayName(displayName: string, path = 'input.displayName'): string {
  const trimmed = displayName.trim();
  if (trimmed === '' || lengthOf(trimmed) > MAX_DISPLAY_NAME) {
    throw invalid(path, `A display name must have 1 to ${MAX_DISPLAY_NAME} characters.`);
  }
  if (!isReadableName(trimmed)) throw invalid(path, UNREADABLE_NAME);
  return trimmed;
}

/** What somebody tries to sign in with. Only what could be nobody's is refused here, so the answer gives nothing away. */
export function checkedLogin(input: { usernameOrEmail: string; password: string }): void {
  const { usernameOrEmail, password } = input;
  if (usernameOrEmail === '' || usernameOrEmail.length > MAX_EMAIL) {
    throw invalid(
      'input.usernameOrEmail',
      `A username or e-mail address must have 1 to ${MAX_EMAIL} characters.`,
    );
  }
  checkPasswordLength(password, 'input.password');
}

/** A password that is compared, whatever the rules were when it was chosen. */
export function checkPasswordLength(password: string, path: string): void {
  if (lengthOf(password) > PASSWORD.max)
    throw invalid(path, `A password can have at most ${PASSWORD.max} characters.`);
}
