import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readPage } from './readme/markdown.ts';

interface Manifest {
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
}

const manifest = (path: string): Manifest => JSON.parse(readPage(path).text) as Manifest;

test('the examples use the versions that the packages are checked with', () => {
  const { dependencies, devDependencies } = manifest('package.json');
  const checked: Record<string, string> = { ...dependencies, ...devDependencies };
  const examples = readdirSync('examples', { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const used = examples
    .filter(({ name }) => name !== 'packed')
    .flatMap(({ name }) => Object.entries(manifest(`examples/${name}/package.json`).dependencies ?? {}))
    .filter(([name]) => name in checked);
  expect(used.length).toBeGreaterThan(8);
  expect(used).toEqual(used.map(([name]) => [name, checked[name]]));
});
