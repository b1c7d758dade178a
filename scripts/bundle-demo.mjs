// Bundles packages/demo into src/generated/demo/, so that a node needs no package for it: the page, its script and its
// styles, each compressed. The names of script and styles contain a hash, so that browsers can cache them for ever.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { constants, gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = path.join(root, 'packages/demo/src');
const target = path.join(root, 'src/generated/demo');

const { outputFiles } = await build({
  entryPoints: { app: path.join(source, 'main.tsx') },
  outdir: target,
  entryNames: '[name]-[hash]',
  tsconfig: path.join(root, 'packages/demo/tsconfig.json'),
  bundle: true,
  format: 'esm',
  target: 'es2022',
  minify: true,
  legalComments: 'none',
  write: false,
  logLevel: 'warning',
});

/** @param {string} ending */
const nameOf = (ending) => {
  const found = outputFiles.find((file) => file.path.endsWith(ending));
  if (!found) throw new Error(`The demo has no ${ending}`);
  return path.basename(found.path);
};

const page = readFileSync(path.join(source, 'index.html'), 'utf8')
  .replace('main.tsx', nameOf('.js'))
  .replace('main.css', nameOf('.css'));

/** @param {string} name @param {string | Uint8Array} content */
const write = (name, content) =>
  writeFileSync(path.join(target, `${name}.gz`), gzipSync(content, { level: constants.Z_BEST_COMPRESSION }));

rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
write('index.html', page);
for (const file of outputFiles) write(path.basename(file.path), file.contents);
