/**
 * Writes the members of each interface and union, which the caches of Apollo Client and urql need; with `--check` it
 * only checks that the file is current.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { type GraphQLSchema, isAbstractType, lexicographicSortSchema } from 'graphql';
import { schema } from '../src/schema.ts';

const FILE = 'packages/client/possibleTypes.json';

function possibleTypes(sorted: GraphQLSchema): string {
  const abstract = Object.values(sorted.getTypeMap())
    .filter(isAbstractType)
    .filter(({ name }) => !name.startsWith('__'));
  const members = abstract.map((type) => [type.name, sorted.getPossibleTypes(type).map(({ name }) => name)]);
  return `${JSON.stringify(Object.fromEntries(members), null, 2)}\n`;
}

const printed = possibleTypes(lexicographicSortSchema(schema));
if (!process.argv.includes('--check')) writeFileSync(FILE, printed);
else if (readFileSync(FILE, 'utf8').replaceAll('\r\n', '\n') !== printed) {
  console.error(`${FILE} differs from the code. Run \`npm run schema\` and review the change.`);
  process.exitCode = 1;
}
