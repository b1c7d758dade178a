import type { Client } from './client.ts';
import { type Proof, type SecondStep, signIn } from './factors.ts';
import {
  AccountDocument,
  type AccountFieldsFragment,
  AskForResetDocument,
  AskForVerificationDocument,
  DeleteAccountDocument,
  type DeviceFieldsFragment,
  DevicesDocument,
  EndDeviceDocument,
  EndDevicesDocument,
  MailOfServerDocument,
  NewEmailDocument,
  NewPasswordDocument,
  ResetDocument,
  VerifyDocument,
} from './generated/documents.ts';
import { post, successOf } from './http.ts';
import { allNodes } from './pages.ts';

// An entry of its own: an application without account settings does not load it.

/** A device on which the viewer is signed in. */
export type DeviceInfo = DeviceFieldsFragment;

/**
 * The devices on which the viewer is signed in, the latest sign-in first.
 * @throws ParleyError the refusal, or `NETWORK`
 */
export async function devicesOf(client: Client): Promise<readonly DeviceInfo[]> {
  const load = async (from: { after?: string }) =>
    (await client.request(DevicesDocument, from)).viewer?.sessions;
  return (await allNodes<DeviceInfo>(load)) ?? [];
}

/**
 * Signs another device out. Use `client.logout` for this one.
 * @throws ParleyError the refusal, or `NETWORK`
 */
export async function signOutDevice(client: Client, sessionId: string): Promise<void> {
  successOf((await client.request(EndDeviceDocument, { input: { sessionId } })).revokeSession);
}

/**
 * Signs all other devices out; resolves with their number.
 * @throws ParleyError the refusal, or `NETWORK`
 */
export async function signOutOthers(client: Client): Promise<number> {
  return successOf((await client.request(EndDevicesDocument, { input: {} })).logoutAllSessions).endedCount;
}

/**
 * Changes the viewer's password, and signs all other devices out.
 * @throws ParleyError `INVALID_CREDENTIALS` for a wrong current password, another refusal, or `NETWORK`
 */
export async function changePassword(
  client: Client,
  currentPassword: string,
  newPassword: string,
): Promise<void> {
  const input = { currentPassword, newPassword };
  successOf((await client.request(NewPasswordDocument, { input })).changePassword);
}

// -- address and mails -------------------------------------------------------------------------

/** The e-mail address of the viewer, and whether the server sends mail. */
export type AccountInfo = AccountFieldsFragment & { readonly sendsMail: boolean };

/**
 * The address of the viewer; null if nobody is signed in.
 * @throws ParleyError the refusal, or `NETWORK`
 */
export async function accountOf(client: Client): Promise<AccountInfo | null> {
  const { viewer, serverInfo } = await client.request(AccountDocument, {});
  return viewer && { ...viewer, ...serverInfo };
}

/**
 * Whether the server sends mail, so that `requestPasswordReset` works. Works without signing in.
 * @throws ParleyError `NETWORK`
 */
export async function sendsMail(client: Client): Promise<boolean> {
  return (await post(client.options.endpoint, MailOfServerDocument, {})).serverInfo.sendsMail;
}

/** What a link of a mail is for, and its token. */
export interface MailLink {
  readonly action: 'verify' | 'reset';
  readonly token: string;
}

/** Reads the fragment of an address, or a whole link; null if it is not of a mail. Remove it from the address of the page then. */
export function mailLinkIn(link: string): MailLink | null {
  const [, action, token] = /#(verify|reset)=([A-Za-z0-9_-]{43})$/.exec(link) ?? [];
  return action && token ? { action: action as MailLink['action'], token } : null;
}

/**
 * Sends a link to the address that is not verified yet; resolves with the address.
 * @throws ParleyError `CONFLICT` if there is none, another refusal, or `NETWORK`
 */
export async function requestEmailVerification(client: Client): Promise<string> {
  return successOf((await client.request(AskForVerificationDocument, {})).requestEmailVerification).email;
}

/**
 * Verifies an address with the token of a mail; resolves with the address. Works without signing in.
 * @throws ParleyError `INVALID_CREDENTIALS` for a link that does not work any more, another refusal, or `NETWORK`
 */
export async function verifyEmail(client: Client, token: string): Promise<string> {
  const { verifyEmail } = await post(client.options.endpoint, VerifyDocument, { input: { token } });
  return successOf(verifyEmail).email;
}

/**
 * Changes the address as soon as the new one is verified: it gets a link.
 * @throws ParleyError `INVALID_CREDENTIALS` for a wrong password, another refusal, or `NETWORK`
 */
export async function changeEmail(client: Client, newEmail: string, password: string): Promise<void> {
  successOf((await client.request(NewEmailDocument, { input: { newEmail, password } })).changeEmail);
}

/**
 * Sends a link for a new password, if there is such an account. Works without signing in.
 * @throws ParleyError the refusal, or `NETWORK`
 */
export async function requestPasswordReset(client: Client, usernameOrEmail: string): Promise<void> {
  const input = { usernameOrEmail };
  successOf((await post(client.options.endpoint, AskForResetDocument, { input })).requestPasswordReset);
}

/**
 * Sets a new password with the token of a mail, ends all sessions of the account, and signs in. Resolves with the second step of the
 * sign-in if the account needs one: `completeSignIn` of `@parley/client/factors`.
 * @throws ParleyError `INVALID_CREDENTIALS` for a link that does not work any more, another refusal, or `NETWORK`
 */
export async function resetPassword(
  client: Client,
  token: string,
  newPassword: string,
): Promise<SecondStep | null> {
  const input = { token, newPassword };
  const { resetPassword } = await post(client.options.endpoint, ResetDocument, { input });
  return signIn(client, { usernameOrEmail: successOf(resetPassword).username, password: newPassword });
}

// -- the end -----------------------------------------------------------------------------------

/** What goes with an account. */
export interface AccountDeletion {
  /** A user without a password gives a passkey, or signs in again before and gives at most a code. A guest gives nothing. */
  readonly proof?: Proof;
  /** Also deletes the messages of the user, and forwards of them. By default they stay without the name. */
  readonly erasesMessages?: boolean;
}

/**
 * Deletes the account of the viewer, which cannot be undone, and removes all data here.
 * @throws ParleyError `INVALID_CREDENTIALS` for a wrong proof, `CONFLICT` for the last administrator, another refusal, or `NETWORK`
 */
export async function deleteAccount(client: Client, deletion: AccountDeletion = {}): Promise<void> {
  successOf((await client.request(DeleteAccountDocument, { input: deletion })).deleteAccount);
  // The session has ended, so signing out is refused; it removes the data nevertheless.
  await client.logout().catch(() => undefined);
}

// -- devices -----------------------------------------------------------------------------------

// Programs that contain another one's name come before it.
const PROGRAMS = [
  ['Edge', /\bEdgA?\//],
  ['Opera', /\bOPR\//],
  ['Samsung Internet', /\bSamsungBrowser\//],
  ['Firefox', /\b(?:Firefox|FxiOS)\//],
  ['Chrome', /(?:Chrome|CriOS)\//],
  ['Safari', /\bSafari\//],
] as const;
const SYSTEMS = [
  ['iPhone', /\biPhone\b/],
  ['iPad', /\biPad\b/],
  ['Android', /\bAndroid\b/],
  ['Windows', /\bWindows\b/],
  ['ChromeOS', /\bCrOS\b/],
  ['macOS', /\bMac OS X\b/],
  ['Linux', /\bLinux\b/],
] as const;

const named = (list: readonly (readonly [string, RegExp])[], text: string) =>
  list.find(([, pattern]) => pattern.test(text))?.[0];

/**
 * A short name for a device: as the user called it, or the browser and the system, such as "Firefox, Linux", or the program.
 * Null if nothing is known.
 */
export function deviceLabel({
  deviceName,
  userAgent,
}: Pick<DeviceInfo, 'deviceName' | 'userAgent'>): string | null {
  if (deviceName) return deviceName;
  const text = userAgent ?? '';
  const known = [named(PROGRAMS, text), named(SYSTEMS, text)].filter((name) => name !== undefined);
  return known.join(', ') || text.split(/[\s/]/, 1)[0] || null;
}
