/** Prints `schema.graphql` from the code; with `--check` it only checks that the committed file is current. */
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { schema } from '../src/schema.ts';

const FILE = 'schema.graphql';
const HEADER = '# Printed from the code by `npm run schema`: change the code, not this file.\n\n';

/** Sorted, so that moving code does not change it. */
export function printedSchema(): string {
  return `${HEADER}${printSchema(lexicographicSortSchema(schema))}\n`;
}

function check(): void {
  if (committed() === printedSchema()) return;
  console.error(`${FILE} differs from the code. Run \`npm run schema\` and review the change.`);
  process.exitCode = 1;
}

/** git handles line endings. */
function committed(): string {
  return readFileSync(FILE, 'utf8').replaceAll('\r\n', '\n');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  if (process.argv.includes('--check')) check();
  else writeFileSync(FILE, printedSchema());
}
