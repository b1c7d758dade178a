import type { Services } from '../context.ts';
import type { JobHandlers, JobRun } from '../platform/jobs.ts';
import { MailRefused, sendMail } from '../platform/mail.ts';
import * as store from './email.store.ts';
import {
  addressInUseLetter,
  changedLetter,
  changeLetter,
  resetLetter,
  type SecurityChange,
  securityChanges,
  securityLetter,
  sendsMail,
  verificationLetter,
} from './mails.ts';
import { hashOf, newOpaqueToken } from './tokens.ts';

// The tokens of mails are created here, when the mail is sent: no job and no request has one, and a request takes the same time
// whether there is an account or not.

type Letter = Parameters<typeof sendMail>[1];

interface Link extends store.Owner {
  readonly token: string;
}

/** A mail about one account, or about several with the same address. */
interface Purpose {
  readonly accounts: readonly store.Owner[];
  readonly kind: store.MailKind;
  readonly write: (links: readonly Link[]) => Omit<Letter, 'to'>;
}

/** Sends a mail, unless its address or account got too many. What the mail server refuses is not tried again. */
async function send(node: Services, { accounts, kind, write }: Purpose, run: JobRun): Promise<void> {
  const most = run.attempt === 1 ? node.settings.MAILS_PER_HOUR : null;
  const links = await issue(node, kind, accounts, most);
  const [first] = links;
  const userIds = accounts.map(({ userId }) => userId);
  if (!first)
    return node.log.warn({ userIds }, 'a mail is not sent: the account or the address got too many');
  try {
    await sendMail(node.settings, { to: first.email, ...write(links) });
  } catch (error) {
    if (!(error instanceof MailRefused)) throw error;
    node.log.warn({ userIds, err: error.message }, 'a mail cannot be sent: the mail server refuses it');
  }
}

/** Returns the accounts that got a token. */
async function issue(
  node: Services,
  kind: store.MailKind,
  accounts: readonly store.Owner[],
  most: number | null,
): Promise<Link[]> {
  const links = accounts.map((account) => ({ ...account, token: newOpaqueToken() }));
  const tokens = links.map(({ userId, email, token }) => ({ userId, email, hash: hashOf(token) }));
  const issued = await store.issueTokens(node.db.write, kind, tokens, most);
  return links.filter(({ userId }) => issued.includes(userId));
}

/** To the address that an account has to verify. Another account that has verified it gets a notice instead. */
async function sendVerification(node: Services, userId: number, run: JobRun): Promise<void> {
  const account = await store.findEmailAccount(node.db.write, userId);
  const to = account && store.addressToVerify(account);
  if (!account?.isActive || !to) return;
  const { settings } = node;
  const { username } = account;
  const owner = await store.findOwner(node.db.write, to);
  if (owner && owner.userId !== userId) {
    const write = () => addressInUseLetter(settings, owner.username, username);
    return send(node, { accounts: [owner], kind: 'address-in-use', write }, run);
  }
  const write = ([link]: readonly Link[]) => verificationLetter(settings, username, link?.token ?? '');
  return send(node, { accounts: [{ userId, username, email: to }], kind: 'email-verification', write }, run);
}

/** One mail with a link for each account of that name, if there are any. */
async function sendReset(node: Services, usernameOrEmail: string, run: JobRun): Promise<void> {
  const accounts = await store.listMailable(node.db.write, usernameOrEmail);
  if (accounts.length === 0) return;
  const write = (links: readonly Link[]) => resetLetter(node.settings, links);
  return send(node, { accounts, kind: 'password-reset', write }, run);
}

/** To the address that an account is about to lose, or has lost: operators replace addresses at once. */
async function sendNotice(node: Services, userId: number, email: string, run: JobRun): Promise<void> {
  const account = await store.findEmailAccount(node.db.write, userId);
  if (!account?.isActive) return;
  const { username } = account;
  const write = () => (account.email === email ? changeLetter : changedLetter)(node.settings, username);
  return send(node, { accounts: [{ userId, username, email }], kind: 'address-change', write }, run);
}

/** Tells the address that the account had then what changed. Mails of each kind of change are counted apart. */
async function sendSecurityNotice(
  node: Services,
  { userId, email, change }: { userId: number; email: string; change: SecurityChange },
  run: JobRun,
): Promise<void> {
  const account = await store.findEmailAccount(node.db.write, userId);
  if (!account?.isActive) return;
  const { username } = account;
  // A new password leaves other ways to sign in as they are.
  const ways =
    change === 'password-changed' ? await store.countOtherWaysIn(node.db.write, userId) : undefined;
  const write = () => securityLetter(node.settings, username, change, ways);
  return send(node, { accounts: [{ userId, username, email }], kind: change, write }, run);
}

/** Jobs that SQL functions add with `add_mail`. A node without SMTP_URL leaves them to others, or for later. */
export function mailJobs(node: Services): JobHandlers {
  if (!sendsMail(node)) return {};
  return {
    'verification-mail': (payload, run) => sendVerification(node, numberIn(payload, 'userId'), run),
    'reset-mail': (payload, run) => sendReset(node, textIn(payload, 'usernameOrEmail'), run),
    'notice-mail': (payload, run) =>
      sendNotice(node, numberIn(payload, 'userId'), textIn(payload, 'email'), run),
    'security-mail': (payload, run) => {
      const change = changeIn(textIn(payload, 'change'));
      return sendSecurityNotice(
        node,
        { userId: numberIn(payload, 'userId'), email: textIn(payload, 'email'), change },
        run,
      );
    },
  };
}

function numberIn(payload: unknown, name: string): number {
  const value = (payload as Record<string, unknown> | null)?.[name];
  if (typeof value !== 'number') throw new Error(`the job has no number ${name}`);
  return value;
}

function textIn(payload: unknown, name: string): string {
  const value = (payload as Record<string, unknown> | null)?.[name];
  if (typeof value !== 'string') throw new Error(`the job has no text ${name}`);
  return value;
}

function changeIn(name: string): SecurityChange {
  if (!Object.hasOwn(securityChanges, name)) throw new Error(`the job has no known change: ${name}`);
  return name as SecurityChange;
}
