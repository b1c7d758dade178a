import { readFileSync } from 'node:fs';
import { buildSchema, type GraphQLObjectType, type GraphQLSchema, getNamedType, isLeafType } from 'graphql';
import { createEventRegistry } from '../../src/capabilities.ts';
import type { EventKind } from '../../src/eventlog/registry.ts';
import { allOf } from '../capabilities/all.ts';

/** What subscribers ask of the types that events show: what the checker compares. */
const selections: Readonly<Record<string, string>> = {
  Message: '{ id text version author { displayName } }',
  RoomMembership: '{ user { id } }',
  Room: '{ id }',
  User: '{ id }',
  // Its node is the message, which the same event shows.
  RoomMessagesEdge: '{ cursor }',
  ...allOf('selections'),
};

const SEQ = 'roomSeq';

/**
 * Selects all fields of a kind of event.
 * @throws Error if a field has a type that subscribers do not know
 */
export function selectionOf(
  { name, fields }: Pick<EventKind, 'name' | 'fields'>,
  schema: GraphQLSchema,
): string {
  const own = (schema.getType(name) as GraphQLObjectType).getFields();
  const selected = fields.map((field) => {
    const type = own[field] && getNamedType(own[field].type);
    if (!type) throw new Error(`${name} has no field ${field}: see its registration`);
    if (isLeafType(type)) return field === SEQ ? `at: ${SEQ}` : field;
    const selection = selections[type.name];
    if (!selection)
      throw new Error(
        `${name}.${field} is a ${type.name}: add that type to \`selections\` in test/faults/documents.ts`,
      );
    return `${field} ${selection}`;
  });
  return selected.length > 0 ? `... on ${name} { ${selected.join(' ')} }` : '';
}

const schema = buildSchema(readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8'));
const registry = createEventRegistry();
const all = (kinds: readonly EventKind[]) => kinds.map((kind) => selectionOf(kind, schema)).join(' ');

const ITEM = `__typename
  ... on RoomEvent { cursor roomSeq room { id } } ${all(registry.roomKinds)}
  ... on StreamReady { cursor } ... on Heartbeat { cursor }
  ... on ResyncRequired { resyncReason } ... on StreamClosed { closeReason retryable retryAfterMs }`;
const ACCOUNT = `... on AccountEvent { cursor accountSeq } ${all(registry.accountKinds)}`;

/** What subscribers under faults follow: every field of every kind of event. */
export const documents = {
  room: `subscription Room($id: ID!, $after: Cursor) { room(id: $id, after: $after) { ${ITEM} } }`,
  inbox: `subscription Inbox($after: Cursor) { inbox(after: $after) { ${ITEM} ${ACCOUNT} } }`,
};
