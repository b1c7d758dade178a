// Packs the packages that applications install, into a folder; default: examples/packed. The file names are those of
// npm: parley-client-0.1.0.tgz.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const PACKAGES = ['client', 'react', 'apollo', 'urql', 'relay'];
/** Part of every build: scripts/build.mjs. */
const BUILT = ['client'];

function run(command: string, args: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}${stderr}`);
}

export function packPackages(target: string): void {
  mkdirSync(target, { recursive: true });
  for (const name of PACKAGES) {
    const folder = `packages/${name}`;
    const compile = ['node_modules/typescript-cli/bin/tsc', '-p', `${folder}/tsconfig.build.json`];
    if (!BUILT.includes(name)) run(process.execPath, compile);
    run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', target, `./${folder}`]);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  packPackages(path.resolve(process.argv[2] ?? path.join(root, 'examples/packed')));
