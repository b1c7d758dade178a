import { readFileSync } from 'node:fs';

const PACKAGE = new URL('../package.json', import.meta.url);
const { scripts } = JSON.parse(readFileSync(PACKAGE, 'utf8')) as { scripts: { start: string } };

/** The flags of `npm start` for Node.js: every script that starts a node passes them. */
export const nodeFlags = scripts.start.split(' ').filter((word) => word.startsWith('--'));
