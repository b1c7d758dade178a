import { expect, test } from 'vitest';
import { checkLock, type Lock } from '../../scripts/check-lock.ts';

function lockOf(packages: Lock['packages']): Lock {
  const sound = { integrity: 'sha512-x' };
  return { packages: { '': {}, 'node_modules/graphql': sound, 'node_modules/ioredis': sound, ...packages } };
}

test('a lock that any machine can install from is accepted', () => {
  const lock = lockOf({
    'node_modules/a': { integrity: 'sha512-x', optionalDependencies: { 'a-linux': '1', shared: '1' } },
    'node_modules/a/node_modules/a-linux': { integrity: 'sha512-x' },
    'node_modules/shared': { integrity: 'sha512-x' },
    'node_modules/@ours/workspace': { resolved: 'packages/workspace', link: true },
    'packages/workspace': {},
  });
  expect(checkLock(lock)).toEqual([]);
});

test('what would fail elsewhere is refused', () => {
  const lock = lockOf({
    'node_modules/a': { resolved: 'https://example.com/a.tgz', integrity: 'sha512-x' },
    'node_modules/b': {},
    'node_modules/c': { integrity: 'sha512-x', optionalDependencies: { 'c-darwin': '1' } },
    'node_modules/c/node_modules/graphql': { integrity: 'sha512-x' },
  });
  expect(checkLock(lock)).toEqual([
    'node_modules/a is tied to example.com',
    'node_modules/b has no integrity',
    'node_modules/c lost its optional c-darwin',
    'graphql is there 2 times: node_modules/graphql, node_modules/c/node_modules/graphql',
  ]);
});

test('a tool that production would install as an optional peer is refused', () => {
  const packages = {
    '': { devDependencies: { tool: '1' } },
    'node_modules/client': { integrity: 'sha512-x', peerDependenciesMeta: { tool: { optional: true } } },
  };
  expect(checkLock(lockOf(packages))).toEqual([
    'node_modules/client brings the tool tool into production; install it under an alias',
  ]);
  const aliased = { ...packages, '': { devDependencies: { 'tool-cli': 'npm:tool@1' } } };
  expect(checkLock(lockOf(aliased))).toEqual([]);
});
