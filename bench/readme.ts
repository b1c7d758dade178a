import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Facts } from './results.ts';
import { reportOf } from './table.ts';

const README = fileURLToPath(new URL('README.md', import.meta.url));
const [BEGIN, END] = ['<!-- figures: written by `npm run bench -- --readme` -->', '<!-- /figures -->'];

/** Puts the figures between their marks. */
export function writeReadme(facts: readonly Facts[]): void {
  const text = readFileSync(README, 'utf8');
  const [before, rest] = text.split(BEGIN);
  const after = rest?.split(END)[1];
  if (after === undefined) throw new Error(`README.md has no place for figures: ${BEGIN}`);
  writeFileSync(README, `${before}${BEGIN}\n\n${reportOf(facts)}\n\n${END}${after}`);
}
