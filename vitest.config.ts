import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { temporaryFolder } from './test/harness/temporary-folder.ts';

// For this process and those that it starts.
process.env['TMPDIR'] = temporaryFolder();

export default defineConfig({
  resolve: {
    // One copy of graphql: Vite would load its .mjs beside the .js that packages in node_modules load.
    alias: [
      { find: /^graphql$/, replacement: fileURLToPath(import.meta.resolve('graphql/index.js')) },
      // And one of the client, for the packages over it: the sources.
      ...Object.entries({
        client: 'index',
        'client/documents': 'document-client',
        'client/feed': 'feed',
        'client/live': 'live',
      }).map(([name, file]) => ({
        find: new RegExp(`^@parley/${name}$`),
        replacement: fileURLToPath(new URL(`packages/client/src/${file}.ts`, import.meta.url)),
      })),
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/harness/setup.ts'],
    setupFiles: ['test/harness/cleanup.ts'],
    pool: 'forks',
    // Tests start whole nodes; more at once than this and they measure each other.
    maxWorkers: 2,
    // They end what hangs, also where the machine has other work; no test measures time.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    teardownTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
  },
});
