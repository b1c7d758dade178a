import type { Services } from '../context.ts';
import { encodeId } from '../graphql/ids.ts';
import { refuse } from '../platform/errors.ts';
import { Passwords } from '../platform/passwords.ts';
import { addressTaken, orTaken } from './accounts.ts';
import { checkedDisplayName, checkedEmail, checkedUsername } from './credentials.ts';
import {
  addressToVerify,
  findEmailAccount,
  type IssuedToken,
  issueTokens,
  type MailKind,
} from './email.store.ts';
import { insertPeople, listTaken } from './imports.store.ts';
import { linkOf, sendsMail } from './mails.ts';
import { checkedNewPassword } from './new-passwords.ts';
import { giveServerRole, type ServerRole } from './server-roles.ts';
import { changePassword, revokeSessionsOf, setSuspended } from './sessions.store.ts';
import * as store from './store.ts';
import { hashOf, newOpaqueToken, signAccessToken } from './tokens.ts';

/**
 * What operators do to accounts from the command line. It runs without a node, so it announces nothing; the nodes read
 * ended sessions within a second. Wrong input is a refusal whose path names the option.
 */
export type Office = Pick<Services, 'settings' | 'secrets' | 'db'>;

export { createInvitation } from './invitations.ts';

const BATCH = 1_000;

export interface NewUser {
  readonly username: string;
  readonly email: string;
  readonly password: string;
  readonly isAdmin: boolean;
}

/** Returns the global id. @throws ValidationError, ConflictError */
export async function createUser(
  { db }: Office,
  { username, email, password, isAdmin }: NewUser,
): Promise<string> {
  const account = {
    username: checkedUsername(username, 'username'),
    email: checkedEmail(email, 'email'),
    displayName: username,
    isAdmin,
  };
  const passwordHash = await new Passwords().hash(await checkedNewPassword(password, account, 'password'));
  const made = await orTaken(store.insertAccount(db.write, { ...account, passwordHash }, null, null));
  if (made.status === 'SAME') throw addressTaken();
  if (made.status !== 'OK') throw new Error('the account was not made');
  return encodeId('User', made.userId);
}

/** Also ends all sessions; returns how many. @throws ValidationError, NotFoundError */
export async function resetPassword(office: Office, name: string, password: string): Promise<number> {
  const account = await accountOf(office.db, name);
  const to = await new Passwords().hash(await checkedNewPassword(password, account, 'password'));
  const change = { userId: account.id, to, sendsMail: sendsMail(office) };
  return (await changePassword(office.db.write, change))?.length ?? 0;
}

/**
 * Returns a link with which the user chooses a password, within an hour. It does not verify the address, which got no mail.
 * @throws NotFoundError
 */
export async function resetLink(office: Office, name: string): Promise<string> {
  const userId = await userIdOf(office.db, name);
  return linkFor(office, 'reset', 'password-reset', { userId, email: null });
}

/** Returns a link that verifies the address of a user, within a day. @throws NotFoundError, ConflictError */
export async function verificationLink(office: Office, name: string): Promise<string> {
  const { id } = await accountOf(office.db, name);
  const account = await findEmailAccount(office.db.read, id);
  const email = account && addressToVerify(account);
  if (!email) throw refuse('CONFLICT', 'There is no address to verify.');
  return linkFor(office, 'verify', 'email-verification', { userId: id, email });
}

async function linkFor(
  { db, settings }: Office,
  action: 'verify' | 'reset',
  kind: MailKind,
  about: Omit<IssuedToken, 'hash'>,
): Promise<string> {
  const token = newOpaqueToken();
  await issueTokens(db.write, kind, [{ ...about, hash: hashOf(token) }]);
  return linkOf(settings, action, token);
}

/** Returns how many sessions ended. @throws NotFoundError */
export async function revokeSessions({ db }: Office, name: string): Promise<number> {
  return (await revokeSessionsOf(db, await userIdOf(db, name))).length;
}

/** Blocks signing in and ends all sessions; returns how many. @throws NotFoundError */
export async function suspendUser({ db }: Office, name: string): Promise<number> {
  return (await setSuspended(db, await userIdOf(db, name), true)).length;
}

/** @throws NotFoundError */
export async function restoreUser({ db }: Office, name: string): Promise<void> {
  await setSuspended(db, await userIdOf(db, name), false);
}

/** @throws NotFoundError, ConflictError for the last administrator */
export async function setServerRole(office: Office, name: string, role: ServerRole): Promise<void> {
  await giveServerRole(office, null, await userIdOf(office.db, name), role);
}

async function accountOf(db: Services['db'], usernameOrEmail: string): Promise<store.AccountRow> {
  const account = await store.findAccount(db.read, usernameOrEmail);
  if (!account) throw refuse('NOT_FOUND', `There is no user ${usernameOrEmail}.`);
  return account;
}

/** @throws NotFoundError */
export const userIdOf = async (db: Services['db'], name: string) => (await accountOf(db, name)).id;

// -- many at once ------------------------------------------------------------------------------

export interface ImportedUser {
  readonly username: string;
  readonly userId: string;
  readonly accessToken: string;
  readonly refreshToken: string;
}

/**
 * Creates accounts without passwords and signs each of them in; all or none.
 * @throws ValidationError, ConflictError
 */
export async function importUsers(
  office: Office,
  people: readonly { username: string; displayName: string }[],
): Promise<ImportedUser[]> {
  const newcomers = people.map((one, index) => {
    const refreshToken = newOpaqueToken();
    return {
      username: checkedUsername(one.username, `entry ${index + 1}.username`),
      displayName: checkedDisplayName(one.displayName, `entry ${index + 1}.displayName`),
      refreshToken,
      refreshHash: hashOf(refreshToken),
    };
  });
  await refuseTaken(
    office.db,
    newcomers.map(({ username }) => username),
  );
  const arrivals = await insertPeople(
    office.db,
    inBatches(newcomers),
    office.settings.REFRESH_TOKEN_TTL_DAYS,
  );
  return Promise.all(
    arrivals.map(async ({ username, userId, sessionId, at }, index) => {
      const { accessToken } = await signAccessToken(office, userId, sessionId, at);
      return {
        username,
        userId: encodeId('User', userId),
        accessToken,
        refreshToken: newcomers[index]?.refreshToken ?? '',
      };
    }),
  );
}

/** Gives a clear answer; the unique index refuses names that are taken meanwhile. */
async function refuseTaken(db: Services['db'], usernames: readonly string[]): Promise<void> {
  const seen = new Set<string>();
  for (const [index, username] of usernames.entries()) {
    const key = username.toLowerCase();
    if (seen.has(key))
      throw refuse('CONFLICT', 'This username occurs twice.', { path: [`entry ${index + 1}`, username] });
    seen.add(key);
  }
  const [taken] = await listTaken(db.read, usernames);
  if (taken) throw refuse('CONFLICT', 'This username is taken.', { path: [taken] });
}

function inBatches<Item>(items: readonly Item[]): Item[][] {
  return Array.from({ length: Math.ceil(items.length / BATCH) }, (_, i) =>
    items.slice(i * BATCH, (i + 1) * BATCH),
  );
}
