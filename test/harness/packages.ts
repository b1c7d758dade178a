import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Installs a package of Debian or Ubuntu; on other systems, and for users other than root, does nothing.
 *
 * @throws Error with the output of apt-get
 */
export async function installPackage(name: string): Promise<void> {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (...args: string[]) => run('apt-get', args, { env });
  const install = () => apt('install', '-y', '--no-install-recommends', name);
  try {
    // The first attempt fails if the list of packages is missing or old.
    await install().catch(async () => {
      await apt('update');
      await install();
    });
  } catch (error) {
    throw new Error(`The tests need ${name}, and apt-get could not install it: ${(error as Error).message}`);
  }
}
