import { expect, inject, onTestFinished, test } from 'vitest';
import { openDatabase, statement } from '../src/platform/db.ts';
import { createLog, createMetrics } from '../src/platform/telemetry.ts';
import { createDatabase, execute, queryRows } from './harness/database.ts';

// What a node's connections insist on, whatever the settings of the server, the database or the role are.

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
