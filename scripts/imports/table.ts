import { readFileSync } from 'node:fs';

/**
 * Who may import whom. The import graph is the architecture, so it is kept by a tool and not by memory:
 * everything stands on one line, each part knows only what is to its left, and news comes back through
 * the event log. Type imports count, because a type is knowledge too. What packages a file uses is not
 * this table's business.
 */

/** These carry the streams, so their rules may use the live half of the event log. */
const streamConcepts = ['sync', 'delivery'];
/** The concepts in their order: each may know those before it. */
const concepts = [...registeredConcepts(), ...streamConcepts];
const beforeConcepts = [
  'config',
  'platform',
  'embedded-postgres',
  'eventlog',
  'context',
  'changes',
  'graphql',
];
const afterConcepts = ['capability', 'capabilities', 'schema', 'server', 'app', 'main', 'admin'];
const line = [...beforeConcepts, ...concepts, ...afterConcepts];

/** Roles named like their one file (`config.ts`) or their folder (`platform/`). */
const fileRoles = [
  'config',
  'context',
  'capability',
  'capabilities',
  'schema',
  'app',
  'main',
  'admin',
] as const;
/** Files at the top that stand where another does. */
const extraFiles: Record<string, (typeof fileRoles)[number]> = {
  'workers.ts': 'app',
  'issuer-settings.ts': 'config',
};
const folderRoles = [
  'platform',
  'embedded-postgres',
  'eventlog',
  'changes',
  'graphql',
  'server',
  'admin',
  'generated',
] as const;
type ConceptRole = 'store' | 'rules' | 'stream rules' | 'concept schema' | 'registration';
type Role = (typeof fileRoles)[number] | (typeof folderRoles)[number] | ConceptRole | 'package' | 'outside';

/** Where a file stands: its part of the line, and what it does there. */
export interface Place {
  part: string;
  role: Role;
  path: string;
}

interface Meeting {
  from: Place;
  to: Place;
  typeOnly: boolean;
}

/** Everything a row can allow; the key is what the reader of a complaint sees. */
const grants = {
  'its own folder': ({ from, to }: Meeting) => to.part === from.part,
  'its own rules': ({ from, to }: Meeting) => to.part === from.part && isRules(to),
  'its own stores': ({ from, to }: Meeting) => to.part === from.part && to.role === 'store',
  'its own schema files': ({ from, to }: Meeting) => to.part === from.part && to.role === 'concept schema',
  'rules to its left': ({ from, to }: Meeting) => isRules(to) && isLeft(to, from),
  'schema files to its left': ({ from, to }: Meeting) => to.role === 'concept schema' && isLeft(to, from),
  'everything to its left': ({ from, to }: Meeting) => isLeft(to, from),
  'types of config': ({ to, typeOnly }: Meeting) => to.part === 'config' && typeOnly,
  platform: ({ to }: Meeting) => to.part === 'platform',
  eventlog: ({ to }: Meeting) => to.part === 'eventlog',
  'eventlog/kinds': ({ to }: Meeting) => to.path === 'eventlog/kinds.ts',
  'eventlog/registry': ({ to }: Meeting) => to.path === 'eventlog/registry.ts',
  'eventlog/consumers': ({ to }: Meeting) => to.path === 'eventlog/consumers/consumer.ts',
  'eventlog/log': ({ to }: Meeting) => to.path === 'eventlog/log.ts',
  context: ({ to }: Meeting) => to.part === 'context',
  changes: ({ to }: Meeting) => to.part === 'changes',
  capability: ({ to }: Meeting) => to.part === 'capability',
  'types of context': ({ to, typeOnly }: Meeting) => to.part === 'context' && typeOnly,
  graphql: ({ to }: Meeting) => to.part === 'graphql',
  'graphql/ids and graphql/paging': ({ to }: Meeting) =>
    to.path === 'graphql/ids.ts' || to.path === 'graphql/paging.ts',
  'generated code': ({ to }: Meeting) => to.part === 'generated',
  'rules of accounts': ({ to }: Meeting) => to.part === 'accounts' && isRules(to),
  'rules of messages': ({ to }: Meeting) => to.part === 'messages' && isRules(to),
  'registrations of concepts': ({ to }: Meeting) => to.role === 'registration',
  'rules of sync and delivery': ({ to }: Meeting) => to.role === 'stream rules',
  'schema files of concepts': ({ to }: Meeting) => to.role === 'concept schema',
};
type Grant = keyof typeof grants;

/** What the packages in `packages/` may import besides their own files. Packages see the server by its API. */
const packages: Record<string, readonly string[]> = {
  client: [],
  // It shows texts as the server parses them, also those that it has not sent yet.
  demo: [
    'packages/client/',
    'src/messages/content.ts',
    'src/messages/markdown-',
    'src/messages/plain-text.ts',
  ],
  apollo: ['packages/client/'],
  react: ['packages/client/'],
  relay: ['packages/client/'],
  urql: ['packages/client/'],
  // It starts nodes of its own.
  replay: [
    'packages/client/',
    'src/embedded-postgres/embedded-postgres.ts',
    'src/platform/ports.ts',
    'scripts/node-flags.ts',
  ],
};

/** The table. An empty row imports nothing of ours. */
const table: Record<Role, Grant[]> = {
  config: ['its own folder'],
  platform: ['its own folder', 'types of config', 'generated code'],
  'embedded-postgres': ['its own folder', 'types of config', 'platform'],
  eventlog: ['its own folder', 'platform'],
  context: ['types of config', 'platform', 'eventlog'],
  changes: ['its own folder', 'context', 'eventlog', 'platform'],
  graphql: ['its own folder', 'context', 'eventlog', 'platform', 'generated code'],
  store: ['its own stores', 'graphql/ids and graphql/paging', 'platform', 'generated code'],
  rules: [
    'its own rules',
    'its own stores',
    'context',
    'changes',
    'eventlog/log',
    'eventlog/kinds',
    'eventlog/registry',
    'eventlog/consumers',
    'graphql/ids and graphql/paging',
    'platform',
    'rules to its left',
  ],
  'stream rules': [
    'its own rules',
    'its own stores',
    'context',
    'graphql',
    'eventlog',
    'platform',
    'rules to its left',
  ],
  'concept schema': [
    'graphql',
    'its own rules',
    'its own schema files',
    'rules to its left',
    'schema files to its left',
    'context',
    'eventlog',
    'platform',
  ],
  registration: ['its own rules', 'capability', 'context', 'eventlog', 'platform'],
  capability: ['context', 'eventlog', 'platform', 'rules of messages'],
  capabilities: [
    'capability',
    'registrations of concepts',
    'context',
    'eventlog',
    'platform',
    'rules of accounts',
  ],
  schema: ['graphql', 'schema files of concepts'],
  server: [
    'its own folder',
    'types of config',
    'context',
    'graphql',
    'eventlog',
    'platform',
    'rules of accounts',
    'rules of sync and delivery',
  ],
  app: ['its own folder', 'everything to its left', 'generated code'],
  main: ['everything to its left', 'generated code'],
  admin: ['its own folder', 'everything to its left', 'generated code'],
  generated: [],
  package: ['its own folder'],
  outside: [],
};

/** The reason why not; undefined when the table allows it. */
export function forbidden(file: string, target: string, typeOnly: boolean): string | undefined {
  const from = placeOf(file);
  const to = placeOf(target);
  if (from === undefined || from.role === 'outside') return undefined;
  if (packages[from.part]?.some((path) => target.startsWith(path))) return undefined;
  const row = table[from.role];
  if (to && row.some((grant) => grants[grant]({ from, to, typeOnly }))) return undefined;
  return `${describe(from)} may import ${row.length === 0 ? 'nothing of ours' : `only ${row.join(', ')}`}`;
}

/** Undefined for a file in `src/` that has no place on the line, or in a package that the table does not name. */
export function placeOf(file: string): Place | undefined {
  const [top, ...inside] = file.split('/');
  if (top === 'packages') return packagePlace(inside[0] ?? '', file);
  if (top !== 'src') return { part: 'outside', role: 'outside', path: file };
  const path = inside.join('/');
  const head = inside[0] ?? '';
  if (inside.length === 1) {
    const name = extraFiles[path] ?? fileRoles.find((each) => path === `${each}.ts`);
    return name && { part: name, role: name, path };
  }
  const folder = folderRoles.find((each) => each === head);
  if (folder) return { part: folder, role: folder, path };
  return concepts.includes(head) ? { part: head, role: conceptRole(head, path), path } : undefined;
}

/** As src/capabilities.ts lists them. The file is read, not imported: this check runs before anything is generated. */
function registeredConcepts(): string[] {
  const text = readFileSync(new URL('../../src/capabilities.ts', import.meta.url), 'utf8');
  const list = /^export const capabilities: readonly Capability\[\] = \[([^\]]*)\]/m.exec(text)?.[1];
  if (list === undefined) throw new Error('src/capabilities.ts has no list of capabilities');
  return list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

function packagePlace(name: string, path: string): Place | undefined {
  return name in packages ? { part: name, role: 'package', path } : undefined;
}

function conceptRole(concept: string, path: string): ConceptRole {
  if (/[/.]store\.ts$/.test(path)) return 'store';
  if (/[/.]schema\.ts$/.test(path)) return 'concept schema';
  if (path === `${concept}/capability.ts`) return 'registration';
  return streamConcepts.includes(concept) ? 'stream rules' : 'rules';
}

function describe({ part, role }: Place): string {
  return part === role ? part : `a ${role} file of ${part}`;
}

function isRules({ role }: Place): boolean {
  return role === 'rules' || role === 'stream rules';
}

function isLeft(to: Place, from: Place): boolean {
  const position = line.indexOf(to.part);
  return position >= 0 && position < line.indexOf(from.part);
}
