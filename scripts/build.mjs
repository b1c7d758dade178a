// Plain JavaScript, so that a start does not wait for a TypeScript loader.
//
// Makes dist/ from src/: the Prisma client, then the compiler, then the bundle. The same for the packages in packages/. With
// --if-stale only when something changed since the last time, so that `npm start` right after `npm ci` starts at once. With --prepare it is part of an installation:
// one without the build tools (`npm ci --omit=dev`) keeps the dist/ that is there.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const stamp = path.join(root, 'dist', '.stamp');
const CLIENT = 'packages/client';
const DEMO = 'src/generated/demo';
const GRAPHIQL = 'src/generated/graphiql';
const PASSWORDS = 'src/generated/common-passwords.ts';
const inputs = [
  'scripts/bundle-demo.mjs',
  'scripts/bundle-server.mjs',
  'scripts/common-passwords.mjs',
  'scripts/render-graphiql.ts',
  'src',
  'prisma/models',
  'prisma/schema.prisma',
  'tsconfig.json',
  'tsconfig.build.json',
  'packages/client/src',
  'packages/client/tsconfig.json',
  'packages/client/tsconfig.build.json',
  'packages/demo/src',
  'packages/demo/tsconfig.json',
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
  if (status === 0) return; // their output is of no interest then
  process.stderr.write(stdout + stderr);
  process.exit(status ?? 1);
}

function isFresh() {
  const isGenerated = ['src/generated/pothos.ts', DEMO, GRAPHIQL, PASSWORDS].every((made) =>
    existsSync(path.join(root, made)),
  );
  return isGenerated && existsSync(stamp) && readFileSync(stamp, 'utf8') === digest();
}

/** @param {string} name */
const bin = (name) => path.join(root, 'node_modules', name);
const tools = {
  tsx: bin('tsx/dist/cli.mjs'),
  tsc: bin('typescript-cli/bin/tsc'),
  prisma: bin('prisma-cli'),
  esbuild: bin('esbuild'),
  preact: bin('preact'),
  passwords: bin('@zxcvbn-ts/language-common'),
};

/** @param {boolean} isInstalling */
function complain(isInstalling) {
  const state = existsSync(stamp) ? 'older than its sources' : 'missing';
  console.error(`parley: dist/ is ${state}, and the tools that build it are not installed.`);
  console.error('parley: run "npm ci", or install a package of "npm pack" (docs/operations.md).');
  if (!isInstalling) process.exit(1);
}

function build() {
  const wanted = digest();
  run(tools.tsx, 'scripts/prisma-generate.ts');
  run(tools.tsx, 'scripts/render-graphiql.ts');
  run('scripts/bundle-demo.mjs');
  run('scripts/common-passwords.mjs');
  rmSync(path.join(root, 'dist'), { recursive: true, force: true });
  run(tools.tsc, '-p', 'tsconfig.build.json');
  run('scripts/bundle-server.mjs');
  rmSync(path.join(root, CLIENT, 'dist'), { recursive: true, force: true });
  run(tools.tsc, '-p', `${CLIENT}/tsconfig.build.json`);
  for (const name of ['demo', 'graphiql'])
    cpSync(path.join(root, 'src/generated', name), path.join(root, 'dist/generated', name), {
      recursive: true,
    });
  writeFileSync(stamp, wanted);
}

/** @param {Set<string>} options */
function main(options) {
  // What "npm pack" made has only dist/.
  if (!existsSync(path.join(root, 'src'))) return;
  const isInstalling = options.has('--prepare');
  if ((isInstalling || options.has('--if-stale')) && isFresh()) return;
  if (Object.values(tools).every((tool) => existsSync(tool))) build();
  else complain(isInstalling);
}

main(new Set(process.argv.slice(2)));
