// Writes the migration from the existing ones to the models and the functions of prisma/functions:
//   npm run migration:new -- NAME [--empty]
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { migrate } from '../src/platform/migrate.ts';
import { diffMigrationsToModels, MIGRATIONS_DIR } from './schema-engine.ts';
import { diffFunctions } from './sql-functions.ts';
import { withTemporaryDatabase } from './temporary-database.ts';

const usage = `Usage: npm run migration:new -- NAME [--empty]
NAME says what changes, like add_reactions: small letters, digits and underscores.
--empty writes a file to fill by hand, for what neither shows: partial indexes, triggers, types, data.`;

const EMPTY = `-- What models and functions do not show. Runs in one transaction; never edited once released.\n`;

async function main(): Promise<void> {
  const { name, isEmpty } = readArguments();
  const sql = isEmpty ? EMPTY : await withTemporaryDatabase(difference);
  if (sql === '')
    throw new Error(
      'The migrations match the models and functions: there is nothing to migrate. (--empty creates an empty migration.)',
    );
  const file = path.join(MIGRATIONS_DIR, `${stamp()}_${name}`, 'migration.sql');
  mkdirSync(path.dirname(file));
  writeFileSync(file, sql);
  console.log(
    `${path.relative(process.cwd(), file)}\nCheck and complete this file, then run: npm run catalogue`,
  );
}

/** The differences between models and function files, and the migrations. */
async function difference(url: string): Promise<string> {
  const models = await diffMigrationsToModels(url);
  await migrate(url);
  const functions = await diffFunctions(url);
  if (functions === '') return models;
  return `${models}${models && '\n'}-- A function may call one that is created after it.\nSET LOCAL check_function_bodies = off;\n\n${functions}`;
}

function readArguments(): { name: string; isEmpty: boolean } {
  const { values, positionals } = parseArgs({
    options: { empty: { type: 'boolean' } },
    allowPositionals: true,
  });
  const [name = ''] = positionals;
  if (positionals.length !== 1 || !/^[a-z0-9_]+$/.test(name)) throw new Error(usage);
  return { name, isEmpty: values.empty === true };
}

/** The current time to the second, so that names sort by age. */
function stamp(): string {
  return new Date().toISOString().slice(0, 19).replaceAll(/\D/g, '');
}

await main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
