import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

// What @parley/client adds to an application.

const MAX_CORE_BYTES = 15_000;
const PEERS = ['graphql', 'graphql-ws'];

async function bundle(entry: string, platform: 'browser' | 'node' = 'browser') {
  const { outputFiles, metafile } = await build({
    entryPoints: [`packages/client/src/${entry}.ts`],
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    platform,
    external: PEERS,
    write: false,
    metafile: true,
  });
  const [output] = Object.values(metafile.outputs);
  return {
    bytes: gzipSync(outputFiles[0]?.contents ?? '', { level: 9 }).length,
    imports: new Set(output?.imports.map(({ path }) => path)),
  };
}

test('the core is small, runs in browsers and needs its peers only', async () => {
  const { bytes, imports } = await bundle('index');
  expect(bytes).toBeLessThanOrEqual(MAX_CORE_BYTES);
  expect([...imports].filter((name) => !PEERS.includes(name))).toEqual([]);
});

test('drafts are an entry of their own, with the way to the tab that has the connection', async () => {
  const { bytes, imports } = await bundle('drafts');
  expect(bytes).toBeLessThan(8_000);
  expect([...imports].filter((name) => !PEERS.includes(name))).toEqual([]);
});

test('the adapters are apart from it', async () => {
  const [database, file] = await Promise.all([bundle('indexeddb-storage'), bundle('file-storage', 'node')]);
  expect(database.bytes).toBeLessThan(2_000);
  expect([...database.imports]).toEqual([]);
  expect([...file.imports].filter((name) => !name.startsWith('node:'))).toEqual([]);
});
