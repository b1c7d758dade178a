/** A document with a text in every place where a client can put text. */
export interface Marked {
  readonly place: string;
  readonly query: string;
  readonly variables?: Record<string, unknown>;
}

const escaped = (text: string) =>
  Array.from(text, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');

/**
 * Each of them is a valid document for any client. `text` contains no quotes and backslashes, so it needs no escapes.
 */
export function markedDocuments(text: string): readonly Marked[] {
  const login = (input: string) => `mutation { login(input: ${input}) { __typename } }`;
  return [
    { place: 'a string', query: `{ node(id: "${text}") { id } }` },
    { place: 'a string with escapes', query: `{ node(id: "${escaped(text)}") { id } }` },
    { place: 'a block string', query: `{ node(id: """${text}""") { id } }` },
    { place: 'a list', query: `{ nodes(ids: ["user_1", "${text}"]) { id } }` },
    { place: 'one item for a list', query: `{ nodes(ids: "${text}") { id } }` },
    { place: 'a nullable argument', query: `{ rooms(query: "${text}") { nodes { id } } }` },
    { place: 'a cursor', query: `{ rooms(after: "${text}") { nodes { id } } }` },
    { place: 'an input object', query: login(`{ identifier: "${text}", password: "${text}" }`) },
    {
      place: 'an input object with a variable in it',
      query: `mutation ($p: String!) { login(input: { identifier: "${text}", password: $p }) { __typename } }`,
      variables: { p: text },
    },
    {
      place: 'the default of a variable',
      query: `query ($id: ID! = "${text}") { node(id: $id) { id } }`,
    },
    {
      place: 'the default of a variable that is an input object',
      query: `mutation ($i: LoginInput! = { identifier: "${text}", password: "${text}" }) { login(input: $i) { __typename } }`,
    },
    { place: 'a variable', query: 'query ($id: ID!) { node(id: $id) { id } }', variables: { id: text } },
    {
      place: 'an argument in a fragment',
      query: `{ ...F } fragment F on Query { user(id: "${text}") { id } }`,
    },
    {
      place: 'the argument of an introspection field',
      query: `{ __type(name: "${text}") { name } }`,
    },
    {
      place: 'a subscription',
      query: `subscription { room(id: "${text}", after: "${text}") { __typename } }`,
    },
  ];
}

/** The same for a text that is a name: in every place for names in the grammar. */
export function namedDocuments(name: string): readonly Marked[] {
  return [
    { place: 'an alias', query: `{ ${name}: serverInfo { ${name}: version } }` },
    { place: 'an operation', query: `query ${name} { serverInfo { version } }` },
    { place: 'a fragment', query: `{ ...${name} } fragment ${name} on Query { serverInfo { version } }` },
    {
      place: 'a variable',
      query: `query ($${name}: ID!) { node(id: $${name}) { id } }`,
      variables: { [name]: 'x' },
    },
    {
      place: 'the variable of a directive',
      query: `query ($${name}: Boolean!) { serverInfo @include(if: $${name}) { version } }`,
      variables: { [name]: true },
    },
    { place: 'an enum', query: `{ serverInfo { version } rooms(query: ${name}) { nodes { id } } }` },
    { place: 'a directive', query: `{ serverInfo @${name} { version } }` },
    { place: 'the argument of a directive', query: `{ serverInfo @include(if: ${name}) { version } }` },
    { place: 'a field', query: `{ serverInfo { ${name} } }` },
    { place: 'a type', query: `{ node(id: "x") { ... on ${name} { id } } }` },
  ];
}
