import { isCommonPassword } from '../platform/common-passwords.ts';
import { invalid } from '../platform/errors.ts';
import { lengthOf } from './credentials.ts';

/** In characters as people count them. */
export const PASSWORD = { min: 8, max: 256 };

/** The names of an account, which its password must not be. */
export interface AccountNames {
  readonly username: string;
  readonly displayName?: string | null;
  readonly email?: string | null;
}

/** Compatibility forms and cases of a letter are the same here. */
const folded = (text: string) => text.normalize('NFKC').trim().toLowerCase();

function isName(password: string, { username, displayName, email }: AccountNames): boolean {
  const names = [username, displayName, email, email?.split('@')[0]];
  return names.some((name) => name && folded(name) === folded(password));
}

/** All rules for a new password: whether it breaks the rule, and what the refusal says. The first one counts. */
const rules: readonly {
  readonly says: string;
  readonly isBroken: (password: string, names: AccountNames) => boolean | Promise<boolean>;
}[] = [
  {
    says: `A password must have ${PASSWORD.min} to ${PASSWORD.max} characters, at least one of them not a space.`,
    isBroken: (password) => {
      const length = lengthOf(password);
      return length < PASSWORD.min || length > PASSWORD.max || password.trim() === '';
    },
  },
  {
    says: 'A password must not be the username, the display name or the e-mail address of the account.',
    isBroken: isName,
  },
  {
    says: 'This password is one of the most common ones. Choose one that others do not use.',
    isBroken: (password) => isCommonPassword(folded(password)),
  },
];

/**
 * Checks a password that an account will have. Accounts keep passwords from before a rule.
 * @throws ValidationError that says which rule is broken
 */
export async function checkedNewPassword(
  password: string,
  names: AccountNames,
  path = 'input.password',
): Promise<string> {
  for (const { says, isBroken } of rules) if (await isBroken(password, names)) throw invalid(path, says);
  return password;
}

/** Checks a password for comparison. The rules for new passwords do not apply. */
export function checkPasswordLength(password: string, path: string): void {
  if (lengthOf(password) > PASSWORD.max)
    throw invalid(path, `A password can have at most ${PASSWORD.max} characters.`);
}

/** The description of a new password in the API. */
export const PASSWORD_RULES =
  `${PASSWORD.min} to ${PASSWORD.max} characters, at least one of them not a space. Common passwords are refused, and so are ` +
  'the names of the account.';
