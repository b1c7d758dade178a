/** Prints the tables of event kinds in docs/protocol.md; with `--check` it only checks that they are current. */
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { createEventRegistry } from '../src/capabilities.ts';
import {
  type AccountEventKind,
  type EventKind,
  type EventRegistry,
  type RoomEventKind,
  unavailable,
} from '../src/eventlog/registry.ts';

const FILE = 'docs/protocol.md';

type Described = Omit<EventKind, 'number'> & { readonly number?: number };

const code = (names: readonly string[]) => names.map((name) => `\`${name}\``).join(', ') || '–';

function tableOf(kinds: readonly Described[], effect: string, effectOf: (kind: Described) => string): string {
  const header = ['item', 'number', 'means', effect, 'besides', 'a client'];
  const rows = kinds.map((kind) => [
    code([kind.name]),
    String(kind.number ?? '–'),
    kind.description,
    effectOf(kind),
    code(kind.fields),
    kind.clientRule,
  ]);
  return [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

const byNumber = (one: EventKind, other: EventKind) => one.number - other.number;

/** The tables by the names of the markers around them. */
export function eventTables({ roomKinds, accountKinds }: EventRegistry): Record<string, string> {
  const effects = new Map<Described, RoomEventKind['affects']>(roomKinds.map((kind) => [kind, kind.affects]));
  const accesses = new Map<Described, AccountEventKind['access']>(
    accountKinds.map((kind) => [kind, kind.access]),
  );
  return {
    'room events': tableOf(
      [...roomKinds.toSorted(byNumber), unavailable.room],
      'affects',
      (kind) => effects.get(kind) ?? 'nothing',
    ),
    'account events': tableOf(
      [...accountKinds.toSorted(byNumber), unavailable.account],
      'access',
      (kind) => accesses.get(kind) ?? 'unchanged',
    ),
  };
}

/** @throws Error if the page has no place for a table */
export function withTables(page: string, tables: Readonly<Record<string, string>>): string {
  return Object.entries(tables).reduce((text, [name, table]) => {
    const [begin, end] = [`<!-- ${name}: printed by npm run events -->\n`, `\n<!-- end of ${name} -->`];
    const [from, to] = [text.indexOf(begin), text.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`${FILE} lacks the comments around the table of ${name}`);
    return `${text.slice(0, from + begin.length)}\n${table}\n${text.slice(to)}`;
  }, page);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const page = readFileSync(FILE, 'utf8').replaceAll('\r\n', '\n');
  const printed = withTables(page, eventTables(createEventRegistry()));
  if (!process.argv.includes('--check')) writeFileSync(FILE, printed);
  else if (page !== printed) {
    console.error(`${FILE} differs from the registered kinds of events. Run \`npm run events\`.`);
    process.exitCode = 1;
  }
}
