import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: {
    // One copy of graphql: Vite would load its .mjs beside the .js that packages in node_modules load.
    alias: [{ find: /^graphql$/, replacement: fileURLToPath(import.meta.resolve('graphql/index.js')) }],
  },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/harness/setup.ts'],
    setupFiles: ['test/harness/cleanup.ts'],
    pool: 'forks',
    // Tests start whole nodes; more at once than this and they measure each other.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    teardownTimeout: 60_000,
  },
});
