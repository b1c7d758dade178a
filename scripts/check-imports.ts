/**
 * Refuses an import that the table in imports/table.ts does not allow, a file that is not in the table, and a cycle of
 * imports. Tests, scripts and benches may import anything, but cycles are refused there, too.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Import, readImports } from './imports/scan.ts';
import { forbidden, placeOf } from './imports/table.ts';

const roots = ['src', 'test', 'scripts', 'bench', 'packages'];
/** Files that are not written by us. */
const generated = [
  'src/generated/',
  'test/client/gql/',
  'bench/node_modules/',
  'bench/peers/generated/',
  'packages/client/dist/',
  'packages/react/dist/',
  'packages/apollo/dist/',
  'packages/urql/dist/',
  'packages/relay/dist/',
  'packages/client/src/generated/',
];

interface OwnImport extends Import {
  target: string;
}
type Graph = Map<string, OwnImport[]>;

export function checkImports(root: string): string[] {
  const files = roots.flatMap((folder) => listSources(root, folder));
  const graph: Graph = new Map(files.map((file) => [file, importsOf(root, file)]));
  return [...homeless(files), ...trespasses(graph), ...cycles(graph)];
}

function homeless(files: string[]): string[] {
  return files
    .filter((file) => placeOf(file) === undefined)
    .map((file) => `${file}:1 has no place on the line: give it one in scripts/imports/table.ts`);
}

function trespasses(graph: Graph): string[] {
  return [...graph].flatMap(([file, imports]) =>
    imports.flatMap(({ specifier, line, target, typeOnly }) => {
      const reason = forbidden(file, target, typeOnly);
      return reason === undefined ? [] : [`${file}:${line} imports ${specifier}: ${reason}`];
    }),
  );
}

/** Depth first: an import of a file that is still being visited closes a cycle. */
function cycles(graph: Graph): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const trail: string[] = [];
  const visit = (file: string): void => {
    trail.push(file);
    for (const { target, line } of graph.get(file) ?? []) {
      const start = trail.indexOf(target);
      if (start >= 0)
        found.push(`${file}:${line} closes a cycle: ${[...trail.slice(start), target].join(' → ')}`);
      else if (graph.has(target) && !done.has(target)) visit(target);
    }
    trail.pop();
    done.add(file);
  };
  for (const file of graph.keys()) if (!done.has(file)) visit(file);
  return found;
}

function listSources(root: string, folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.[mc]?ts$/.test(entry.name))
    .map((entry) => slashes(relative(root, join(entry.parentPath, entry.name))))
    .filter((file) => !generated.some((prefix) => file.startsWith(prefix)))
    .sort();
}

function importsOf(root: string, file: string): OwnImport[] {
  return readImports(readFileSync(join(root, file), 'utf8'), file)
    .filter(({ specifier }) => specifier.startsWith('.'))
    .map((each) => ({ ...each, target: targetOf(root, file, each.specifier) }));
}

function targetOf(root: string, file: string, specifier: string): string {
  const path = resolve(root, dirname(file), specifier);
  return slashes(relative(root, path)).replace(/\.js$/, '.ts');
}

function slashes(path: string): string {
  return path.split(sep).join('/');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const complaints = checkImports(process.cwd());
  for (const each of complaints) console.error(each);
  if (complaints.length > 0) process.exitCode = 1;
}
