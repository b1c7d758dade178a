/**
 * Runs all checks that need no server, each step even if an earlier one failed: a developer who fixes the types also
 * learns of the formatting. `npm run check:static -- lint imports` runs only those two.
 */
import { spawnSync } from 'node:child_process';

const PACKAGES = ['client', 'demo', 'react', 'apollo', 'urql', 'relay'].map((name) => `packages/${name}`);

const steps: Record<string, string> = {
  format: 'biome check --error-on-warnings .',
  types: ['.', ...PACKAGES].map((folder) => `tsc --noEmit -p ${folder}`).join(' && '),
  lint: 'oxlint --deny-warnings',
  imports: 'tsx scripts/check-imports.ts',
  drift:
    'tsx scripts/print-schema.ts --check && tsx scripts/print-possible-types.ts --check && tsx scripts/print-events.ts --check',
  contract: 'tsx scripts/check-schema.ts',
  graphql: 'eslint --max-warnings 0 schema.graphql "test/client/**/*.graphql" "packages/*/src/**/*.graphql"',
  codegen: 'graphql-codegen --check --errors-only',
  lock: 'tsx scripts/check-lock.ts',
};

/** Prints the output of the tool only if it fails. */
function passes(name: string, command: string): boolean {
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(command, { shell: true, encoding: 'utf8' });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`);
  if (status !== 0) console.log(`\n$ ${command}\n${stdout}${stderr}`);
  return status === 0;
}

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in steps));
if (unknown.length > 0) {
  throw new Error(
    `There is no check ${unknown.join(', ')}. The checks are: ${Object.keys(steps).join(', ')}`,
  );
}

const chosen = Object.entries(steps).filter(([name]) => asked.length === 0 || asked.includes(name));
const failed = chosen.filter(([name, command]) => !passes(name, command)).map(([name]) => name);
if (failed.length > 0) {
  console.log(`\nFailed: ${failed.join(', ')}`);
  process.exitCode = 1;
}
