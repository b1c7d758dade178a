import { getIntrospectionQuery } from 'graphql';

// Documents that grow with n, each in the way that one part of the server handles worst.

const times = (count: number, part: (i: number) => string, between = ' ') =>
  Array.from({ length: Math.max(0, Math.floor(count)) }, (_, i) => part(i)).join(between);

const nest = (levels: number, before: string, inside: string, after: string) =>
  `${before.repeat(Math.max(0, levels))}${inside}${after.repeat(Math.max(0, levels))}`;

/** Fragments of which each uses the next one several times. */
function multiplied(levels: number, factor: number, type: string, inside: string): string {
  const uses = (i: number) => times(factor, () => `...F${i + 1}`);
  return `${times(levels, (i) => `fragment F${i} on ${type} { ${uses(i)} }`)} fragment F${levels} on ${type} { ${inside} }`;
}

function repeated(levels: number, copies: number): string {
  const level = (depth: number): string =>
    depth === 0 ? 'id' : times(copies, () => `replyTo { ${level(depth - 1)} }`);
  return `{ node(id: "x") { ... on Message { ${level(levels)} } } }`;
}

const fullIntrospection = getIntrospectionQuery();
const schemaField = /(?<=IntrospectionQuery \{)[^]*?(?=\n {4}\}\n)/;

/** The document of size n, by the cost that it attacks. */
export const hostileDocuments: Readonly<Record<string, (n: number) => string>> = {
  'operations that share doubled fragments': (n) =>
    `${times(n, (i) => `query A${i} { ...F0 }`)} ${multiplied(8, 2, 'Query', 'serverInfo { version }')}`,
  'fragments that double': (n) => `{ ...F0 } ${multiplied(n, 2, 'Query', '__typename')}`,
  'operations that share a chain of fragments': (n) =>
    `${times(n, (i) => `subscription A${i} { ...F0 }`)} ${multiplied(100, 1, 'Subscription', 'inbox { __typename }')}`,
  'operations with variables in shared fragments': (n) =>
    `${times(n, (i) => `query A${i}($v: Int) { viewer { ...F0 } }`)} ${multiplied(60, 1, 'Viewer', 'rooms(first: $v) { nodes { id } }')}`,
  'the same field': (n) => `{ node(id: "x") { ${'id '.repeat(n)} } }`,
  'the same field with arguments': (n) =>
    `{ viewer { ${times(n, () => 'rooms(first: 1, after: "abc") { nodes { id } }')} } }`,
  'the same fields inside the same fields': (n) => repeated(3, Math.min(20, n)),
  'two of each field, deeper and deeper': (n) => repeated(Math.min(10, n), 2),
  'the same large argument': (n) =>
    `{ viewer { ${times(9, () => `rooms(query: "${'x'.repeat(n)}") { nodes { id } }`)} } }`,
  'the same long list': (n) => `{ ${times(9, () => `nodes(ids: [${times(n / 9, () => '"x"')}]) { id }`)} }`,
  'fragments side by side': (n) =>
    `{ node(id: "x") { ${times(n, (i) => `...F${i}`)} } } ${times(n, (i) => `fragment F${i} on Message { id text seq version sentAt }`)}`,
  'fragments in every selection': (n) =>
    `{ ${times(9, () => 'viewer { rooms(first: 1) { nodes { id ...F0 } } }')} } ${multiplied(n, 1, 'Room', 'id name')}`,
  'fragments that nobody uses': (n) =>
    `{ __typename } ${times(n, (i) => `fragment F${i} on Message { id text seq version ${i > 0 ? `...F${i - 1}` : ''} }`)}`,
  'fragments in a circle': (n) =>
    `{ node(id: "x") { ...F0 } } ${times(n, (i) => `fragment F${i} on Message { id ...F${(i + 1) % Math.max(1, n)} }`)}`,
  'inline fragments side by side': (n) =>
    `{ inboxEvents { nodes { ${times(n, () => '... on MessageCreated { cursor }')} } } }`,
  'inline fragments inside each other': (n) =>
    `{ node(id: "x") { ${nest(n, '... on Message { ', 'id', ' }')} } }`,
  'unknown fields with names like known ones': (n) =>
    `{ node(id: "x") { ... on Room { ${times(n, (i) => `viewerCannotSendReasonsViewer${i}`)} } } }`,
  'unknown types with names like known ones': (n) =>
    `{ node(id: "x") { ${times(n, (i) => `... on RoomMembershipConnectionEvent${i} { id }`)} } }`,
  'long unknown names': (n) => `{ ${times(10, (i) => `${'x'.repeat(n)}${i}`)} }`,
  'variables that nobody uses': (n) => `query (${times(n, (i) => `$v${i}: ID`)}) { node(id: "x") { id } }`,
  'variables in a list': (n) =>
    `query (${times(n, (i) => `$v${i}: ID!`)}) { nodes(ids: [${times(n, (i) => `$v${i}`)}]) { id } }`,
  'the same directive': (n) => `{ node(id: "x") { id ${'@include(if: true) '.repeat(n)} } }`,
  'unknown directives': (n) => `{ node(id: "x") { id ${times(n, (i) => `@x${i}`)} } }`,
  'a long list of ids': (n) => `{ nodes(ids: [${times(n, () => '"x"')}]) { id } }`,
  'a long list of what are no ids': (n) => `{ nodes(ids: [${times(n, () => '1.5')}]) { id } }`,
  'lists inside lists': (n) => `{ nodes(ids: ${nest(n, '[', '"x"', ']')}) { id } }`,
  'objects inside objects': (n) =>
    `mutation { sendMessage(input: ${nest(n, '{ a: ', '1', ' }')}) { __typename } }`,
  'an object with many unknown fields': (n) =>
    `mutation { sendMessage(input: { ${times(n, (i) => `idempotencyKe${i}: 1`)} }) { __typename } }`,
  comments: (n) => `{ serverInfo { version } } ${'#\n'.repeat(n)}`,
  'empty lines before errors': (n) => `${'\n'.repeat(n)} { ${times(30, (i) => `unknown${i}`)} }`,
  'empty lines before a syntax error': (n) => `${'\n'.repeat(n)} {`,
  'a long block string': (n) => `{ node(id: """${' \n'.repeat(n)}x""") { id } }`,
  'a long string': (n) => `{ node(id: "${'x'.repeat(n)}") { id } }`,
  escapes: (n) => `{ node(id: "${'\\u0041'.repeat(n)}") { id } }`,
  '__typename under many names': (n) => `{ node(id: "x") { ${times(n, (i) => `a${i}: __typename`)} } }`,
  'the full introspection, several times': (n) =>
    fullIntrospection.replace(schemaField, (field) => times(Math.min(10, n), (i) => `a${i}: ${field}`)),
  'introspection, lists in lists': (n) =>
    `{ __schema { types { ${times(n / 10, (i) => `a${i}: fields { type { fields { name args { name } type { name kind ofType { name } } } } }`)} } } }`,
  'introspection of one type in fragments': (n) =>
    `{ __type(name: "Room") { ...F0 } } ${multiplied(Math.min(12, n), 2, '__Type', 'fields { type { name } }')}`,
};
