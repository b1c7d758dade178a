import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { buildSchema, isAbstractType } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { blocksOf, readPage } from '../contract/readme/markdown.ts';

// The typed documents of a team, as packages/client/README.md describes them: with the packed package, and strict types.

const run = promisify(execFile);
const readme = readPage('packages/client/README.md');
const TOOLS = ['@graphql-codegen', '@graphql-typed-document-node', 'graphql', 'graphql-ws', '@types'];

const compilerOptions = {
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  noEmit: true,
  target: 'ES2022',
  lib: ['ES2022', 'DOM'],
  module: 'ESNext',
  moduleResolution: 'bundler',
  resolveJsonModule: true,
  types: [],
};

let folder: string;
const at = (file: string) => path.join(folder, file);

/** The block of the README that begins with the name of this file. */
function fileIn(name: string): string {
  const block = blocksOf(readme, 'Your own documents').find(({ code }) => code.startsWith(`// ${name}\n`));
  if (!block) throw new Error(`packages/client/README.md has no ${name}`);
  return block.code;
}

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'parley-codegen-'));
  for (const made of ['src', 'node_modules/@parley']) mkdirSync(at(made), { recursive: true });
  for (const name of TOOLS) symlinkSync(path.resolve('node_modules', name), at(`node_modules/${name}`));
  const pack = ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder, './packages/client'];
  await run('npm', pack);
  await run('tar', ['-xzf', at('parley-client-0.1.0.tgz'), '-C', folder]);
  cpSync(at('package'), at('node_modules/@parley/client'), { recursive: true });
  writeFileSync(at('package.json'), '{ "type": "module" }');
  writeFileSync(at('tsconfig.json'), JSON.stringify({ compilerOptions, include: ['src'] }));
  writeFileSync(at('src/engine-room.ts'), fileIn('src/engine-room.ts'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a compiler has to refuse, and what it has to know. */
const USE = `import possibleTypes from '@parley/client/possibleTypes.json';
import { createClient } from '@parley/client';
import { createDocuments } from '@parley/client/documents';
import { graphql } from './gql';

const ROOM = graphql(\`query Team($id: ID!) { room(id: $id) { name cursor } }\`);
const client = createClient({ url: 'http://localhost:4000/graphql' });
const documents = createDocuments(client);

export async function nameOf(id: string): Promise<string | undefined> {
  const { room } = await documents.request(ROOM, { id });
  const { data, errors } = await documents.respond(ROOM, { id });
  const codes: (string | undefined)[] = (errors ?? []).map(({ extensions }) => extensions?.code);
  const cursor: string | undefined = data?.room?.cursor ?? undefined;
  // @ts-expect-error: there is no such field
  room?.nonsense;
  // @ts-expect-error: the variable is missing
  await documents.request(ROOM, {});
  // @ts-expect-error: a number is no id
  await documents.request(ROOM, { id: 1 });
  return room?.name ?? cursor ?? codes[0];
}

export const errors: readonly string[] = possibleTypes.UserError;
`;

/** Only texts can be sent without reading them. */
const REQUEST = `export const direct = () => client.request(ROOM, { id: '' });\n`;
const USES = {
  documentNode: `${USE}\n// @ts-expect-error: no text\n${REQUEST}`,
  string: `${USE}\n${REQUEST}`,
};

/** What the compiler says of the project, with documents generated in this mode. */
async function complaints(mode: keyof typeof USES): Promise<string> {
  const config = fileIn('codegen.ts').replace(
    /'https:\S+graphql'/,
    JSON.stringify(path.resolve('schema.graphql')),
  );
  writeFileSync(at('codegen.ts'), config.replace('config: {', `config: { documentMode: '${mode}',`));
  writeFileSync(at('src/use.ts'), USES[mode]);
  const [cli, tsc] = [
    path.resolve('node_modules/@graphql-codegen/cli/esm/bin.js'),
    path.resolve('node_modules/typescript-cli/bin/tsc'),
  ];
  await run(process.execPath, [cli, '--config', 'codegen.ts'], { cwd: folder });
  const compiled = run(process.execPath, [tsc, '-p', folder]);
  return (await compiled.catch((error: { stdout: string }) => error)).stdout;
}

test('the preset and the examples of the README compile, as parsed documents', async () => {
  expect(await complaints('documentNode')).toBe('');
});

test('and as texts', async () => {
  expect(await complaints('string')).toBe('');
});

test('possibleTypes.json of the package has all members of each interface and union', () => {
  const schema = buildSchema(readPage('schema.graphql').text);
  const shipped = JSON.parse(readFileSync(at('node_modules/@parley/client/possibleTypes.json'), 'utf8'));
  const abstract = Object.values(schema.getTypeMap()).filter(isAbstractType);
  const expected = abstract.map((type) => [
    type.name,
    schema
      .getPossibleTypes(type)
      .map(({ name }) => name)
      .sort(),
  ]);
  const sorted = Object.entries(shipped as Record<string, string[]>).map(([name, members]) => [
    name,
    [...members].sort(),
  ]);
  expect(Object.fromEntries(sorted)).toEqual(Object.fromEntries(expected));
});
