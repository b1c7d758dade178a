import { pino } from 'pino';
import { expect, inject, onTestFinished, test } from 'vitest';
import { openDatabase, statement } from '../src/platform/db.ts';
import { createLog, createMetrics } from '../src/platform/telemetry.ts';
import { createDatabase, execute, queryRows } from './harness/database.ts';

// The settings that a node's connections enforce, whatever the settings of the server, the database or the role are.

test('no connection of a node compiles statements, also where the server is told to compile all', async () => {
  const database = await createDatabase();
  onTestFinished(() => database.drop());
  const name = new URL(database.url).pathname.slice(1);
  for (const setting of ['jit = on', 'jit_above_cost = 0'])
    await execute(inject('databaseUrl'), `ALTER DATABASE ${name} SET ${setting}`);
  expect(await queryRows(database.url, 'SHOW jit')).toEqual([{ jit: 'on' }]);

  const db = openDatabase(database.url, 4, createLog('silent', 'test'), createMetrics());
  onTestFinished(() => db.close());
  const show = statement('SHOW jit');
  for (const pool of ['posts', 'write', 'read', 'tail'] as const)
    expect(await db[pool].rows(show, []), pool).toEqual([{ jit: 'off' }]);
  expect(await db.prisma.$queryRawUnsafe('SHOW jit')).toEqual([{ jit: 'off' }]);
});

test('idle connections that break are logged, but not while the node stops', async () => {
  const database = await createDatabase();
  onTestFinished(() => database.drop());
  const lines: string[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) });
  const db = openDatabase(database.url, 4, log, createMetrics());
  onTestFinished(() => db.close());
  const whoAmI = statement('SELECT pg_backend_pid() AS pid');
  const ask = () => db.read.rows<{ pid: number }>(whoAmI, []).then(([row]) => row?.pid);
  const end = (pid: number | undefined) => execute(database.url, `SELECT pg_terminate_backend(${pid})`);
  const broke = () => lines.filter((line) => line.includes('an idle database connection broke')).length;

  await end(await ask());
  await expect.poll(broke, { timeout: 20_000 }).toBe(1);
  lines.length = 0;
  db.expectEnd();
  const pid = await ask();
  await end(pid);
  // The pool has another connection in its place.
  await expect.poll(() => ask().catch(() => pid), { timeout: 20_000 }).not.toBe(pid);
  expect(lines).toEqual([]);
});
