import { defineConfig } from 'vitest/config';
import base from './vitest.config.ts';

/** What needs a browser, apart from the rest: `npm run test:browser`. */
export default defineConfig({
  ...base,
  test: { ...base.test, include: ['test/browser/*.browser.ts'] },
});
