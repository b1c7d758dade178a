import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { nodeFlags } from '../scripts/node-flags.ts';
import { startConsumers } from '../src/eventlog/consumers/consumers.ts';
import { addJob, JOBS_REVISION, JOBS_SCHEMA, listDeadJobs } from '../src/platform/job-queue.ts';
import { type JobHandlers, startJobs } from '../src/platform/jobs.ts';
import { migrate, migrationStatus } from '../src/platform/migrate.ts';
import { DatabaseSession } from '../src/platform/session.ts';
import { createMetrics } from '../src/platform/telemetry.ts';
import { runAdmin } from './harness/admin.ts';
import { createDatabase, queryRows, type TestDatabase } from './harness/database.ts';
import { LogWriter } from './harness/log-writer.ts';

// Jobs are added by transactions, run by some node at least once, and again until they succeed.

const JOBS_MODULE = fileURLToPath(new URL('../dist/platform/jobs.js', import.meta.url));
const TELEMETRY_MODULE = fileURLToPath(new URL('../dist/platform/telemetry.js', import.meta.url));
const PATIENCE = { timeout: 30_000, interval: 20 };

let database: TestDatabase;
let session: DatabaseSession;
const undo: (() => unknown)[] = [];

beforeEach(async () => {
  database = await createDatabase();
  undo.push(() => database.drop());
  session = await DatabaseSession.open(database.url, 'test');
  undo.push(() => session.close());
});

afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

const log = pino({ level: 'silent' });

function runJobs(handlers: JobHandlers): void {
  const stop = startJobs({
    url: database.url,
    handlers,
    concurrency: 2,
    log,
    metrics: createMetrics(),
    reapMs: 50,
  });
  undo.push(stop);
}

const rows = <Row>(sql: string) => queryRows<Row>(database.url, sql);
const jobsLeft = () => rows('SELECT id FROM jobs.jobs');

test('the tables come with the migrations, for a role that is no superuser', async () => {
  const empty = await createDatabase('template0');
  undo.push(() => empty.drop());
  expect((await migrationStatus(empty.url)).pending).toContain(`the schema ${JOBS_SCHEMA}`);
  await migrate(empty.url);
  expect((await migrationStatus(empty.url)).pending).toEqual([]);
  const [last] = await queryRows<{ id: number }>(empty.url, 'SELECT max(id) AS id FROM jobs.migrations');
  expect(last?.id).toBe(JOBS_REVISION);
});

test('a consumer adds jobs in the transaction of its position, and two nodes run each once', async () => {
  const seen: string[] = [];
  const handlers = { tell: async (payload: unknown) => void seen.push(JSON.stringify(payload)) };
  runJobs(handlers);
  runJobs(handlers);
  let failures = 3;
  const stop = startConsumers({
    url: database.url,
    consumers: [
      {
        name: 'teller',
        async apply({ events, sql }) {
          for (const { roomId, roomSeq } of events)
            await addJob(sql, { task: 'tell', payload: { roomId, roomSeq }, queue: `room ${roomId}` });
          // These jobs are rolled back with the position.
          if (failures-- > 0) throw new Error('not yet');
        },
      },
    ],
    log,
    metrics: createMetrics(),
    pollMs: 5,
    standbyMs: 20,
    rules: { maxAttempts: 10, retrySeconds: 0 },
  });
  undo.push(stop);
  await vi.waitFor(async () => expect(await rows('SELECT 1 FROM consumers')).toHaveLength(1), PATIENCE);
  const writer = await LogWriter.connect(database.url);
  undo.push(() => writer.close());
  const [room] = (await writer.createRooms(1)) as [number];
  await writer.appendMany(room, 20);
  await vi.waitFor(() => expect(seen.length).toBeGreaterThanOrEqual(20), PATIENCE);
  expect(seen).toEqual(
    Array.from({ length: 20 }, (_, i) => JSON.stringify({ roomId: room, roomSeq: i + 1 })),
  );
});

test('a job that keeps failing is dead, and an operator runs it again', async () => {
  let isBroken = true;
  let done = 0;
  runJobs({
    async flaky() {
      if (isBroken) throw new Error('the other side is away');
      done++;
    },
  });
  await addJob(session, { task: 'flaky', payload: {}, maxAttempts: 1 });
  await vi.waitFor(
    async () =>
      expect(await listDeadJobs(session)).toMatchObject([
        { task: 'flaky', attempts: 1, error: 'the other side is away' },
      ]),
    PATIENCE,
  );
  const admin = (command: string) => runAdmin([command], { env: { DATABASE_URL: database.url } });
  expect((await admin('jobs')).out).toContain('flaky: 1 attempts, the other side is away');
  isBroken = false;
  expect((await admin('retry-jobs')).out).toContain('1 jobs');
  await vi.waitFor(async () => expect(await jobsLeft()).toEqual([]), PATIENCE);
  expect(done).toBe(1);
});

/** A node that takes a job and never ends it, in that folder. */
async function startHangingNode(cwd: string) {
  const script = `
    import { startJobs } from ${JSON.stringify(JOBS_MODULE)};
    import { createLog, createMetrics } from ${JSON.stringify(TELEMETRY_MODULE)};
    const handlers = { hang: () => new Promise(() => console.log('taken')) };
    startJobs({ url: process.env.URL, handlers, concurrency: 1, log: createLog('silent', 'x'), metrics: createMetrics() });
    setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, [...nodeFlags, '--input-type=module', '-e', script], {
    cwd,
    env: { PATH: process.env['PATH'], URL: database.url },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  undo.push(() => child.kill('SIGKILL'));
  await once(createInterface(child.stdout), 'line');
  return child;
}

test('the jobs of a node that died run elsewhere, and nothing in its folder is loaded', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'parley-jobs-'));
  undo.push(() => rmSync(folder, { recursive: true }));
  const marker = path.join(folder, 'loaded');
  const program = `require('node:fs').appendFileSync(${JSON.stringify(marker)}, __filename);\n`;
  mkdirSync(path.join(folder, 'tasks'));
  const names = [
    '.graphile-workerrc.js',
    '.graphile-workerrc.cjs',
    'graphile-worker.config.js',
    'tasks/hang.js',
  ];
  for (const name of names) writeFileSync(path.join(folder, name), program);
  writeFileSync(path.join(folder, 'crontab'), '* * * * * hang ?id=planted\n');

  await addJob(session, { task: 'hang', payload: {}, queue: 'one' });
  const child = await startHangingNode(folder);
  const ran: number[] = [];
  runJobs({ hang: async (_payload, { attempt }) => void ran.push(attempt) });
  child.kill('SIGKILL');
  await vi.waitFor(() => expect(ran).toEqual([2]), PATIENCE);
  await vi.waitFor(async () => expect(await jobsLeft()).toEqual([]), PATIENCE);
  expect(existsSync(marker)).toBe(false);
  expect(await rows('SELECT * FROM jobs._private_known_crontabs')).toEqual([]);
});
