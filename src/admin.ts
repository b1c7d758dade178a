/** The command line for operators: `npm run admin -- <command>`. It works with and without running nodes. */
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Command, type Given, type Options, say, UsageError } from './admin/command.ts';
import { commands } from './admin/commands.ts';
import { connectAdmin } from './admin/desk.ts';
import { ConfigError, loadSettings } from './config.ts';
import { oneLine } from './platform/characters.ts';
import { Refusal } from './platform/errors.ts';

function usage(): string {
  const lines = Object.entries(commands).map(
    ([name, { usage, says }]) => `  ${name} ${usage}`.trimEnd() + `\n      ${says}`,
  );
  return [
    'Usage: npm run admin -- <command> [options]     (npm run --silent prints only the output of the command)',
    '',
    ...lines,
    '',
    'The settings are those of the server, from the environment: DATABASE_URL, or DATA_DIR with its embedded PostgreSQL.',
    'Exit codes: 0 success, 1 failure, 2 wrong arguments.',
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
  // As in the server: variables of the environment have priority over the file.
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

/** The error as one line. */
function explain(error: unknown): string {
  if (error instanceof Refusal)
    return [...(error.where ?? []), error.detail].filter((part) => part !== 'input').join(': ');
  const { code = 'failed', message } = error as { code?: string; message: string };
  if (code === '42P01')
    return 'the database has no tables yet: run the command migrate, or start Parley once';
  return oneLine(message) || code;
}

/** One line, or one line for each wrong setting. */
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
