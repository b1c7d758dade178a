import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createDatabase } from './harness/database.ts';
import { installInto } from './harness/installation.ts';
import { startNode } from './harness/node.ts';

// What an operator installs without a container: docs/operations.md, "Installing it for production".

const MAX_MEGABYTES = 120;
// Copying an installation takes long on a machine that is busy with other tests.
vi.setConfig({ testTimeout: 180_000 });

function newFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'parley-install-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test('without the development tools it is small, and a node starts', async () => {
  const folder = newFolder();
  installInto(folder);
  for (const tool of ['prisma', 'prisma-cli', 'typescript', 'typescript-cli', 'tsx', 'vitest'])
    expect(existsSync(path.join(folder, 'node_modules', tool)), tool).toBe(false);
  expect(bytesOf(folder) / 1024 ** 2).toBeLessThan(MAX_MEGABYTES);
  const database = await createDatabase();
  onTestFinished(() => database.drop());
  const main = path.join(folder, 'dist/main.js');
  const node = await startNode({ databaseUrl: database.url, main, cwd: folder });
  expect(await node.stop()).toBe(0);
});

test('npm ci --omit=dev keeps what is built, and does not fail where nothing is', () => {
  const [packed, checkout] = [newFolder(), newFolder()];
  installInto(packed);
  installInto(checkout, ['package.json', 'package-lock.json', 'scripts', 'src', 'prisma']);
  const { prepare, prestart } = scriptsOf(packed);
  expect(runIn(packed, prepare)).toEqual({ status: 0, stderr: '' });
  expect(runIn(packed, prestart)).toEqual({ status: 0, stderr: '' });
  const notice = expect.stringMatching(/^parley: dist\/ is missing.*\n.*npm pack/);
  expect(runIn(checkout, prepare)).toEqual({ status: 0, stderr: notice });
  expect(runIn(checkout, prestart)).toEqual({ status: 1, stderr: notice });
});

test('a package has what a node needs, the lock of what was tested, and no sources', () => {
  const json = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { encoding: 'utf8' });
  const [{ files }] = JSON.parse(json) as [{ files: { path: string }[] }];
  const names = files.map((file) => file.path);
  expect(names).toEqual(
    expect.arrayContaining([
      'dist/main.js',
      'dist/admin.js',
      'dist/generated/demo/index.html.gz',
      'scripts/build.mjs',
      'LICENSE',
    ]),
  );
  expect(names.filter((name) => name.startsWith('prisma/migrations/')).length).toBeGreaterThan(2);
  expect(names.filter((name) => /^(src|test|bench)\//.test(name))).toEqual([]);
  const { files: wanted, scripts } = JSON.parse(execFileSync('npm', ['pkg', 'get'], { encoding: 'utf8' }));
  expect([wanted, scripts.prepack]).toEqual([
    expect.arrayContaining(['npm-shrinkwrap.json']),
    'node scripts/shrinkwrap.mjs',
  ]);
});

function scriptsOf(folder: string): Record<'prepare' | 'prestart', string> {
  return JSON.parse(execFileSync('npm', ['pkg', 'get', 'scripts'], { cwd: folder, encoding: 'utf8' }));
}

function runIn(folder: string, command: string): { status: number | null; stderr: string } {
  const { status, stderr } = spawnSync(command, { cwd: folder, shell: true, encoding: 'utf8' });
  return { status, stderr };
}

/** On disk, as `du` counts. */
function bytesOf(entry: string): number {
  const found = lstatSync(entry);
  const inside = found.isDirectory() ? readdirSync(entry) : [];
  return inside.reduce((sum, name) => sum + bytesOf(path.join(entry, name)), found.blocks * 512);
}
