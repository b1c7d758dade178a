import { readFileSync } from 'node:fs';
import { buildSchema } from 'graphql';
import { describe, expect, test } from 'vitest';
import { eventTables, withTables } from '../../scripts/print-events.ts';
import { createEventRegistry } from '../../src/capabilities.ts';
import { type AccountEventKind, EventRegistry, type RoomEventKind } from '../../src/eventlog/registry.ts';
import { documents } from '../faults/documents.ts';
import { eventCauses } from '../harness/event-causes.ts';
import { missingParts, type Parts } from './event-kinds.ts';

// One registration for each kind of event. What cannot be part of it is compared with it here.

const sdl = readFileSync('schema.graphql', 'utf8');
const parts: Parts = {
  schema: buildSchema(sdl),
  reducer: readFileSync('packages/client/src/reducer.ts', 'utf8'),
  documents: [
    'inbox',
    'threads',
    'locations',
    'permissions',
    'moderation',
    'room-settings',
    'profile',
    'join-requests',
  ]
    .map((name) => readFileSync(`packages/client/src/documents/${name}.graphql`, 'utf8'))
    .join('\n'),
  causes: new Set(Object.keys(eventCauses)),
};
const registry = createEventRegistry();

test('every registered kind has all its parts', () => {
  expect(missingParts(registry, parts)).toEqual([]);
});

test('docs/protocol.md has every kind as it is registered', () => {
  const page = readFileSync('docs/protocol.md', 'utf8').replaceAll('\r\n', '\n');
  expect(withTables(page, eventTables(registry))).toBe(page);
});

test('subscribers under faults select every field of every kind', () => {
  for (const { name, fields } of [...registry.roomKinds, ...registry.accountKinds]) {
    const selected = documents.inbox.split(`... on ${name} {`)[1]?.split('... on')[0] ?? '';
    for (const field of fields) expect(selected).toContain(field);
  }
});

describe('a kind that lacks parts', () => {
  const pinned: RoomEventKind = {
    number: 90,
    name: 'TestHappened',
    description: 'A message was pinned.',
    fields: ['message', 'pinnedBy'],
    clientRule: 'keep the pin',
    affects: 'nothing',
    subject: null,
  };
  const seen: AccountEventKind = {
    number: 91,
    name: 'TourSeen',
    description: 'The viewer has seen the tour.',
    fields: ['version'],
    clientRule: 'hide the tour',
    access: 'unchanged',
  };
  const more = (room: RoomEventKind[], account: AccountEventKind[] = []) =>
    new EventRegistry({
      room: [...registry.roomKinds, ...room],
      account: [...registry.accountKinds, ...account],
      people: registry.people,
      unread: registry.unread,
    });
  const withTypes = (types: string) => ({ ...parts, schema: buildSchema(`${sdl}\n${types}`) });

  test('is refused by the compiler without what its registration has to say', () => {
    const { clientRule: _clientRule, ...unruled } = pinned;
    // @ts-expect-error clientRule is missing
    const kinds: RoomEventKind[] = [unruled];
    const { fields: _fields, ...unlisted } = seen;
    // @ts-expect-error fields are missing
    const accountKinds: AccountEventKind[] = [unlisted];
    expect([...kinds, ...accountKinds]).toHaveLength(2);
  });

  test('is told what to add, and where', () => {
    expect(missingParts(more([pinned], [seen]), parts)).toEqual([
      'TestHappened: add its GraphQL type to the events.schema.ts of its concept',
      'TestHappened: apply it in packages/client/src/reducer.ts (keep the pin)',
      'TestHappened: select its fields in packages/client/src/documents/inbox.graphql',
      'TestHappened: add how a test causes it to test/harness/event-causes.ts',
      'TourSeen: add its GraphQL type to the events.schema.ts of its concept',
      'TourSeen: apply it in packages/client/src/reducer.ts (hide the tour)',
      'TourSeen: select its fields in packages/client/src/documents/inbox.graphql',
      'TourSeen: add how a test causes it to test/harness/event-causes.ts',
    ]);
  });

  const shared = 'cursor: Cursor! roomSeq: Int! room: Room! actor: User occurredAt: DateTime!';

  test.each([
    [
      'a field of its type that it does not list',
      `type TestHappened implements RoomEvent { ${shared} message: Message! pinnedBy: User! at: DateTime! }`,
      'TestHappened.at: add it to `fields` of the registration',
    ],
    [
      'a field that its type does not have',
      `type TestHappened implements RoomEvent { ${shared} message: Message! }`,
      'TestHappened.pinnedBy: add it to the GraphQL type, or remove it from `fields`',
    ],
    [
      'a field of a type that subscribers under faults cannot compare',
      `type Pin { by: User! } type TestHappened implements RoomEvent { ${shared} message: Message! pinnedBy: Pin! }`,
      'TestHappened.pinnedBy is a Pin: add that type to `selections` in test/faults/documents.ts',
    ],
    [
      'a type that is no event',
      'type TestHappened { message: Message! }',
      'TestHappened: its GraphQL type has to implement RoomEvent',
    ],
  ])('such as %s', (_what, types, says) => {
    expect(missingParts(more([pinned]), withTypes(types))).toContain(says);
  });

  test('or a type without a registration', () => {
    const types = `type TestHappened implements RoomEvent { ${shared} }`;
    expect(missingParts(registry, withTypes(types))).toEqual([
      'TestHappened: add its registration to the events.ts and the capability.ts of its concept',
    ]);
  });

  test('is not in docs/protocol.md until the tables are printed', () => {
    const page = readFileSync('docs/protocol.md', 'utf8').replaceAll('\r\n', '\n');
    const printed = withTables(page, eventTables(more([pinned])));
    expect(printed).not.toBe(page);
    expect(printed).toContain(
      '| `TestHappened` | 90 | A message was pinned. | nothing | `message`, `pinnedBy` | keep the pin |',
    );
    expect(() => withTables('no comments', eventTables(registry))).toThrow(
      'docs/protocol.md lacks the comments around the table of room events',
    );
  });
});
