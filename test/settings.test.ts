import { randomBytes } from 'node:crypto';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { ConfigError, loadSettings } from '../src/config.ts';
import { withDatabase } from '../src/platform/database-url.ts';
import { runAdmin } from './harness/admin.ts';
import { createDatabase, execute } from './harness/database.ts';
import { attemptNode } from './harness/node.ts';

// Two processes each, on a machine that is busy with other tests.
const STARTS_MS = 120_000;

const problemsOf = (env: Record<string, string>): readonly string[] => {
  try {
    loadSettings(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
};

describe('settings that are wrong', { timeout: STARTS_MS }, () => {
  test('are all named at once', () => {
    const problems = problemsOf({ PORT: 'many', LOG_LEVEL: 'loud', WORKERS: '2', NODE_ENV: 'production' });
    expect(problems.map((line) => line.split(':')[0])).toEqual([
      'PORT',
      'LOG_LEVEL',
      'JWT_SECRET',
      'DATABASE_URL',
      'REDIS_URL',
    ]);
  });

  test('are named once each', () => {
    const problems = problemsOf({ NODE_ENV: 'production', JWT_SECRET: 'short', PORT: '4001' });
    expect(problems).toEqual([
      expect.stringMatching(/^JWT_SECRET: must have at least 32 characters/),
      'OPS_PORT: must be another port than PORT',
    ]);
  });

  test.each(['postgresql://ada:100%@db/parley', 'postgresql://ada:%ff@db/parley'])(
    'a URL that cannot be decoded is one: %s',
    (url) => {
      expect(problemsOf({ DATABASE_URL: url })).toEqual([expect.stringContaining('%25 for a percent sign')]);
      expect(problemsOf({ DATABASE_URL: url.replace(/%\w*/, '%25') })).toEqual([]);
    },
  );

  test('are printed one a line, by the node and by the command line', async () => {
    const env = { PORT: 'many', HEARTBEAT_SECONDS: '0' };
    const { code, output } = await attemptNode({ env });
    expect(code).toBe(1);
    expect(output.split('\n')).toEqual([
      'parley: PORT: must be a whole number from 0 to 65535',
      'parley: HEARTBEAT_SECONDS: must be a whole number from 1 to 600',
    ]);
    const { err } = await runAdmin(['migrate'], { env });
    expect(err.match(/^parley admin: \w+: .*$/gm)).toHaveLength(2);
  });
});

describe('a database that does not let the node in', { timeout: STARTS_MS }, () => {
  const server = new URL(inject('databaseUrl'));

  function urlWith(changes: Partial<Pick<URL, 'username' | 'password' | 'pathname'>>): string {
    return Object.assign(new URL(server), changes).href;
  }

  test.each([
    ['a wrong password', urlWith({ password: 'wrong' }), 'the password of user'],
    ['no password', urlWith({ password: '' }), 'the password of user'],
    ['a user that does not exist', urlWith({ username: 'nobody' }), 'user "nobody"'],
    ['a database that does not exist', urlWith({ pathname: '/nowhere' }), 'there is no database "nowhere"'],
    ['a host that does not exist', 'postgresql://ada:secret@nowhere.invalid/parley', 'cannot be reached'],
  ])('is named by its setting: %s', async (_, databaseUrl, says) => {
    const expected = expect.stringMatching(`^parley(?: admin)?: DATABASE_URL: .*${says}.*$`);
    const { code, output } = await attemptNode({ databaseUrl });
    expect([code, output]).toEqual([1, expected]);
    const { code: adminCode, err } = await runAdmin(['create-invite'], {
      env: { DATABASE_URL: databaseUrl },
    });
    expect([adminCode, err.trim()]).toEqual([1, expected]);
  });

  test('is named by its setting: a user who may not create tables', async () => {
    const database = await createDatabase('template0');
    onTestFinished(() => database.drop());
    const user = `guest_${randomBytes(6).toString('hex')}`;
    await execute(server.href, `CREATE ROLE ${user} LOGIN PASSWORD 'guest'`);
    onTestFinished(() => execute(server.href, `DROP ROLE ${user}`));
    const url = new URL(withDatabase(urlWith({ username: user, password: 'guest' }), nameOf(database.url)));
    const { code, output } = await attemptNode({ databaseUrl: url.href });
    expect(code).toBe(1);
    expect(output).toContain(`DATABASE_URL: user "${user}" may not create tables in`);
  });
});

const nameOf = (url: string) => new URL(url).pathname.slice(1);
