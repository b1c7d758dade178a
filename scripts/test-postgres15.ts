// Runs the tests against PostgreSQL 15, the oldest that Parley supports: Debian's, which root installs if need be.
// `--sql` runs only those that depend most on the database; other arguments are Vitest's.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { installPackage } from '../test/harness/packages.ts';

// The package of the clients has the folder, too.
const BIN = '/usr/lib/postgresql/15/bin';
const isThere = () => existsSync(`${BIN}/postgres`);

/** What CI runs on PostgreSQL 15: plans, statements, migrations, and whatever rests on locks and snapshots. */
const SQL_TESTS = [
  'test/plans.test.ts',
  'test/statements.test.ts',
  'test/database-session.test.ts',
  'test/migrations.test.ts',
  'test/posting.test.ts',
  'test/eventlog.test.ts',
  'test/retention.test.ts',
  'test/realtime/convergence.test.ts',
];

if (!isThere()) await installPackage('postgresql-15');
if (!isThere()) {
  console.error(`There is no PostgreSQL 15 in ${BIN}. Install it, e.g. apt-get install postgresql-15.`);
  console.error('To test one in another folder, run TEST_POSTGRES_BIN=<folder of its programs> npm test.');
  process.exit(1);
}
const given = process.argv.slice(2);
const args = given.flatMap((argument) => (argument === '--sql' ? SQL_TESTS : argument));
const { status } = spawnSync('vitest', ['run', ...args], {
  stdio: 'inherit',
  env: { ...process.env, TEST_POSTGRES_BIN: BIN },
});
process.exit(status ?? 1);
