import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { JWT_SECRET } from './node.ts';

const ADMIN = fileURLToPath(new URL('../../dist/admin.js', import.meta.url));

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface AdminOptions {
  readonly env?: Record<string, string>;
  readonly input?: string;
  /** The program, if it is not that of this checkout. */
  readonly main?: string;
  readonly cwd?: string;
}

/** Runs the command line as an operator does. */
export async function runAdmin(args: readonly string[], options: AdminOptions): Promise<Ran> {
  const { env = {}, input = '', main = ADMIN, cwd = tmpdir() } = options;
  const settings = { PATH: process.env['PATH'], HOME: process.env['HOME'], JWT_SECRET, ...env };
  // Not in the working directory, where a developer may have a .env file.
  const child = spawn(process.execPath, [main, ...args], { env: settings, cwd });
  const code = new Promise<number>((resolve) => child.once('close', (status) => resolve(status ?? -1)));
  child.stdin.end(input);
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await code, out, err };
}
