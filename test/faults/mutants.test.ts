import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readPage, rowsOf, spansOf } from '../contract/readme/markdown.ts';
import { mutants } from './mutants.ts';
import { apply, statementsOf } from './mutation.ts';
import { faults } from './nemesis.ts';
import { only, tiers } from './tiers.ts';

const sourceOf = (file: string) =>
  readFileSync(fileURLToPath(new URL(`../../${file}`, import.meta.url)), 'utf8');

test.each(mutants)('the seeded bug $name still fits the source', ({ edits, name }) => {
  const sources = new Map<string, string>();
  for (const edit of edits.filter(({ where }) => !where.startsWith('sql:'))) {
    const before = sources.get(edit.where) ?? sourceOf(edit.where);
    sources.set(edit.where, apply(before, edit));
  }
  const statements = statementsOf(mutants.find((one) => one.name === name)!);
  expect(sources.size + statements.length).toBeGreaterThan(0);
});

test('there is a mutant for every bug of the list', () => {
  const bugs = [...new Set(mutants.map(({ bug }) => bug))].sort((a, b) => a - b);
  expect(bugs).toEqual(Array.from({ length: 45 }, (_, i) => i + 1));
});

test('docs/reliability.md lists every seeded bug with its witness', () => {
  const documented = rowsOf(readPage('docs/reliability.md'), 'bug', 'mutant', 'the mistake').map((row) => [
    Number(row['bug']),
    ...spansOf(row['mutant'] ?? ''),
    ...spansOf(row['caught by'] ?? ''),
  ]);
  const listed = mutants.map(({ bug, name, test: tests }) => [bug, name, ...(tests ? [tests[0]] : [])]);
  const byName = (a: unknown[], b: unknown[]) => String(a[1]).localeCompare(String(b[1]));
  expect(documented.sort(byName)).toEqual(listed.sort(byName));
});

test.each(mutants)('the seeded bug $name has one witness', ({ only: faults, test: tests }) => {
  expect([faults, tests].filter(Boolean)).toHaveLength(1);
  if (tests) expect(sourceOf(tests[0])).toContain(tests[1]);
});

test('every run is made of faults that there are', () => {
  const plans = [
    ...Object.values(tiers),
    ...mutants.flatMap((mutant) => (mutant.only ? [only(mutant.only)] : [])),
  ];
  for (const { plan } of plans)
    for (const kind of Object.keys(plan.counts)) expect(faults).toHaveProperty(kind);
});
