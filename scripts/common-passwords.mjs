// Writes the common passwords that no account may have into src/generated, so that a node needs no package for them: those
// of @zxcvbn-ts/language-common (MIT) that are long enough, in lower case, one a line.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Shorter passwords are refused anyway: PASSWORD in src/accounts/new-passwords.ts. */
const MIN_LENGTH = 8;

const source = fileURLToPath(new URL('../node_modules/@zxcvbn-ts/language-common', import.meta.url));
/** @type {string[]} */
const passwords = JSON.parse(readFileSync(path.join(source, 'src/passwords.json'), 'utf8'));
const license = readFileSync(path.join(source, 'LICENSE.txt'), 'utf8').trim();
const long = new Set(
  passwords.map((each) => each.toLowerCase()).filter((each) => Array.from(each).length >= MIN_LENGTH),
);
const target = fileURLToPath(new URL('../src/generated', import.meta.url));
mkdirSync(target, { recursive: true });
writeFileSync(
  path.join(target, 'common-passwords.ts'),
  // Bundles keep comments that begin like this.
  `/*!
The passwords of @zxcvbn-ts/language-common.

${license}
*/
export const commonPasswords: string = ${JSON.stringify(`\n${[...long].join('\n')}\n`)};
`,
);
