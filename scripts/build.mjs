// Plain JavaScript, so that a start does not wait for a TypeScript loader.
//
// Makes dist/ from src/: the Prisma client, then the compiler. With --if-stale only when something changed since the
// last time, so that `npm start` right after `npm ci` starts at once.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const stamp = path.join(root, 'dist', '.stamp');
const inputs = [
  'src',
  'prisma/models',
  'prisma/schema.prisma',
  'tsconfig.json',
  'tsconfig.build.json',
  'package-lock.json',
];

/** @param {string} entry @returns {string[]} */
function filesOf(entry) {
  const at = path.join(root, entry);
  if (!existsSync(at) || entry.startsWith('src/generated')) return [];
  try {
    return readdirSync(at).flatMap((name) => filesOf(`${entry}/${name}`));
  } catch {
    return [entry]; // not a folder
  }
}

function digest() {
  const hash = createHash('sha256');
  for (const file of inputs.flatMap(filesOf).sort())
    hash
      .update(file)
      .update('\0')
      .update(readFileSync(path.join(root, file)));
  return hash.digest('hex');
}

/** @param {string} script @param {string[]} args */
function run(script, ...args) {
  const options = { cwd: root, encoding: /** @type {const} */ ('utf8') };
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], options);
  if (status === 0) return; // what they say then is no news
  process.stderr.write(stdout + stderr);
  process.exit(status ?? 1);
}

const wanted = digest();
const isFresh =
  existsSync(stamp) &&
  readFileSync(stamp, 'utf8') === wanted &&
  existsSync(path.join(root, 'src/generated/pothos.ts'));
if (!process.argv.includes('--if-stale') || !isFresh) {
  const bin = (/** @type {string} */ name) => path.join(root, 'node_modules', name);
  run(bin('tsx/dist/cli.mjs'), 'scripts/prisma-generate.ts');
  rmSync(path.join(root, 'dist'), { recursive: true, force: true });
  run(bin('typescript/bin/tsc'), '-p', 'tsconfig.build.json');
  mkdirSync(path.join(root, 'dist'), { recursive: true });
  writeFileSync(stamp, wanted);
}
