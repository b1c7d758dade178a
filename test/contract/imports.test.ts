import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { checkImports } from '../../scripts/check-imports.ts';
import { readImports } from '../../scripts/imports/scan.ts';

const planted: string[] = [];
afterEach(() => {
  for (const folder of planted.splice(0)) rmSync(folder, { recursive: true });
});

/** A small project of these files, and what the check says about it. */
function complaintsAbout(files: Record<string, string>): string[] {
  const root = mkdtempSync(join(tmpdir(), 'imports-'));
  planted.push(root);
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
  return checkImports(root);
}

test('our own sources keep the table and have no cycles', () => {
  expect(checkImports(process.cwd())).toEqual([]);
});

test('a violation is named with its place and with what would be allowed', () => {
  const complaints = complaintsAbout({
    'src/messages/store.ts': "// rows\nimport type { OpenRoom } from '../rooms/access.ts';\n",
  });
  expect(complaints).toEqual([
    'src/messages/store.ts:2 imports ../rooms/access.ts: a store file of messages may import only ' +
      'its own stores, graphql/ids and graphql/paging, platform, generated code',
  ]);
});

type Row = [file: string, specifier: string, kind?: 'type'];

const allowed: Row[] = [
  ['src/platform/db.ts', '../generated/prisma/client.ts'],
  ['src/platform/db.ts', '../config.ts', 'type'],
  ['src/eventlog/follower/log-follower.ts', '../platform/pubsub.ts'],
  ['src/context.ts', './eventlog/hub.ts'],
  ['src/graphql/builder.ts', './generated/pothos.ts'],
  ['src/graphql/builder.ts', './context.ts', 'type'],
  ['src/messages/store.ts', '../platform/db.ts'],
  ['src/messages/reactions.store.ts', './store.ts'],
  ['src/messages/messages.ts', './store.ts'],
  ['src/messages/messages.ts', '../rooms/access.ts'],
  ['src/messages/messages.ts', '../eventlog/log.ts'],
  ['src/messages/schema.ts', './messages.ts'],
  ['src/messages/schema.ts', '../accounts/schema.ts'],
  ['src/messages/reactions.schema.ts', './schema.ts'],
  ['src/messages/schema.ts', '../context.ts'],
  ['src/messages/schema.ts', '../rooms/rooms.ts'],
  ['src/graphql/builder.ts', './context.ts'],
  ['src/sync/sync.ts', '../eventlog/stream.ts'],
  ['src/delivery/groups.ts', '../sync/sync.ts'],
  ['src/schema.ts', './messages/schema.ts'],
  ['src/capabilities.ts', './accounts/capability.ts'],
  ['src/capability.ts', './messages/satellites.ts', 'type'],
  ['src/reactions/capability.ts', './groups.ts'],
  ['src/reactions/capability.ts', '../capability.ts', 'type'],
  ['src/server/authenticate.ts', '../accounts/sessions.ts'],
  ['src/server/transport/ws.ts', '../../delivery/sockets.ts'],
  ['src/app.ts', './messages/store.ts'],
  ['src/main.ts', './app.ts'],
  ['src/admin.ts', './app.ts'],
  ['test/rooms.test.ts', '../src/rooms/store.ts'],
  ['packages/demo/src/main.tsx', '../../client/src/index.ts'],
  ['packages/replay/src/nodes.ts', './undo.ts'],
  ['packages/replay/src/nodes.ts', '../../../src/embedded-postgres/embedded-postgres.ts'],
];

const refused: Row[] = [
  ['src/config.ts', './platform/ids.ts'],
  ['src/platform/db.ts', '../config.ts'],
  ['src/platform/db.ts', '../rooms/rooms.ts', 'type'],
  ['src/eventlog/log.ts', '../context.ts', 'type'],
  ['src/eventlog/log.ts', '../generated/prisma/client.ts'],
  ['src/context.ts', './accounts/sessions.ts', 'type'],
  ['src/messages/store.ts', '../eventlog/kinds.ts', 'type'],
  ['src/messages/store.ts', '../rooms/store.ts'],
  ['src/messages/store.ts', './messages.ts', 'type'],
  ['src/messages/messages.ts', '../rooms/store.ts'],
  ['src/messages/messages.ts', '../rooms/members.store.ts'],
  ['src/messages/messages.ts', '../rooms/schema.ts', 'type'],
  ['src/messages/messages.ts', './schema.ts', 'type'],
  ['src/messages/messages.ts', '../receipts/receipts.ts'],
  ['src/messages/messages.ts', '../eventlog/hub.ts'],
  ['src/messages/messages.ts', '../generated/prisma/enums.ts'],
  ['src/messages/schema.ts', './store.ts', 'type'],
  ['src/messages/schema.ts', '../receipts/schema.ts'],
  ['src/schema.ts', './messages/messages.ts'],
  ['src/capabilities.ts', './messages/store.ts'],
  ['src/reactions/capability.ts', './schema.ts'],
  ['src/reactions/schema.ts', './capability.ts'],
  ['src/reactions/reactions.ts', '../capability.ts', 'type'],
  ['src/server/transport/ws.ts', '../../messages/messages.ts', 'type'],
  ['src/server/transport/ws.ts', '../../schema.ts'],
  ['src/app.ts', './main.ts'],
  ['src/main.ts', './admin.ts'],
  ['src/app.ts', './sdk/index.ts'],
  ['src/sdk/index.ts', '../platform/errors.ts'],
  ['src/rooms/rooms.ts', '../../test/harness/node.ts'],
  ['src/rooms/rooms.ts', '../../packages/client/src/reducer.ts'],
  ['packages/client/src/client.ts', '../../../src/eventlog/cursors/room-cursor.ts', 'type'],
  ['packages/client/src/client.ts', '../../demo/src/main.ts'],
  ['packages/replay/src/run.ts', '../../../src/messages/posts.ts'],
];

describe('the table', () => {
  test.each(allowed)('%s may import %s', (file, specifier, kind) => {
    expect(complaintsAbout({ [file]: `import ${kind ?? ''} { a } from '${specifier}';` })).toEqual([]);
  });
  test.each(refused)('%s may not import %s', (file, specifier, kind) => {
    expect(complaintsAbout({ [file]: `import ${kind ?? ''} { a } from '${specifier}';` })).toHaveLength(1);
  });
});

test('a file without a place is refused', () => {
  const files = { 'src/helpers.ts': '', 'src/quizzes/quizzes.ts': '', 'packages/bot/src/main.ts': '' };
  const complaints = complaintsAbout(files);
  expect(complaints).toEqual([
    'src/helpers.ts:1 has no place on the line: give it one in scripts/imports/table.ts',
    'src/quizzes/quizzes.ts:1 has no place on the line: give it one in scripts/imports/table.ts',
    'packages/bot/src/main.ts:1 has no place on the line: give it one in scripts/imports/table.ts',
  ]);
});

test('a cycle is refused where the table alone would allow it, types included', () => {
  const complaints = complaintsAbout({
    'src/rooms/access.ts': "import { a } from './members.ts';",
    'src/rooms/members.ts': "import type { b } from './rooms.ts';",
    'src/rooms/rooms.ts': "\nexport * from './access.ts';",
  });
  expect(complaints).toEqual([
    'src/rooms/rooms.ts:2 closes a cycle: ' +
      'src/rooms/access.ts → src/rooms/members.ts → src/rooms/rooms.ts → src/rooms/access.ts',
  ]);
});

test('every way of importing is seen, and what only looks like one is not', () => {
  const source = [
    '#!/usr/bin/env node',
    "import './effect.ts';",
    "import first, { type A } from './value.ts';",
    "import type { B } from './type.ts';",
    "import type from './named-type.ts';",
    "export { c } from './re-export.ts';",
    "export type * from './type-re-export.ts';",
    'import {',
    '  d,',
    "} from './lines.ts';",
    "const late = await import('./late.ts');",
    "type E = import('./in-type.ts').E;",
    "// import './comment.ts';",
    "/* import './block.ts'; */",
    'const text = "import \'./string.ts\'";',
    "const template = `import './template.ts' ${`${await import('./nested.ts')}`} import './tail.ts'`;",
    "const pattern = /['\"`]/, rest = Array.from('./call.ts');",
    "const ratio = late / 2; // '",
    "loader.import('./method.ts');",
    "export { f } from './last.ts';",
  ].join('\n');
  expect(readImports(source).map(({ line, specifier, typeOnly }) => [line, specifier, typeOnly])).toEqual([
    [2, './effect.ts', false],
    [3, './value.ts', false],
    [4, './type.ts', true],
    [5, './named-type.ts', false],
    [6, './re-export.ts', false],
    [7, './type-re-export.ts', true],
    [10, './lines.ts', false],
    [11, './late.ts', false],
    [12, './in-type.ts', false],
    [16, './nested.ts', false],
    [20, './last.ts', false],
  ]);
});
