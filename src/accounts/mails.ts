import type { Services } from '../context.ts';
import { refuse } from '../platform/errors.ts';
import type { Mail } from '../platform/mail.ts';
import type { OtherWaysIn } from './email.store.ts';

type Settings = Services['settings'];

export const sendsMail = ({ settings }: Pick<Services, 'settings'>): boolean =>
  settings.SMTP_URL !== undefined;

/** @throws PermissionDeniedError on a server without mail, for every user */
export function requireMail(node: Pick<Services, 'settings'>): void {
  if (!sendsMail(node)) throw refuse('PERMISSION_DENIED', 'This server sends no mail. Ask its operator.');
}

/** The page that uses a token. Browsers do not send the fragment, so no log of a server has the token. */
export const linkOf = (settings: Settings, action: 'verify' | 'reset', token: string): string =>
  `${pageOf(settings)}#${action}=${token}`;

const pageOf = ({ PUBLIC_URL, PORT }: Settings) => PUBLIC_URL ?? `http://localhost:${PORT}/`;

// Mails contain usernames, which have only letters, digits, _ and -. Display names could contain somebody's advertisement.

type Letter = Omit<Mail, 'to'>;

const letter = (settings: Settings, subject: string, ...lines: string[]): Letter => ({
  subject,
  text: `${lines.join('\n\n')}\n\n-- \n${pageOf(settings)}\n`,
});

export const verificationLetter = (settings: Settings, username: string, token: string): Letter =>
  letter(
    settings,
    'Verify your e-mail address',
    `The account ${username} has this e-mail address. If it is yours, open this link within 24 hours:`,
    linkOf(settings, 'verify', token),
    'If you do not know this account, ignore this mail: who created it can sign in to it, also after you have opened the link.',
  );

/** For one account, or for several that name an address which nobody has verified. */
export const resetLetter = (
  settings: Settings,
  links: readonly { username: string; token: string }[],
): Letter =>
  letter(
    settings,
    'Choose a new password',
    ...links.flatMap(({ username, token }) => [
      `Somebody wants a new password for the account ${username}. If that was you, open this link within an hour:`,
      linkOf(settings, 'reset', token),
    ]),
    'All devices of the account are signed out then. If it was not you, ignore this mail: nothing changes.',
  );

export const addressInUseLetter = (settings: Settings, owner: string, other: string): Letter =>
  letter(
    settings,
    'Your e-mail address was used for another account',
    `Somebody gave your e-mail address for the account ${other}. It belongs to your account ${owner}, so ${other} does not get it.`,
    `If that was you, sign in as ${owner}. If you do not know the password any more, choose a new one on the sign-in page. ` +
      'If it was not you, ignore this mail.',
  );

export const changeLetter = (settings: Settings, username: string): Letter =>
  letter(
    settings,
    'Your e-mail address is about to change',
    `Somebody who knows the password of the account ${username} wants to give it another e-mail address. It changes when that ` +
      'address is verified.',
    'If that was not you, choose a new password on the sign-in page now. This also stops the change.',
  );

export const changedLetter = (settings: Settings, username: string): Letter =>
  letter(
    settings,
    'Your e-mail address has changed',
    `The account ${username} has another e-mail address now.`,
    'If you did not expect that, ask the operators of the server.',
  );

/** Changes of what an account signs in with, and how mails describe them. */
export const securityChanges = {
  'password-changed': { subject: 'Your password was changed', says: 'has a new password' },
  'app-added': {
    subject: 'An authenticator app was added to your account',
    says: 'asks for codes of an authenticator app now when somebody signs in with its password',
  },
  'app-removed': {
    subject: 'The authenticator app was removed from your account',
    says: 'does not ask for codes of an authenticator app any more, and its recovery codes do not work any more',
  },
  'recovery-codes-replaced': {
    subject: 'Your recovery codes were replaced',
    says: 'has new recovery codes, and the old ones do not work any more',
  },
  'passkey-added': {
    subject: 'A passkey was added to your account',
    says: 'has a new passkey, which can sign in',
  },
  'passkey-removed': {
    subject: 'A passkey was removed from your account',
    says: 'has a passkey less, which cannot sign in any more',
  },
  'identity-added': {
    subject: 'A sign-in with another system was added to your account',
    says: 'has a new identity of another system, which can sign in',
  },
  'identity-removed': {
    subject: 'A sign-in with another system was removed from your account',
    says: 'has an identity of another system less, which cannot sign in any more',
  },
  'ways-in-removed': {
    subject: 'Other ways to sign in were removed from your account',
    says:
      'has a new password and a verified address. Its passkeys, identities of other systems and authenticator app were removed, ' +
      'because they were added before the address was verified',
  },
} as const;
export type SecurityChange = keyof typeof securityChanges;

/** Nothing if there is only the password. */
function warningOf({ passkeys, identities }: OtherWaysIn): string[] {
  const ways = [counted(passkeys, 'passkey'), counted(identities, 'identity', 'identities')].filter(Boolean);
  if (ways.length === 0) return [];
  return [
    `Besides the password, ${ways.join(' and ')} can sign in, and still can. Look in your account whether you know all of them, ` +
      'and remove the others.',
  ];
}

const counted = (count: number, one: string, more = `${one}s`): string =>
  count === 0 ? '' : `${count} ${count === 1 ? one : more}`;

/** With `ways`, it also says what else signs in. */
export function securityLetter(
  settings: Settings,
  username: string,
  change: SecurityChange,
  ways: OtherWaysIn = { passkeys: 0, identities: 0 },
): Letter {
  const { subject, says } = securityChanges[change];
  return letter(
    settings,
    subject,
    `The account ${username} ${says}.`,
    ...warningOf(ways),
    'If that was you, ignore this mail. If it was not, choose a new password on the sign-in page now: that signs out all ' +
      'devices. Then look at the two-step sign-in, the passkeys and the linked identities in your account. If you cannot ' +
      'sign in any more, ask the operators of the server.',
  );
}
