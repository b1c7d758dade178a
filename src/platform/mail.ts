import type { Settings } from '../config.ts';

/** How long a mail server may be silent, in milliseconds. */
const PATIENCE_MS = 15_000;

export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

/** The mail server refuses this address, also later. */
export class AddressRefused extends Error {}

/**
 * Sends a mail over its own connection to SMTP_URL. The library is loaded when the first mail is sent.
 * @throws AddressRefused; another error if the mail server cannot be reached, or does not take the mail now
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
    throw isFinal(error) ? new AddressRefused('the mail server refuses the address') : error;
  } finally {
    transport.close();
  }
}

function isFinal(error: unknown): boolean {
  const { code, responseCode = 0 } = error as { code?: string; responseCode?: number };
  return code === 'EENVELOPE' && responseCode >= 500;
}
