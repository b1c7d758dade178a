// Writes the common passwords that no account may have into src/generated, so that a node needs no package for them: those
// of @zxcvbn-ts/language-common (MIT) that are long enough, in lower case, one a line.
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Shorter passwords are refused anyway: PASSWORD in src/accounts/new-passwords.ts. */
const MIN_LENGTH = 8;

/** @type {string[]} */
const passwords = createRequire(import.meta.url)('@zxcvbn-ts/language-common/src/passwords.json');
const long = new Set(
  passwords.map((each) => each.toLowerCase()).filter((each) => Array.from(each).length >= MIN_LENGTH),
);
const target = fileURLToPath(new URL('../src/generated', import.meta.url));
mkdirSync(target, { recursive: true });
writeFileSync(
  path.join(target, 'common-passwords.ts'),
  `// Of @zxcvbn-ts/language-common: MIT licence, Copyright (c) 2012-2016 Dan Wheeler and Dropbox, Inc.
export const commonPasswords: string = ${JSON.stringify(`\n${[...long].join('\n')}\n`)};
`,
);
