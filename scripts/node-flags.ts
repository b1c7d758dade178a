import { readFileSync } from 'node:fs';

const PACKAGE = new URL('../package.json', import.meta.url);
const { scripts } = JSON.parse(readFileSync(PACKAGE, 'utf8')) as { scripts: { start: string } };

/** What `npm start` gives Node.js: every script that starts a node passes the same. */
export const nodeFlags = scripts.start.split(' ').filter((word) => word.startsWith('--'));
