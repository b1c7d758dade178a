import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import {
  buildSchema,
  GraphQLEnumType,
  GraphQLError,
  type GraphQLInterfaceType,
  type GraphQLSchema,
  type GraphQLUnionType,
  parse,
  validate,
} from 'graphql';
import { CloseCode } from 'graphql-ws';
import { describe, expect, test } from 'vitest';
import { forbidden } from '../../scripts/imports/table.ts';
import { MAX_DEVICE_NAME, MAX_USER_AGENT } from '../../src/accounts/devices.ts';
import { PASSKEY_STEPS_PER_MINUTE } from '../../src/accounts/limits.ts';
import { PASSWORD } from '../../src/accounts/new-passwords.ts';
import { capabilities } from '../../src/capabilities.ts';
import { loadSettings, settingsSchema } from '../../src/config.ts';
import { MAIL_TOKEN_RATE } from '../../src/context.ts';
import { MAX_OPERATIONS_PER_USER } from '../../src/delivery/operation-quota.ts';
import { MAX_EVENT_CHARACTERS } from '../../src/delivery/shared-operation.ts';
import { type CloseReason, closed } from '../../src/eventlog/streams/items.ts';
import { CONNECTION_POINTS } from '../../src/graphql/pricing.ts';
import { CONTENT_POINTS, PLAIN_TEXT_POINTS } from '../../src/messages/text.ts';
import { refusals, requestErrors } from '../../src/platform/errors.ts';
import { createLog, createMetrics } from '../../src/platform/telemetry.ts';
import { SEARCH_POINTS } from '../../src/rooms/directory.ts';
import { prices } from '../../src/server/operations/charges.ts';
import { MAX_INTROSPECTION } from '../../src/server/operations/introspection-size.ts';
import { mask } from '../../src/server/operations/masking.ts';
import { MAX_RESPONSE_CHARACTERS, MAX_RESPONSE_ERRORS } from '../../src/server/operations/operations.ts';
import { MAX_REFUSED_BYTES, MAX_REFUSED_DOCUMENTS } from '../../src/server/operations/refused-documents.ts';
import { MAX_VARIABLE_VALUES } from '../../src/server/operations/variables.ts';
import {
  MAX_COMPARISONS,
  MAX_FRAGMENTS,
  MAX_LINES,
  MAX_VISITS,
} from '../../src/server/operations/work-budget.ts';
import { closes } from '../../src/server/transport/close-codes.ts';
import { UNREAD_MS } from '../../src/server/transport/http.ts';
import { POINTS_PER_ROOM } from '../../src/sync/sync.ts';
import { allOf } from '../capabilities/all.ts';
import {
  anchorsOf,
  blocksOf,
  linksOf,
  type Page,
  plain,
  type Row,
  readPage,
  rowsOf,
  spansOf,
} from './readme/markdown.ts';

// What the pages say and what the code does are compared both ways: nothing undocumented, nothing made up.

const errors = readPage('docs/errors.md');
const operations = readPage('docs/operations.md');
const protocol = readPage('docs/protocol.md');
const architecture = readPage('docs/architecture.md');
const modules = readPage('docs/internals/modules.md');
const internals = readdirSync('docs/internals').map((file) => readPage(`docs/internals/${file}`));
const pages = [
  readPage('docs/reliability.md'),
  errors,
  operations,
  protocol,
  architecture,
  ...internals,
  ...readdirSync('docs/recipes').map((file) => readPage(`docs/recipes/${file}`)),
  ...readdirSync('packages').map((name) => readPage(`packages/${name}/README.md`)),
  readPage('docs/adding-a-capability.md'),
  ...readdirSync('.')
    .filter((name) => name.endsWith('.md'))
    .map(readPage),
];
const schema: GraphQLSchema = buildSchema(readPage('schema.graphql').text);

function enumValues(name: string): string[] {
  const type = schema.getType(name);
  if (!(type instanceof GraphQLEnumType)) throw new Error(`${name} is no enum`);
  return type.getValues().map((value) => value.name);
}

const first = (row: Row) => plain(Object.values(row)[0]);
const sorted = (names: Iterable<string>) => [...names].sort();

describe('errors.md', () => {
  const documented = rowsOf(errors, 'code', 'type', 'says', 'retry');
  const requestRows = rowsOf(errors, 'code', 'means');

  test('has every refusal of the table, as the table has it', () => {
    const rows = documented.map((row) => [
      first(row),
      { type: plain(row['type']), says: row['says'], retry: row['retry'] },
    ]);
    expect(Object.fromEntries(rows)).toEqual(refusals);
    expect(rows).toHaveLength(Object.keys(refusals).length);
  });

  test('is the enum of the API, and its types are those that say what is refused', () => {
    expect(sorted(documented.map(first))).toEqual(sorted(enumValues('ErrorCode')));
    const userError = schema.getType('UserError') as GraphQLInterfaceType;
    const types = schema.getPossibleTypes(userError).map(({ name }) => name);
    expect(sorted(documented.map((row) => plain(row['type'])))).toEqual(sorted(types));
  });

  test('says what to do with every refusal', () => {
    const advised = [...errors.text.matchAll(/^- \*\*`([A-Z_]+)`\*\*/gm)].map(([, code]) => code);
    expect(sorted(advised as string[])).toEqual(sorted(Object.keys(refusals)));
  });

  test('has every code of a request error, and those with which a page says that it cannot go on', () => {
    const codes = new Set([...Object.keys(requestErrors), ...enumValues('ResyncReason')]);
    expect(sorted(requestRows.map(first))).toEqual(sorted(codes));
    for (const [code, means] of Object.entries(requestErrors)) {
      const row = requestRows.find((each) => first(each) === code);
      if (!enumValues('ResyncReason').includes(code)) expect(row?.['means']).toBe(means);
    }
  });

  test('a client sees every one of these codes, and not INTERNAL in its place', () => {
    const node = { log: createLog('silent', 'test'), metrics: createMetrics() };
    const seen = [...documented, ...requestRows].map((row) => {
      const error = new GraphQLError('why', { extensions: { code: first(row) } });
      return mask(node, error, { correlationId: 'test' }).extensions['code'];
    });
    expect(seen).toEqual([...documented, ...requestRows].map(first));
  });
});

describe('operations.md', () => {
  const rows = rowsOf(operations, 'setting', 'default', 'unit', 'meaning');
  const secret = 'a secret that is only for this test 0123456789';
  type Values = Record<string, string | number | boolean | string[] | undefined>;
  const written = (value: Values[string]) => (Array.isArray(value) ? value.join(',') : `${value ?? ''}`);

  test('has every setting there is', () => {
    expect(sorted(rows.map(first))).toEqual(sorted(Object.keys(settingsSchema.shape)));
    for (const row of rows) expect([row['unit'], row['meaning']]).not.toContain('');
  });

  test('has their defaults, in production, too', () => {
    const ordinary = loadSettings({}) as unknown as Values;
    const production = loadSettings({
      NODE_ENV: 'production',
      JWT_SECRET: secret,
    }) as unknown as Values;
    for (const row of rows) {
      const name = first(row);
      const [everywhere = '', inProduction = everywhere] = spansOf(row['default'] ?? '');
      expect(`${name}=${everywhere}`).toBe(`${name}=${written(ordinary[name])}`);
      if (name === 'NODE_ENV' || name === 'JWT_SECRET') continue;
      expect(`production ${name}=${inProduction}`).toBe(`production ${name}=${written(production[name])}`);
    }
  });

  test('and .env.example have the same settings with the same defaults, each with a comment', () => {
    const lines = readPage('.env.example').text.trim().split('\n');
    const settings = lines.filter((line) => /^\w+=/.test(line));
    const expected = rows.map((row) => {
      const [everywhere = '', inProduction] = spansOf(row['default'] ?? '');
      return `${first(row)}=${inProduction === undefined ? everywhere : ''}`;
    });
    expect(sorted(settings)).toEqual(sorted(expected));
    for (const line of settings) expect(lines[lines.indexOf(line) - 1]).toMatch(/^# \S.*\.$/);
    expect(loadSettings(Object.fromEntries(settings.map((line) => line.split('='))))).toEqual(
      loadSettings({}),
    );
  });

  test('has every metric with its labels', async () => {
    const metrics = createMetrics().registry.getMetricsAsArray() as unknown as {
      name: string;
      type: string;
      labelNames: string[];
    }[];
    const ours = metrics.filter(({ name }) => name.startsWith('parley_'));
    const documented = rowsOf(operations, 'metric', 'kind', 'labels', 'meaning');
    expect(
      sorted(
        documented.map((row) => `${first(row)} ${row['kind']} ${spansOf(row['labels'] ?? '').join(' ')}`),
      ),
    ).toEqual(sorted(ours.map(({ name, type, labelNames }) => `${name} ${type} ${labelNames.join(' ')}`)));
  });

  test('names no metric that does not exist', () => {
    const names = new Set(rowsOf(operations, 'metric', 'kind', 'labels', 'meaning').map(first));
    const used = [...operations.text.matchAll(/parley_[a-z_]+/g)].map(([name]) => name);
    const others = used.filter((name) => !names.has(name) && name !== 'parley_restored');
    expect(others).toEqual([]);
  });

  test('has the fixed limits of a document', () => {
    const limits = {
      MAX_VISITS,
      MAX_COMPARISONS,
      MAX_FRAGMENTS,
      MAX_LINES,
      MAX_INTROSPECTION,
      MAX_VARIABLE_VALUES,
      MAX_REFUSED_DOCUMENTS,
      MAX_REFUSED_BYTES,
    };
    const documented = rowsOf(operations, 'limit', 'value', 'meaning').map((row) => [
      first(row),
      row['value'],
    ]);
    expect(Object.fromEntries(documented)).toEqual(
      Object.fromEntries(Object.entries(limits).map(([name, value]) => [name, value.toLocaleString('en')])),
    );
  });

  test('has the fixed limits of what is sent', () => {
    const limits = {
      MAX_RESPONSE_CHARACTERS,
      MAX_RESPONSE_ERRORS,
      MAX_EVENT_CHARACTERS,
      MAX_OPERATIONS_PER_USER,
      UNREAD_MS,
    };
    const documented = rowsOf(operations, 'limit of a response', 'value').map((row) => [
      first(row),
      Number(row['value']?.replaceAll(',', '')),
    ]);
    expect(Object.fromEntries(documented)).toEqual(limits);
  });

  test('has every command of the command line', () => {
    const help = execFileSync(process.execPath, ['dist/admin.js', 'help'], { encoding: 'utf8' });
    const commands = [...help.matchAll(/^ {2}([a-z-]+)/gm)].map(([, name]) => name as string);
    expect(sorted(rowsOf(operations, 'command', 'does').map(first))).toEqual(sorted(commands));
  });
});

describe('the prices of fields', () => {
  test('are those of the code', () => {
    const { meaning } = rowsOf(operations, 'setting', 'default', 'unit', 'meaning').find(
      (row) => first(row) === 'MAX_COST',
    ) as Row;
    expect(meaning).toContain(
      `a connection: ${CONNECTION_POINTS}; \`Message.plainText\`: ${PLAIN_TEXT_POINTS}; \`Message.content\`: ${CONTENT_POINTS})`,
    );
    expect(protocol.text).toContain(
      `\`Viewer.rooms\`, ${CONNECTION_POINTS}; of \`Message.plainText\`, ${PLAIN_TEXT_POINTS}; of \`Message.content\` without its blocks, ${CONTENT_POINTS}.`,
    );
  });
});

describe('the prices of a request', () => {
  test('are those of operations.md', () => {
    const documented = rowsOf(operations, 'what', 'points').flatMap((row) =>
      (row['points'] ?? '').replaceAll(',', '').match(/\d+/g)?.map(Number),
    );
    expect(documented.filter((price) => price !== undefined)).toEqual([
      prices.plainRequest,
      prices.request,
      prices.upgrade,
      prices.message,
      prices.operation,
      prices.kilobyte,
      prices.unknownDocument,
      prices.documentCharacter,
      prices.kilobyte,
      POINTS_PER_ROOM,
      SEARCH_POINTS,
    ]);
  });
});

describe('protocol.md', () => {
  test('has every item of both streams', () => {
    const documented = rowsOf(protocol, 'item').map(first);
    const inbox = (schema.getType('InboxEvent') as GraphQLUnionType).getTypes().map(({ name }) => name);
    expect(sorted(documented)).toEqual(sorted(inbox));
  });

  test('has every reason to start over', () => {
    const documented = rowsOf(protocol, 'resync reason', 'means').map(first);
    expect(sorted(documented)).toEqual(sorted(enumValues('ResyncReason')));
  });

  test('has every reason why a stream is closed, and whether coming back may help', () => {
    const documented = rowsOf(protocol, 'close reason', 'retryable').map((row) => [
      first(row),
      row['retryable'],
    ]);
    const expected = enumValues('StreamClosedReason').map((reason) => {
      const item = closed(reason as CloseReason);
      return [reason, 'retryable' in item && item.retryable ? 'yes' : 'no'];
    });
    expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(expected));
  });

  test('has every code that a socket is closed with', () => {
    const documented = rowsOf(protocol, 'code', 'reason').map(
      (row) => `${first(row)} ${plain(row['reason'])}`,
    );
    for (const [code, reason] of Object.values(closes)) expect(documented).toContain(`${code} ${reason}`);
    // The rest is said by the library that speaks the protocol, or by that of the sockets (1009).
    const own = new Set<string>(Object.values(closes).map(([code, reason]) => `${code} ${reason}`));
    const others = documented.filter((each) => !own.has(each)).map((each) => Number.parseInt(each, 10));
    for (const code of others) expect([...Object.values(CloseCode), 1009]).toContain(code);
  });

  test('has the limits that settings have', () => {
    const settings = loadSettings({});
    const at = (what: string) => {
      const row = rowsOf(protocol, 'what', 'at most').find((each) => each['what']?.startsWith(what));
      return (row?.['at most'] ?? '').replaceAll(',', '').match(/\d+/g)?.map(Number);
    };
    expect(at('HTTP request')).toEqual([settings.MAX_BODY_BYTES]);
    expect(at('WebSocket message')).toEqual([settings.MAX_FRAME_BYTES]);
    const { MAX_DEPTH, MAX_ALIASES, MAX_ROOT_FIELDS, MAX_COST } = settings;
    const { MAX_DOCUMENT_BYTES, MAX_TOKENS, MAX_OPERATIONS } = settings;
    const several = (what: string) =>
      rowsOf(protocol, 'what', 'at most').find((row) => row['what']?.startsWith(what))?.['at most'];
    const list = (...values: number[]) => values.map((value) => value.toLocaleString('en')).join(', ');
    expect(several('depth')).toBe(list(MAX_DEPTH, MAX_ALIASES, MAX_ROOT_FIELDS, MAX_COST));
    expect(several('bytes, tokens')).toBe(
      list(MAX_DOCUMENT_BYTES, MAX_TOKENS, MAX_LINES, MAX_OPERATIONS, MAX_FRAGMENTS),
    );
    expect(at('selections of a document')).toEqual([MAX_VISITS]);
    expect(at('comparisons')).toEqual([MAX_COMPARISONS]);
    expect(at('values in the variables')).toEqual([MAX_VARIABLE_VALUES]);
    expect(several('introspection')).toBe(`${MAX_INTROSPECTION} times the full introspection query`);
    expect(at('streams on one socket')?.[0]).toBe(settings.MAX_STREAMS_PER_SOCKET);
    expect(at('rooms of one user')).toEqual([settings.MAX_ROOMS_PER_USER]);
    for (const [what, numbers] of Object.entries(allOf('limits'))) expect(at(what)).toEqual(numbers);
    expect(at('streams of one user')).toEqual([settings.MAX_STREAMS_PER_USER]);
    expect(at('different selections')).toEqual([MAX_OPERATIONS_PER_USER]);
    expect(at('characters in a response')).toEqual([MAX_RESPONSE_CHARACTERS, MAX_EVENT_CHARACTERS]);
    expect(at('connections of one user')).toEqual([settings.MAX_SOCKETS_PER_USER]);
    expect(at('anonymous connections')).toEqual([settings.MAX_SOCKETS_PER_ADDRESS]);
    const { ADDRESS_COST_PER_SECOND, ADDRESS_COST_BURST } = settings;
    expect(at('anonymous requests')).toEqual([ADDRESS_COST_PER_SECOND, ADDRESS_COST_BURST]);
    expect(at('a socket without')).toEqual([settings.IDLE_SECONDS, settings.ANONYMOUS_IDLE_SECONDS]);
    expect(at('messages sent')?.slice(0, 2)).toEqual([settings.POSTS_PER_SECOND, settings.POSTS_BURST]);
    expect(at('other changes')?.slice(0, 2)).toEqual([settings.CHANGES_PER_SECOND, settings.CHANGES_BURST]);
    expect(at('attempts to sign in')).toEqual([settings.LOGINS_PER_MINUTE]);
    expect(at('starts and ends of sign-ins')).toEqual([PASSKEY_STEPS_PER_MINUTE]);
    expect(at('codes of an app')).toEqual([settings.SECOND_FACTOR_CODES_PER_HOUR]);
    const { MAIL_REQUESTS_PER_HOUR, MAIL_REQUESTS_PER_MINUTE, MAILS_PER_HOUR } = settings;
    expect(at('requests from one address that send')).toEqual([
      MAIL_REQUESTS_PER_HOUR,
      MAIL_REQUESTS_PER_MINUTE,
    ]);
    expect(at('mails of one kind')).toEqual([MAILS_PER_HOUR]);
    expect(at('tokens of mails')).toEqual([MAIL_TOKEN_RATE.points]);
    expect(at('name of a device')).toEqual([MAX_DEVICE_NAME, MAX_USER_AGENT]);
    expect(at('password')).toEqual([PASSWORD.min, PASSWORD.max]);
  });
});

describe('architecture.md', () => {
  /** A file of each kind, and one that it may not import. */
  const samples: Record<string, string> = {
    'a store file': 'src/rooms/store.ts',
    'a rules file': 'src/rooms/rooms.ts',
    'a stream rules file': 'src/sync/sync.ts',
    'a concept schema file': 'src/rooms/schema.ts',
    'a registration file': 'src/rooms/capability.ts',
    platform: 'src/platform/db.ts',
    eventlog: 'src/eventlog/log.ts',
    changes: 'src/changes/queue.ts',
    graphql: 'src/graphql/execution/plan.ts',
    server: 'src/server/transport/ws.ts',
    'embedded-postgres': 'src/embedded-postgres/server.ts',
  };

  test('has the import table that is enforced', () => {
    const rows = rowsOf(modules, 'a file', 'may import');
    for (const row of rows) {
      const complaint = forbidden(
        samples[first(row)] ?? `src/${first(row)}.ts`,
        'packages/client/src/index.ts',
        false,
      );
      expect(complaint?.replace(/^.* may import (only )?/, '')).toBe(row['may import']);
    }
    expect(rows).toHaveLength(19);
  });

  test('has the import line in its order', () => {
    const text = blocksOf(modules, 'The import line')[0]?.code ?? '';
    const line = text.split('→').map((part) => part.trim());
    const concepts = [...capabilities.map(({ name }) => name), 'sync', 'delivery'];
    line.splice(line.indexOf('(concepts)'), 3, ...concepts);
    const mayImport = (from: string, to: string) =>
      forbidden(`src/${from}/a.ts`, `src/${to}/b.ts`, false) === undefined;
    for (const [i, left] of concepts.entries()) {
      for (const right of concepts.slice(i + 1)) {
        expect([left, right, mayImport(right, left), mayImport(left, right)]).toEqual([
          left,
          right,
          true,
          false,
        ]);
      }
    }
    // A file or a folder: `main` may import whatever has a place to its left.
    const isPlace = (part: string) =>
      [`src/${part}.ts`, `src/${part}/a.ts`].some((file) => !forbidden('src/main.ts', file, false));
    expect(line.filter((part) => !isPlace(part))).toEqual(['main', 'admin']);
  });

  test('is an overview: at most 1,500 words and four diagrams', () => {
    expect(architecture.text.split(/\s+/).length).toBeLessThanOrEqual(1_500);
    const diagrams = ['Modules', 'Write', 'Deliver', 'Resume'].map(
      (name) => blocksOf(architecture, name).length,
    );
    expect(diagrams).toEqual([1, 1, 1, 1]);
  });

  test.each(['Write', 'Deliver'])('leads through at most ten files: %s', (name) => {
    const named = [...(blocksOf(architecture, name)[0]?.code ?? '').matchAll(/[\w-]+\.ts\b/g)];
    expect(named.length).toBeGreaterThan(5);
    expect(named.length).toBeLessThanOrEqual(10);
  });

  test.each([architecture, ...internals])('names no file that is not there: $path', ({ text }) => {
    const named = [...text.matchAll(/[\w-]+\/[\w./-]+\.(?:ts|sql)\b/g)].map(([file]) => file);
    for (const file of new Set(named))
      expect([file, existsSync(`src/${file}`) || existsSync(file)]).toEqual([file, true]);
  });
});

describe('all pages', () => {
  test.each(['README.md', 'CONTRIBUTING.md', 'docs/operations.md'])(
    '%s names the Node.js that we accept',
    (page) => {
      const { engines } = JSON.parse(readPage('package.json').text) as { engines: { node: string } };
      const [, older] = /^(.*) \|\| >=24\.0\.0$/.exec(engines.node) ?? [];
      const versions = older?.split(' || ').map((range) => /^\^(\d+\.\d+)\.0$/.exec(range)?.[1]);
      expect(readPage(page).text.replaceAll('\n', ' ')).toContain(
        `Node.js ${versions?.join(', ')}, or 24 and newer`,
      );
    },
  );

  test('have links that lead somewhere', () => {
    const broken = pages.flatMap((page) =>
      linksOf(page)
        .filter((link) => !leads(page, link))
        .map((link) => [page.path, link]),
    );
    expect(broken).toEqual([]);
  });

  test('have GraphQL that fits the schema', () => {
    const problems = pages.flatMap((page) =>
      blocksOf(page)
        .filter(({ language }) => language === 'graphql')
        .flatMap(({ code, line }) =>
          validate(schema, parse(code)).map(({ message }) => `${page.path}:${line} ${message}`),
        ),
    );
    expect(problems).toEqual([]);
  });

  test('have JSON that is JSON', () => {
    for (const page of pages) {
      for (const { language, code } of blocksOf(page))
        if (language === 'json') expect(() => JSON.parse(code)).not.toThrow();
    }
  });

  test('name no script that npm does not have', () => {
    const scripts = Object.keys(JSON.parse(readPage('package.json').text).scripts);
    const named = pages.flatMap(({ text }) =>
      [...text.matchAll(/npm run (?:--silent )?([a-z\d:-]+)/g)].map(([, name]) => name),
    );
    expect(named.length).toBeGreaterThan(5);
    for (const name of named) expect(scripts).toContain(name);
  });
});

function leads(from: Page, { path: target, anchor }: { path: string; anchor: string }): boolean {
  const file = target === '' ? from.path : path.join(path.dirname(from.path), target);
  if (!existsSync(file)) return false;
  return anchor === '' || anchorsOf(readPage(file)).includes(anchor);
}
