import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Installs a package of Debian or Ubuntu; elsewhere, and for other users than root, does nothing.
 *
 * @throws Error with what apt-get said
 */
export async function installPackage(name: string): Promise<void> {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (...args: string[]) => run('apt-get', args, { env });
  const install = () => apt('install', '-y', '--no-install-recommends', name);
  try {
    // A list of packages that is missing or old makes the first attempt fail.
    await install().catch(async () => {
      await apt('update');
      await install();
    });
  } catch (error) {
    throw new Error(`The tests need ${name}, and apt-get could not install it: ${(error as Error).message}`);
  }
}
