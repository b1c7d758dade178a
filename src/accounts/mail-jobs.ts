import type { Services } from '../context.ts';
import type { JobHandlers, JobRun } from '../platform/jobs.ts';
import { AddressRefused, sendMail } from '../platform/mail.ts';
import * as store from './email.store.ts';
import { addressInUseLetter, changeLetter, resetLetter, sendsMail, verificationLetter } from './mails.ts';
import { findAccount } from './store.ts';
import { hashOf, newOpaqueToken } from './tokens.ts';

// The tokens of mails are created here, when the mail is sent: no job and no request has one, and a request takes the same time
// whether there is an account or not.

type Letter = Parameters<typeof sendMail>[1];

/** What a mail is about. */
interface Purpose {
  readonly userId: number;
  readonly to: string;
  readonly kind: store.MailKind;
  readonly write: (token: string) => Omit<Letter, 'to'>;
}

/** Sends a mail, unless its address or account got too many. A refused address is not tried again. */
async function send(node: Services, { userId, to, kind, write }: Purpose, run: JobRun): Promise<void> {
  const token = newOpaqueToken();
  const most = run.attempt === 1 ? node.settings.MAILS_PER_HOUR : null;
  const issued = { userId, kind, email: to, hash: hashOf(token), most };
  if (!(await store.issueToken(node.db.write, issued)))
    return node.log.warn({ userId }, 'a mail is not sent: the account or the address got too many');
  try {
    await sendMail(node.settings, { to, ...write(token) });
  } catch (error) {
    if (!(error instanceof AddressRefused)) throw error;
    node.log.warn({ userId }, 'a mail cannot be sent: the mail server refuses the address');
  }
}

/** To the address that an account has to verify. Another account that has verified it gets a notice instead. */
async function sendVerification(node: Services, userId: number, run: JobRun): Promise<void> {
  const account = await store.findEmailAccount(node.db.write, userId);
  const to = account && store.addressToVerify(account);
  if (!account?.isActive || !to) return;
  const { settings } = node;
  const owner = await store.findOwner(node.db.write, to);
  if (owner && owner.userId !== userId) {
    const write = () => addressInUseLetter(settings, owner.username, account.username);
    return send(node, { userId: owner.userId, to: owner.email, kind: 'address-in-use', write }, run);
  }
  const write = (token: string) => verificationLetter(settings, account.username, token);
  return send(node, { userId, to, kind: 'email-verification', write }, run);
}

/** To the address of the account, if there is one, and no other account has verified it. */
async function sendReset(node: Services, usernameOrEmail: string, run: JobRun): Promise<void> {
  const account = await findAccount(node.db.write, usernameOrEmail);
  if (!account?.isActive || account.email === null) return;
  const { id: userId, username, email: to } = account;
  const owner = await store.findOwner(node.db.write, to);
  if (owner && owner.userId !== userId) return;
  const write = (token: string) => resetLetter(node.settings, username, token);
  return send(node, { userId, to, kind: 'password-reset', write }, run);
}

/** To the address that an account is about to lose. */
async function sendNotice(node: Services, userId: number, to: string, run: JobRun): Promise<void> {
  const account = await store.findEmailAccount(node.db.write, userId);
  if (!account?.isActive) return;
  const write = () => changeLetter(node.settings, account.username);
  return send(node, { userId, to, kind: 'address-change', write }, run);
}

/** Jobs that SQL functions add with `add_mail`. A node without SMTP_URL leaves them to others, or for later. */
export function mailJobs(node: Services): JobHandlers {
  if (!sendsMail(node)) return {};
  return {
    'verification-mail': (payload, run) => sendVerification(node, numberIn(payload, 'userId'), run),
    'reset-mail': (payload, run) => sendReset(node, textIn(payload, 'usernameOrEmail'), run),
    'notice-mail': (payload, run) =>
      sendNotice(node, numberIn(payload, 'userId'), textIn(payload, 'email'), run),
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
