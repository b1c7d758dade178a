/**
 * Checks the requirements of `npm ci` for package-lock.json on every machine: no address of a registry, a hash for
 * every package, and the binaries of all platforms (npm silently omits those that it could not find). It also refuses
 * tools in a production installation.
 */
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

/** Two copies of these do not accept each other's objects: "another module or realm", mixed connections. */
const SINGLE = ['graphql', 'ioredis'];

interface Entry {
  resolved?: string;
  integrity?: string;
  dev?: boolean;
  link?: boolean;
  inBundle?: boolean;
  devDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependenciesMeta?: Record<string, { optional?: boolean }>;
}

export interface Lock {
  packages: Record<string, Entry>;
}

export function checkLock({ packages }: Lock): string[] {
  const installed = Object.entries(packages).filter(([path, { link }]) => isInstalled(path) && !link);
  return [
    ...installed.flatMap(([path, entry]) => entryComplaints(path, entry)),
    ...Object.entries(packages).flatMap(([path, entry]) => missingOptional(packages, path, entry)),
    ...installed.flatMap(([path, entry]) => toolComplaints(packages, path, entry)),
    ...SINGLE.flatMap((name) => copiesComplaint(Object.keys(packages), name)),
  ];
}

/** Neither the package itself nor one of its workspaces. */
const isInstalled = (path: string) => path.includes('node_modules/');

function entryComplaints(path: string, { resolved, integrity, inBundle }: Entry): string[] {
  const complaints: string[] = [];
  if (resolved) complaints.push(`${path} is tied to ${new URL(resolved).host || 'a file'}`);
  if (!integrity && !inBundle) complaints.push(`${path} has no integrity`);
  return complaints;
}

function missingOptional(packages: Lock['packages'], path: string, entry: Entry): string[] {
  return Object.keys(entry.optionalDependencies ?? {})
    .filter((name) => !folders(path).some((folder) => `${folder}node_modules/${name}` in packages))
    .map((name) => `${path || 'package.json'} lost its optional ${name}`);
}

/** npm also installs an optional peer of a production package in production, if it is one of our tools. */
function toolComplaints({ '': root }: Lock['packages'], path: string, entry: Entry): string[] {
  if (entry.dev) return [];
  return Object.keys(entry.peerDependenciesMeta ?? {})
    .filter((name) => name in (root?.devDependencies ?? {}))
    .map((name) => `${path} brings the tool ${name} into production; install it under an alias`);
}

/**
 * The folders in which Node.js searches from here, nearest first: `a/node_modules/b/` and then up to the root, `''`.
 */
function folders(path: string): string[] {
  const up = path.lastIndexOf('node_modules/');
  return path === '' ? [''] : [`${path}/`, ...folders(path.slice(0, Math.max(0, up - 1)))];
}

function copiesComplaint(paths: string[], name: string): string[] {
  const copies = paths.filter(
    (path) => path === `node_modules/${name}` || path.endsWith(`/node_modules/${name}`),
  );
  return copies.length === 1 ? [] : [`${name} is there ${copies.length} times: ${copies.join(', ')}`];
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const complaints = checkLock(JSON.parse(readFileSync('package-lock.json', 'utf8')) as Lock);
  for (const each of complaints) console.error(`package-lock.json: ${each}`);
  if (complaints.length > 0) process.exitCode = 1;
}
