import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

const PATIENCE_MS = 60_000;

export interface Received {
  readonly to: string;
  readonly from: string;
  readonly subject: string;
  readonly text: string;
  /** The header Auto-Submitted. */
  readonly origin: unknown;
}

/** The token of the link in a mail. */
export const tokenIn = ({ text }: Received): string =>
  /#(?:verify|reset)=([\w-]{43})$/m.exec(text)?.[1] ?? '';

/** A mail server that keeps what it gets. */
export class Mailbox {
  /** SMTP_URL. */
  readonly url: string;
  readonly mails: Received[] = [];
  /** Addresses that it does not know. */
  readonly unknown = new Set<string>();
  /** Mails whose sender it refuses. */
  refusedSenders = 0;
  /** Mails that it does not take yet. */
  busyFor = 0;
  /** Mails that wait since `hold`. */
  holding = 0;
  private readonly server: SMTPServer;
  private readonly waiting = new Set<() => void>();
  private readonly read = new Set<Received>();
  private held: Promise<void> | null = null;

  private constructor(server: SMTPServer, url: string) {
    this.server = server;
    this.url = url;
  }

  static async open(): Promise<Mailbox> {
    const server: SMTPServer = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onMailFrom: (_address, _session, done) => {
        if (box.refusedSenders === 0) return done();
        box.refusedSenders--;
        done(failure(550, 'not from you'));
      },
      onRcptTo: ({ address }, _session, done) =>
        done(box.unknown.has(address) ? failure(550, `no such user: ${address}`) : null),
      onData: (stream, session, done) => {
        const to = session.envelope.rcptTo[0]?.address ?? '';
        void simpleParser(stream).then(async ({ from, subject = '', text = '', headers }) => {
          if (box.held) box.holding++;
          await box.held;
          if (box.busyFor > 0) {
            box.busyFor--;
            return done(failure(451, `try again later for ${to}`));
          }
          box.mails.push({
            to,
            from: from?.text ?? '',
            subject,
            text,
            origin: headers.get('auto-submitted'),
          });
          for (const wake of box.waiting) wake();
          done();
        });
      },
    });
    server.listen(0, '127.0.0.1');
    await once(server.server, 'listening');
    const box = new Mailbox(server, `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`);
    return box;
  }

  /** Takes no mail until the returned function is called. */
  hold(): () => void {
    this.holding = 0;
    let release: () => void = () => undefined;
    this.held = new Promise((resolve) => {
      release = resolve;
    });
    return () => {
      this.held = null;
      release();
    };
  }

  /** The first mail to that address that was not returned yet, as soon as there is one. */
  async next(to: string): Promise<Received> {
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      const mail = this.mails.find((each) => each.to === to && !this.read.has(each));
      if (mail) {
        this.read.add(mail);
        return mail;
      }
      await this.news(deadline - performance.now(), to);
    }
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.server.close(resolve));
  }

  private news(ms: number, to: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const got = this.mails.map((mail) => `${mail.to}: ${mail.subject}`).join(', ');
      const timer = setTimeout(() => reject(new Error(`no mail to ${to}; got ${got}`)), ms);
      const wake = () => {
        clearTimeout(timer);
        this.waiting.delete(wake);
        resolve();
      };
      this.waiting.add(wake);
    });
  }
}

const failure = (responseCode: number, text: string) => Object.assign(new Error(text), { responseCode });
