/**
 * Fills a server with people, rooms and four weeks of conversations for the demo. Run `npm run seed` with or without a
 * running server; `npm run seed -- --log FILE` reads the conversations from a file, one JSON object per line.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { loadSettings, type Settings } from '../src/config.ts';
import { findRunning, startEmbeddedPostgres } from '../src/embedded-postgres/embedded-postgres.ts';
import { migrate } from '../src/platform/migrate.ts';
import { Passwords } from '../src/platform/passwords.ts';
import { madeUpPlan } from './seed/conversation.ts';
import { planOfLogs } from './seed/logs.ts';
import type { Plan } from './seed/plan.ts';
import { Progress } from './seed/progress.ts';
import { takenNames, writePlan } from './seed/write.ts';

interface Reached {
  readonly url: string;
  stop(): Promise<void>;
}

/** Finds the database in the same way as the server and the command line. */
async function reachDatabase({ DATABASE_URL, DATA_DIR }: Settings): Promise<Reached> {
  const url = DATABASE_URL ?? (await findRunning(DATA_DIR));
  if (url) return { url, stop: async () => {} };
  return startEmbeddedPostgres({ dataDir: DATA_DIR });
}

async function seed(client: pg.Client, plan: Plan, password: string): Promise<void> {
  const taken = await takenNames(client, plan.people);
  if (taken.length > 0) {
    console.log(`Nothing was written: the user ${taken[0]} exists, so this server has been seeded before.`);
    console.log(
      `To sign in as ${taken[0]}, set a new password: npm run admin -- reset-password --username ${taken[0]}`,
    );
    return;
  }
  const count = plan.rooms.reduce((sum, { messages }) => sum + messages.length, 0);
  const progress = new Progress(count);
  const hash = await new Passwords().hash(password);
  await writePlan(client, plan, hash, (done) => progress.show(done));
  const [first, second] = plan.people;
  console.log(`Wrote ${count} messages by ${plan.people.length} users in ${plan.rooms.length} rooms.`);
  console.log(`Sign in as ${first?.username} with the password ${password}`);
  if (second) console.log(`or, in another browser, as ${second.username} with the same password.`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { log: { type: 'string' }, password: { type: 'string' } } });
  const plan =
    values.log === undefined ? madeUpPlan(new Date()) : planOfLogs(readFileSync(values.log, 'utf8'));
  const server = await reachDatabase(loadSettings());
  const client = new pg.Client({ connectionString: server.url });
  try {
    await migrate(server.url);
    await client.connect();
    await seed(client, plan, values.password ?? randomBytes(9).toString('base64url'));
  } finally {
    await client.end();
    await server.stop();
  }
}

try {
  await main();
} catch (error) {
  console.error(`seed: ${(error as Error).message}`);
  process.exitCode = 1;
}
