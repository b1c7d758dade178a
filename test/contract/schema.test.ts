import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSchema, type GraphQLSchema, validateSchema } from 'graphql';
import { describe, expect, test } from 'vitest';
import {
  breakingChanges,
  checkSchema,
  clashingFields,
  lastReleased,
  missingFromCore,
  readSchema,
  undatedDeprecations,
  undescribed,
} from '../../scripts/check-schema.ts';
import { printedSchema } from '../../scripts/print-schema.ts';

const core = readSchema('test/contract/core.graphql');

test('schema.graphql is what the code says', () => {
  expect(readFileSync('schema.graphql', 'utf8').replaceAll('\r\n', '\n')).toBe(printedSchema());
});

test('it is valid, described, whole, and breaks nobody', async () => {
  const schema = buildSchema(printedSchema());
  expect(validateSchema(schema)).toEqual([]);
  expect(await checkSchema(schema)).toEqual([]);
});

/** The core after one edit, so that each check is seen to fail. */
function coreWith(found: string, replacement: string): GraphQLSchema {
  const text = readFileSync('test/contract/core.graphql', 'utf8');
  expect(text).toContain(found);
  return buildSchema(text.replaceAll(found, replacement));
}

describe('the core', () => {
  test('contains itself and keeps its own rule about unions', () => {
    expect(missingFromCore(core, core)).toEqual([]);
    expect(clashingFields(core)).toEqual([]);
  });

  test('may be added to', () => {
    const more = coreWith(
      'node(id: ID!): Node\n',
      'node(id: ID!, late: Boolean! = false): Node\n  news: String\n',
    );
    expect(missingFromCore(more, core)).toEqual([]);
  });

  test.each([
    [
      'type ServerInfo { version: String!',
      'type ServerInfo {',
      'ServerInfo.version is in the core and missing here',
    ],
    [
      'version: String! schema',
      'version: String schema',
      'ServerInfo.version is String! in the core and String here',
    ],
    [
      'userByName(username: String!)',
      'userByName',
      'Query.userByName(username:) is in the core and missing here',
    ],
    ['nodes(ids: [ID!]!)', 'nodes(ids: [ID!])', 'Query.nodes(ids:) is [ID!]! in the core and [ID!] here'],
    ['enum RoomKind { PUBLIC', 'enum RoomKind {', 'RoomKind.PUBLIC is in the core and missing here'],
    ['LogoutSuccess | Unav', 'Unav', 'LogoutResult = LogoutSuccess is in the core and missing here'],
    ['type User implements Node', 'type User', 'User implements Node is in the core and missing here'],
    ['MessageAnchor @oneOf', 'MessageAnchor', 'MessageAnchor @oneOf is in the core and missing here'],
    ['ResyncReason', 'Reason', 'ResyncReason is in the core and missing here'],
    [
      'scalar Cursor ',
      'enum Cursor { A } ',
      'Cursor is GraphQLScalarType in the core and GraphQLEnumType here',
    ],
    [
      'room(id: ID!): Room\n',
      'room(id: ID!, key: ID!): Room\n',
      'Query.room(key:) is required here, and clients of the core do not send it',
    ],
    [
      'input JoinRoomInput {',
      'input JoinRoomInput { key: ID!',
      'JoinRoomInput.key is required here, and clients of the core do not send it',
    ],
  ])('refuses to have %j become %j', (found, replacement, complaint) => {
    expect(missingFromCore(coreWith(found, replacement), core)).toContain(complaint);
  });
});

test('everything a person reads in GraphiQL needs a description', () => {
  const schema = buildSchema(`
    type Query { "Said." a(b: Int, "Said." c: Int): E d(i: I): Int }
    enum E { F }
    "Said." input I { g: Int }
    "Said." directive @h(j: Int) on FIELD
  `);
  expect(undescribed(schema).map((each) => each.split(' ')[0])).toEqual([
    'Query',
    'Query.a(b:)',
    'Query.d',
    'Query.d(i:)',
    'E',
    'E.F',
    'I.g',
    '@h(j:)',
  ]);
});

test('a deprecation carries the date of its removal', () => {
  const schema = buildSchema(`
    type Query {
      a: Int @deprecated(reason: "Use c. Goes on 2027-05-01.")
      b: Int @deprecated(reason: "Use c.")
      c: Int
    }
  `);
  expect(undatedDeprecations(schema)).toEqual([
    'Query.b is deprecated without the date (YYYY-MM-DD) of its removal',
  ]);
});

test('members of a union agree about the types of their fields', () => {
  const schema = buildSchema(`
    union U = A | B
    type A { x: Int y: Int }
    type B { x: Int! y: Int }
    type Query { u: U }
  `);
  expect(clashingFields(schema)).toEqual(['U: x is Int in A and Int! in B']);
});

test('what the last release offered stays', async () => {
  const now = coreWith('type ServerInfo { version: String!', 'type ServerInfo {');
  expect(await breakingChanges(core, now)).toEqual([
    "breaks clients of the last release: Field 'version' was removed from object type 'ServerInfo'",
  ]);
  expect(await breakingChanges(now, core)).toEqual([]);
});

test('the last release is the highest version', () => {
  const folder = mkdtempSync(join(tmpdir(), 'released-'));
  expect(lastReleased(folder)).toBeUndefined();
  for (const version of ['0.2.0', '0.10.0', '0.9.1']) writeFileSync(join(folder, `${version}.graphql`), '');
  expect(lastReleased(folder)).toBe(join(folder, '0.10.0.graphql'));
  rmSync(folder, { recursive: true });
});
