/** The command line for operators: `npm run admin -- <command>`. Works beside running nodes, and without any. */
import { randomBytes } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { z } from 'zod';
import {
  createInvitation,
  createUser,
  importUsers,
  type Office,
  resetPassword,
  restoreUser,
  revokeSessions,
  suspendUser,
} from './accounts/administration.ts';
import { loadSecrets } from './accounts/secrets.ts';
import { ConfigError, loadSettings, type Settings } from './config.ts';
import { findRunning, startEmbeddedPostgres } from './embedded-postgres/embedded-postgres.ts';
import {
  listConsumers,
  listDeadLetters,
  retryDeadLetters,
  skipDeadLetter,
} from './eventlog/consumers/admin.ts';
import { type LivingNode, listLivingNodes } from './eventlog/ephemeral/living-nodes.ts';
import { rotateEpoch } from './eventlog/incarnation.ts';
import { createRedisBus } from './platform/bus.ts';
import { oneLine } from './platform/characters.ts';
import { checkAccess } from './platform/database-access.ts';
import { openDatabase, statement } from './platform/db.ts';
import { Refusal } from './platform/errors.ts';
import { listDeadJobs, retryDeadJobs } from './platform/jobs.ts';
import { migrate } from './platform/migrate.ts';
import { createLog, createMetrics } from './platform/telemetry.ts';

// -- the database ------------------------------------------------------------------------------

interface Reached {
  readonly url: string;
  /** Nobody else uses it: it was started for this command. */
  readonly isOurs: boolean;
  stop(): Promise<void>;
}

/** DATABASE_URL, the embedded server that a running Parley keeps up, or else the same one, started for the occasion. */
async function reachDatabase({ DATABASE_URL, DATA_DIR }: Settings): Promise<Reached> {
  const url = DATABASE_URL ?? (await findRunning(DATA_DIR));
  if (url) return { url, isOurs: false, stop: async () => {} };
  const server = await startEmbeddedPostgres({ dataDir: DATA_DIR });
  return { url: server.url, isOurs: true, stop: () => server.stop() };
}

interface Desk extends Office {
  readonly url: string;
}

/** Everything a command needs; `close` also stops a server that was started for it. */
async function connectAdmin(settings: Settings): Promise<Desk & { close(): Promise<void> }> {
  const server = await reachDatabase(settings);
  const { url } = server;
  try {
    if (server.isOurs) await migrate(url);
    else await checkAccess(url);
  } catch (error) {
    await server.stop();
    throw error;
  }
  const db = openDatabase(url, 4, createLog('silent', 'admin'), createMetrics());
  return {
    url,
    settings,
    db,
    // Only when asked for: where no secret is set, asking makes one.
    get secrets() {
      return loadSecrets(settings);
    },
    async close() {
      await db.close();
      await server.stop();
    },
  };
}

// -- the commands ------------------------------------------------------------------------------

/** The command was not given as it should be. */
class UsageError extends Error {}

type Options = NonNullable<ParseArgsConfig['options']>;

interface Given {
  option(name: string): string | undefined;
  /** @throws UsageError */
  required(name: string): string;
  has(flag: string): boolean;
  readonly operands: readonly string[];
}

interface Command {
  readonly usage: string;
  readonly says: string;
  readonly options?: Options;
  readonly operands?: number;
  run(desk: Desk, given: Given): Promise<void>;
}

const say = (line: string) => console.log(line);
const value = { type: 'string' } as const;
const sessionsEnded = (count: number) => `${count} ${count === 1 ? 'session' : 'sessions'} ended`;

const epoch = statement('SELECT epoch FROM incarnation');
const epochNumber = statement('SELECT current_epoch() AS epoch');

const commands: Record<string, Command> = {
  'create-user': {
    usage: '--username NAME --email ADDRESS [--password PASSWORD] [--admin]',
    says: 'Creates an account. Without --password it asks for one or, without a terminal, generates and prints one.',
    options: { username: value, email: value, password: value, admin: { type: 'boolean' } },
    async run(desk, given) {
      const [username, email] = [given.required('username'), given.required('email')];
      const { password, tell } = await choosePassword(given);
      const id = await createUser(desk, { username, email, password, isAdmin: given.has('admin') });
      say(`created ${username}, id ${id}`);
      tell();
    },
  },
  'reset-password': {
    usage: '--username NAME [--password PASSWORD]',
    says: 'Sets a new password and ends all sessions of the account. Passwords as in create-user. NAME can be an e-mail address.',
    options: { username: value, password: value },
    async run(desk, given) {
      const username = given.required('username');
      const { password, tell } = await choosePassword(given);
      say(sessionsEnded(await resetPassword(desk, username, password)));
      tell();
    },
  },
  'revoke-sessions': {
    usage: '--username NAME',
    says: 'Ends all sessions of a user.',
    options: { username: value },
    run: async (desk, given) => say(sessionsEnded(await revokeSessions(desk, given.required('username')))),
  },
  'suspend-user': {
    usage: '--username NAME',
    says: 'Ends all sessions of a user and blocks signing in.',
    options: { username: value },
    run: async (desk, given) =>
      say(`suspended; ${sessionsEnded(await suspendUser(desk, given.required('username')))}`),
  },
  'restore-user': {
    usage: '--username NAME',
    says: 'Ends a suspension.',
    options: { username: value },
    async run(desk, given) {
      await restoreUser(desk, given.required('username'));
      say('restored');
    },
  },
  'create-invite': {
    usage: '[--days DAYS]',
    says: 'Prints a token with which one person can register (the inviteToken of register), good for 7 days by default.',
    options: { days: value },
    run: async (desk, given) => say(await createInvitation(desk, daysIn(given))),
  },
  'import-users': {
    usage: 'FILE|-',
    says:
      'Makes many accounts without passwords and signs them in, all or none. Reads one JSON object a line: ' +
      '{"username", "displayName"}. Prints one a line: {"username", "userId", "accessToken", "refreshToken"}.',
    operands: 1,
    async run(desk, { operands: [file = '-'] }) {
      const people = peopleIn(await text(file === '-' ? process.stdin : createReadStream(file)));
      const imported = await importUsers(desk, people);
      process.stdout.write(imported.map((one) => `${JSON.stringify(one)}\n`).join(''));
    },
  },
  'rotate-epoch': {
    usage: '',
    says: 'After the database was restored from a backup: old positions in streams become foreign, so no client misses anything.',
    async run({ url, db }) {
      await rotateEpoch(url);
      const [row] = await db.write.rows<{ epoch: string }>(epoch, []);
      say(`the epoch is now ${row?.epoch}`);
    },
  },
  nodes: {
    usage: '',
    says: 'Lists the nodes that are alive, by their start: id, version, start, and address as the node knows it. Takes three seconds.',
    async run(desk) {
      if (desk.settings.REDIS_URL === undefined)
        return say(
          'REDIS_URL is not set: nodes find each other over Redis, and without it there is at most one',
        );
      const nodes = await listNodes(desk, desk.settings.REDIS_URL);
      for (const { id, version, startedAt, address } of nodes)
        say(`${id} version ${version}, since ${startedAt.toISOString()}, ${address ?? 'starting'}`);
      if (nodes.length === 0)
        say('no node answers: none is running, or they use another Redis server, JWT_SECRET or database');
    },
  },
  consumers: {
    usage: '',
    says: 'Lists the log consumers with the age of their positions, and the rooms that wait because an event failed.',
    async run({ db, settings }) {
      for (const { name, lagSeconds, waiting, dead } of await listConsumers(
        db.read,
        settings.CONSUMER_MAX_ATTEMPTS,
      ))
        say(`${name}: ${lagSeconds.toFixed(1)} s behind, ${waiting} rooms waiting, ${dead} dead letters`);
      for (const { consumer, roomId, roomSeq, attempts, error } of await listDeadLetters(db.read))
        say(`  ${consumer} room ${roomId} event ${roomSeq}: ${attempts} attempts, ${oneLine(error ?? '')}`);
    },
  },
  'retry-dead-letters': {
    usage: '--consumer NAME [--room ROOM]',
    says: 'Tries failed events again at once, with new attempts. ROOM is a number that the command consumers shows.',
    options: { consumer: value, room: value },
    async run({ db }, given) {
      const room = given.option('room') === undefined ? null : numberIn(given, 'room');
      say(`${await retryDeadLetters(db.write, given.required('consumer'), room)} rooms are tried again`);
    },
  },
  'skip-dead-letter': {
    usage: '--consumer NAME --room ROOM --event EVENT',
    says: 'Lets a consumer go on in a room without the event that failed. The event is listed in the table consumer_skips.',
    options: { consumer: value, room: value, event: value },
    async run({ db }, given) {
      const letter = {
        consumer: given.required('consumer'),
        roomId: numberIn(given, 'room'),
        roomSeq: numberIn(given, 'event'),
      };
      if (!(await skipDeadLetter(db.write, letter)))
        throw new Error('no such event has failed; see the command consumers');
      say('skipped');
    },
  },
  jobs: {
    usage: '',
    says: 'Lists the jobs that failed too often, at most 1,000.',
    async run({ db }) {
      for (const { id, task, attempts, error } of await listDeadJobs(db.read))
        say(`${id} ${task}: ${attempts} attempts, ${oneLine(error ?? '')}`);
    },
  },
  'retry-jobs': {
    usage: '[--job ID]',
    says: 'Runs jobs again that failed too often: one, or all.',
    options: { job: value },
    async run({ db }, given) {
      const id = given.option('job') === undefined ? null : numberIn(given, 'job');
      say(`${await retryDeadJobs(db.write, id)} jobs are run again`);
    },
  },
  migrate: {
    usage: '',
    says: 'Brings the database to what this version needs.',
    run: async ({ url }) => say(summary(await migrate(url, { log: say }))),
  },
};

async function listNodes({ db, settings }: Desk, url: string): Promise<LivingNode[]> {
  const [row] = await db.read.rows<{ epoch: number }>(epochNumber, []);
  const bus = createRedisBus({ url, secrets: loadSecrets(settings), log: createLog('silent', 'admin') });
  try {
    return await listLivingNodes(bus, row?.epoch ?? 0);
  } finally {
    await bus.close();
  }
}

const summary = (applied: string[]) => (applied.length ? `${applied.length} applied` : 'nothing to do');

/** @throws UsageError */
function numberIn(given: Given, name: string): number {
  const number = Number(given.required(name));
  if (!Number.isSafeInteger(number) || number < 1) throw new UsageError(`--${name} is a whole number from 1`);
  return number;
}

function daysIn(given: Given): number {
  const days = Number(given.option('days') ?? 7);
  if (!Number.isInteger(days) || days < 1 || days > 365)
    throw new UsageError('--days is a whole number from 1 to 365');
  return days;
}

const person = z.object({ username: z.string(), displayName: z.string().optional() });

function peopleIn(lines: string): { username: string; displayName: string }[] {
  return lines.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return [];
    const { success, data } = person.safeParse(parsedJson(line));
    if (!success) throw new Error(`line ${index + 1} is not {"username": "...", "displayName": "..."}`);
    return [{ username: data.username, displayName: data.displayName ?? data.username }];
  });
}

function parsedJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

// -- passwords ---------------------------------------------------------------------------------

/** The one given, the one typed, or a random one, which `tell` prints when all went well. */
async function choosePassword(given: Given): Promise<{ password: string; tell: () => void }> {
  const chosen =
    given.option('password') ?? (process.stdin.isTTY ? await ask('Password (empty for a random one): ') : '');
  if (chosen !== '') return { password: chosen, tell: () => {} };
  const password = randomBytes(18).toString('base64url');
  return { password, tell: () => say(`password: ${password}`) };
}

/** Shows the question, but not the answer. */
async function ask(question: string): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  process.stderr.write(question);
  try {
    return await terminal.question('');
  } finally {
    terminal.close();
    process.stderr.write('\n');
  }
}

// -- the process -------------------------------------------------------------------------------

function usage(): string {
  const lines = Object.entries(commands).map(
    ([name, { usage, says }]) => `  ${name} ${usage}`.trimEnd() + `\n      ${says}`,
  );
  return [
    'Usage: npm run admin -- <command> [options]     (npm run --silent prints nothing of its own)',
    '',
    ...lines,
    '',
    'Settings come from the environment, as for the server: DATABASE_URL, or else DATA_DIR with its embedded PostgreSQL.',
    'Exit codes: 0 done, 1 failed, 2 not understood.',
  ].join('\n');
}

/** @throws UsageError */
function parse({ options = {}, operands = 0 }: Command, args: string[]): Given {
  const { values, positionals } = parsedArgs(options, args);
  if (positionals.length !== operands)
    throw new UsageError(operands ? 'an operand is missing' : `unexpected: ${positionals[0]}`);
  const option = (name: string) => (typeof values[name] === 'string' ? values[name] : undefined);
  const required = (name: string) => {
    const text = option(name);
    if (!text) throw new UsageError(`--${name} is missing`);
    return text;
  };
  return { option, required, has: (flag) => values[flag] === true, operands: positionals };
}

function parsedArgs(options: Options, args: string[]) {
  try {
    return parseArgs({ options, args, strict: true, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message.split('. ')[0]);
  }
}

async function run(name: string, command: Command, args: string[]): Promise<void> {
  const given = parse(command, args);
  // As the server does: what the environment has already wins.
  if (existsSync('.env')) process.loadEnvFile('.env');
  const desk = await connectAdmin(loadSettings());
  try {
    await command.run(desk, given);
  } catch (error) {
    throw error instanceof UsageError ? new UsageError(`${name}: ${error.message}`) : error;
  } finally {
    await desk.close();
  }
}

/** One line, whatever went wrong. */
function explain(error: unknown): string {
  if (error instanceof Refusal)
    return [...(error.where ?? []), error.detail].filter((part) => part !== 'input').join(': ');
  const { code = 'failed', message } = error as { code?: string; message: string };
  if (code === '42P01')
    return 'the database has no tables yet: run the command migrate, or start Parley once';
  return oneLine(message) || code;
}

/** One line, except for settings: each that is wrong has its own. */
function problemsIn(error: unknown): readonly string[] {
  return error instanceof ConfigError ? error.problems : [explain(error)];
}

async function main([name, ...args]: string[]): Promise<number> {
  if (name === undefined || name === 'help' || name === '--help') {
    say(usage());
    return name === undefined ? 2 : 0;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  try {
    if (!command) throw new UsageError(`there is no command ${name}; see npm run admin -- help`);
    await run(name, command, args);
    return 0;
  } catch (error) {
    for (const problem of problemsIn(error)) console.error(`parley admin: ${problem}`);
    if (!(error instanceof UsageError)) return 1;
    if (command) console.error(`usage: ${name} ${command.usage}`);
    return 2;
  }
}

process.exitCode = await main(process.argv.slice(2));
