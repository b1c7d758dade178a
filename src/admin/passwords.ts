import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { type Given, say } from './command.ts';

/** The given password, the typed one, or a random one. `tell` prints a random one after success. */
export async function choosePassword(given: Given): Promise<{ password: string; tell: () => void }> {
  const chosen =
    given.option('password') ?? (process.stdin.isTTY ? await ask('Password (empty for a random one): ') : '');
  if (chosen !== '') return { password: chosen, tell: () => {} };
  const password = randomBytes(18).toString('base64url');
  return { password, tell: () => say(`password: ${password}`) };
}

/** Asks on the terminal without showing the typed answer. */
async function ask(question: string): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  process.stderr.write(question);
  try {
    return await terminal.question('');
  } finally {
    terminal.close();
    process.stderr.write('\n');
  }
}
