import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = path.join(here, '..');
const SCHEMA = path.join(here, 'peers/schema.prisma');
const CLIENT = path.join(here, 'peers/generated/client.ts');

/** Installs what Parley is measured against, where that was not done yet. It is no part of Parley's own install. */
export function installPeers(): void {
  if (isOlder(path.join(here, 'node_modules/.package-lock.json'), path.join(here, 'package-lock.json'))) {
    console.error('bench: installing what Parley is measured against (npm ci --prefix bench)');
    run('npm', ['ci', '--prefix', here, '--include=dev', '--ignore-scripts', '--no-audit', '--no-fund'], {});
  }
  if (isOlder(CLIENT, SCHEMA)) generate();
}

const isOlder = (made: string, source: string) =>
  !existsSync(made) || statSync(made).mtimeMs < statSync(source).mtimeMs;

/** The Prisma client of the peers, by the generators that Parley itself is built with. */
function generate(): void {
  const cli = createRequire(import.meta.url).resolve('prisma-cli/build/index.js');
  run(process.execPath, [cli, 'generate', '--no-hints', '--schema', SCHEMA], {
    // As in scripts/prisma-generate.ts.
    PATH: `${path.join(root, 'node_modules', '.bin')}${path.delimiter}${process.env['PATH']}`,
    PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
    CHECKPOINT_DISABLE: '1',
    PRISMA_HIDE_UPDATE_MESSAGE: '1',
  });
}

function run(command: string, args: readonly string[], env: Record<string, string>): void {
  const { status, stderr } = spawnSync(command, args, {
    cwd: here,
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${stderr}`);
}
