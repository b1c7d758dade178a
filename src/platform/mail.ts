import type { Settings } from '../config.ts';

/** How long a mail server may be silent, in milliseconds. */
const PATIENCE_MS = 15_000;

export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

/** The mail server refuses this address or this mail, also later. */
export class MailRefused extends Error {}

/**
 * Sends a mail over its own connection to SMTP_URL. The library is loaded when the first mail is sent.
 * @throws MailRefused; another error if the mail server cannot be reached, or does not take the mail now
 */
export async function sendMail(
  { SMTP_URL, MAIL_FROM }: Pick<Settings, 'SMTP_URL' | 'MAIL_FROM'>,
  mail: Mail,
): Promise<void> {
  const { createTransport } = await import('nodemailer');
  const transport = createTransport({
    url: SMTP_URL,
    connectionTimeout: PATIENCE_MS,
    greetingTimeout: PATIENCE_MS,
    socketTimeout: PATIENCE_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    // No answers of machines, such as those of people on holiday: RFC 3834.
    const headers = { 'Auto-Submitted': 'auto-generated' };
    await transport.sendMail({ from: MAIL_FROM, headers, ...mail });
  } catch (error) {
    throw withoutAddress(error as Failure);
  } finally {
    transport.close();
  }
}

/** What the library says of a failure. */
interface Failure {
  readonly code?: string;
  /** The command that failed. */
  readonly command?: string;
  /** The answer of the mail server. */
  readonly responseCode?: number;
}

/** The texts of the library and of mail servers contain addresses, and the log and the jobs keep the errors. */
function withoutAddress(failure: Failure): Error {
  const { code = 'unknown', responseCode } = failure;
  const says = `the mail server did not take a mail: ${responseCode ? `${code} ${responseCode}` : code}`;
  return isFinal(failure) ? new MailRefused(says) : new Error(says);
}

/** A refusal of the sender, or of the password, is a matter of the settings: the operator can change them. */
const isFinal = ({ command = '', responseCode = 0 }: Failure): boolean =>
  responseCode >= 500 && ['RCPT TO', 'DATA'].includes(command);
