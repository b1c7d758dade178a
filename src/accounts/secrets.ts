import { randomBytes, randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Services } from '../context.ts';

/** The secret that signs, and optionally the previous one, which is still accepted. */
export type Secrets = readonly [string, ...string[]];

/**
 * Returns the keys of access tokens: the first signs, all are accepted. Without JWT_SECRET (production requires it),
 * the data folder keeps a random secret, so that tokens survive restarts and the command line has it, too.
 */
export function loadSecrets(settings: Services['settings']): Secrets {
  const { JWT_SECRET, JWT_SECRET_PREVIOUS, DATA_DIR } = settings;
  const signing = JWT_SECRET ?? keptSecret(DATA_DIR);
  return JWT_SECRET_PREVIOUS ? [signing, JWT_SECRET_PREVIOUS] : [signing];
}

function keptSecret(folder: string): string {
  const file = path.join(folder, 'jwt-secret');
  return read(file) ?? create(file) ?? readFileSync(file, 'utf8').trim();
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Creates the file in one step, including its contents. Returns undefined if another process was faster. */
function create(file: string): string | undefined {
  const secret = randomBytes(48).toString('base64url');
  const aside = `${file}.${randomUUID()}.new`;
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(aside, `${secret}\n`, { mode: 0o600 });
  try {
    linkSync(aside, file);
    return secret;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
    throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}
