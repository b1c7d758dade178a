import {
  GraphQLError,
  GraphQLID,
  GraphQLList,
  GraphQLObjectType,
  GraphQLSchema,
  isInterfaceType,
  isObjectType,
  type OperationDefinitionNode,
  parse,
  separateOperations,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import { loadSettings } from '../src/config.ts';
import { CONNECTION_POINTS, isList, pricedList, pricingOf } from '../src/graphql/pricing.ts';
import { createMetrics } from '../src/platform/telemetry.ts';
import { schema } from '../src/schema.ts';
import { AcceptedDocument, Documents } from '../src/server/operations/documents.ts';
import { introspectionLimit } from '../src/server/operations/introspection-size.ts';
import { DocumentMeasure } from '../src/server/operations/operation-limits.ts';
import { MAX_REFUSED_DOCUMENTS, RefusedDocuments } from '../src/server/operations/refused-documents.ts';
import { MAX_VARIABLE_VALUES, refusedVariables } from '../src/server/operations/variables.ts';
import { MAX_COMPARISONS, MAX_VISITS } from '../src/server/operations/work-budget.ts';
import { blocksOf, readPage } from './contract/readme/markdown.ts';
import { hostileDocuments } from './harness/hostile-documents.ts';

// One document may cause only so much work before it is executed, however it is written.

const settings = loadSettings({ NODE_ENV: 'test' });

function fresh() {
  const metrics = createMetrics();
  const documents = new Documents(schema, settings, metrics);
  const outcomes = async () => {
    const { values } = await metrics.documents.get();
    return Object.fromEntries(values.map(({ labels, value }) => [labels.outcome, value]));
  };
  return { documents, outcomes };
}

const check = (query: string) => fresh().documents.check(query);

function accepted(query: string): AcceptedDocument {
  const checked = check(query);
  if (!(checked instanceof AcceptedDocument)) throw checked[0] as GraphQLError;
  return checked;
}

function refusal(query: string): GraphQLError {
  const checked = check(query);
  if (checked instanceof AcceptedDocument) throw new Error('It was accepted.');
  return checked[0] as GraphQLError;
}

const costOf = (query: string, variables = {}) => {
  const document = accepted(query);
  const [operation] = document.node.definitions;
  if (operation?.kind !== 'OperationDefinition') throw new Error('no operation');
  return document.measuredWith(operation, variables).cost;
};

describe('the work of one document', () => {
  const sizes = [1, 4, 10, 20, 40, 60, 100, 150, 400, 1_300, 3_900, 20_000, 60_000];

  test.each(Object.entries(hostileDocuments))('%s: bounded at every size', (_kind, make) => {
    for (const size of sizes) {
      const checked = check(make(size));
      if (checked instanceof AcceptedDocument) {
        expect(checked.work.visits).toBeLessThanOrEqual(MAX_VISITS);
        expect(checked.work.comparisons).toBeLessThanOrEqual(MAX_COMPARISONS);
        expect(checked.work.introspection).toBeLessThanOrEqual(introspectionLimit(schema));
      } else {
        expect(checked.length).toBeLessThanOrEqual(11);
        for (const error of checked) {
          expect(error.message.length).toBeLessThanOrEqual(501);
          expect(error.extensions['code']).toMatch(
            /^(OPERATION_TOO_LARGE|GRAPHQL_(PARSE|VALIDATION)_FAILED)$/,
          );
        }
      }
    }
  });

  const doubled = Array.from(
    { length: 8 },
    (_, i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`,
  ).join(' ');

  test('is that of all its operations together', () => {
    const one = 'query Only { viewer { rooms { nodes { ...R } } } } fragment R on Room { id name }';
    const three = `${one} query Second { rooms { nodes { ...R } } } query Third { room(id: "x") { ...R } }`;
    expect(accepted(one).work.visits).toBe(6);
    expect(accepted(three).work.visits).toBe(6 + 5 + 4);
    const many = Array.from({ length: 20 }, (_, i) => `query A${i} { ...F0 }`).join(' ');
    expect(refusal(`${many} ${doubled} fragment F8 on Query { __typename __typename }`).message).toMatch(
      /unfold to too many fields/,
    );
  });

  test('is linear in its length, however far its fragments unfold', () => {
    const levels = 120;
    const fragments = Array.from(
      { length: levels },
      (_, i) => `fragment F${i} on Room { ...F${i + 1} ...F${i + 1} }`,
    );
    const document = parse(
      `{ room(id: "x") { ...F0 } } ${fragments.join(' ')} fragment F${levels} on Room { id }`,
    );
    const [operation] = document.definitions;
    const measure = new DocumentMeasure(schema, settings, document);
    // Unfolded, these are more fields than could be visited one by one.
    expect(measure.one(operation as never, {}).cost).toBe(1 + 2 ** levels);
  });

  test('has a limit of operations', () => {
    const operations = (count: number) =>
      Array.from({ length: count }, (_, i) => `query A${i} { __typename }`).join(' ');
    expect(check(operations(20))).toBeInstanceOf(AcceptedDocument);
    expect(refusal(operations(21)).extensions).toEqual({ code: 'OPERATION_TOO_LARGE' });
  });

  test('has a limit of bytes, also for characters of several', () => {
    const text = (letter: string, bytes: number) =>
      `{ node(id: "${letter.repeat((bytes - 23) / Buffer.byteLength(letter))}") { id } }`;
    expect(check(text('x', settings.MAX_DOCUMENT_BYTES))).toBeInstanceOf(AcceptedDocument);
    expect(refusal(text('x', settings.MAX_DOCUMENT_BYTES + 1)).message).toMatch(/65536 bytes/);
    expect(refusal(text('€', settings.MAX_DOCUMENT_BYTES + 3)).message).toMatch(/65536 bytes/);
  });

  test('lets the introspection of tools pass, and not twice', async () => {
    const { getIntrospectionQuery } = await import('graphql');
    const query = getIntrospectionQuery({ inputValueDeprecation: true, specifiedByUrl: true, oneOf: true });
    expect(check(query)).toBeInstanceOf(AcceptedDocument);
    const twice = query.replace('queryType {', 'others: types { ...FullType } queryType {');
    expect(refusal(twice).message).toMatch(/introspection answers too many fields/);
  });
});

describe('a refused document', () => {
  const [, hostile] = Object.entries(hostileDocuments)[0] as [string, (n: number) => string];

  test('is neither parsed nor measured again', async () => {
    const { documents, outcomes } = fresh();
    const first = documents.check(hostile(18));
    for (let i = 0; i < 5; i++) expect(documents.check(hostile(18))).toEqual(first);
    expect(await outcomes()).toEqual({ refused: 1, 'refused again': 5 });
  });

  test.each(['{ unknown }', '{', '\n\n  { serverInfo }', `{ node(id: "${'x'.repeat(70_000)}") { id } }`])(
    'is refused in the same words at the same place: %.20s',
    (query) => {
      const { documents } = fresh();
      const words = () => (documents.check(query) as GraphQLError[]).map((error) => error.toJSON());
      const first = words();
      expect(first).toHaveLength(1);
      expect(words()).toEqual(first);
    },
  );

  test('is told from one that differs in half a character', () => {
    const { documents } = fresh();
    expect(documents.check('{ node(id: "\ud800") { id } }')).not.toBeInstanceOf(AcceptedDocument);
    expect(documents.check('{ node(id: "\ufffd") { id } }')).toBeInstanceOf(AcceptedDocument);
  });

  test('is forgotten where there are too many', () => {
    const refused = new RefusedDocuments();
    const errors = [new GraphQLError('no')];
    for (let i = 0; i <= MAX_REFUSED_DOCUMENTS; i++) refused.add(`${i}`, errors);
    expect(refused.get('0')).toBeUndefined();
    expect(refused.get('1')).toEqual(errors);
  });
});

test.each([
  'inbox @skip(if: $is) { __typename }',
  'inbox @include(if: $is) { __typename }',
  'inbox @skip(if: true) { __typename }',
  '... @skip(if: true) { inbox { __typename } }',
  '...Root',
])('a subscription has no conditions at its root: %s', (selection) => {
  const { message, extensions } = refusal(
    `subscription ($is: Boolean!) { ${selection} } fragment Root on Subscription { inbox @skip(if: $is) { __typename } }`,
  );
  expect(message).toMatch(/^The field of a subscription always runs: it takes no @(skip|include)\.$/);
  expect(extensions).toEqual({ code: 'GRAPHQL_VALIDATION_FAILED' });
});

describe('lists in events', () => {
  const Item = new GraphQLObjectType({ name: 'Item', fields: { id: { type: GraphQLID } } });
  const itemsWith = (extensions: Record<string, unknown>) => ({ type: new GraphQLList(Item), extensions });
  const measured = (query: string) => {
    const Event = new GraphQLObjectType({
      name: 'Event',
      fields: {
        cheap: itemsWith({ ...pricedList({ usualSize: 3, inEvents: true }) }),
        dear: itemsWith({ ...pricedList({ usualSize: 3, inEvents: false }) }),
        undeclared: itemsWith({}),
      },
    });
    const root = (name: string) => new GraphQLObjectType({ name, fields: { event: { type: Event } } });
    const documents = new GraphQLSchema({ query: root('Query'), subscription: root('Subscription') });
    const measure = new DocumentMeasure(documents, settings, parse(query));
    return measure.one(measure.operations[0] as OperationDefinitionNode, null);
  };

  test('are selected where their field says so, at their usual size', () => {
    const { errors, cost } = measured('subscription { event { cheap { id } } }');
    expect(errors).toEqual([]);
    expect(cost).toBe(2 + 3);
  });

  test.each(['dear', 'undeclared'])('are refused where it does not: %s', (name) => {
    expect(measured(`{ event { ${name} { id } } }`).errors).toEqual([]);
    expect(measured(`subscription { event { ...F } } fragment F on Event { ${name} { id } }`).errors).toEqual(
      [
        expect.objectContaining({
          message: `Event.${name}: this list cannot be selected in an event; fetch it with a query.`,
          extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
        }),
      ],
    );
  });
});

describe('the price', () => {
  const lists = Object.values(schema.getTypeMap())
    .filter((type) => isObjectType(type) || isInterfaceType(type))
    .filter(({ name }) => !name.startsWith('__'))
    .flatMap((type) =>
      Object.values(type.getFields())
        .filter((field) => isList(field, type))
        .map((field) => ({ name: `${type.name}.${field.name}`, field })),
    );

  test.each(lists.map(({ name, field }) => [name, field] as const))(
    '%s declares how many it answers to those who do not say, and whether events have it',
    (_name, field) => {
      const isAsked = field.args.some(({ type }) => String(type).startsWith('['));
      expect(isAsked || (pricingOf(field).list?.usualSize ?? 0) > 0).toBe(true);
    },
  );

  test('counts as many as are answered', () => {
    const members = (args: string) => costOf(`{ room(id: "x") { members${args} { nodes { id } } } }`);
    expect(members('')).toBe(members('(first: 50)'));
    expect(costOf('{ inboxEvents { nodes { __typename } } }')).toBe(CONNECTION_POINTS + 50 * 2);
    expect(costOf('{ viewer { rooms { nodes { id } } } }')).toBe(1 + CONNECTION_POINTS + 20 * 2);
  });

  test('of a connection is high enough that small pages by the thousand do not fit', () => {
    const fields = (page: string) => Array.from({ length: 30 }, (_, i) => `a${i}: ${page}`).join(' ');
    const query = (page: string) =>
      `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Room { ${fields(page)} } } }`;
    const ids = Array.from({ length: 100 }, (_, i) => `${i}`);
    for (const page of [
      'messages(first: 1) { nodes { id } }',
      'messages(first: 0) { nodes { id } }',
      'messages(first: 1, around: { date: "2026-01-01T00:00:00Z" }) { nodes { id } }',
      'members(first: 1) { nodes { role } }',
      'events(first: 1) { nodes { __typename } }',
    ])
      expect(costOf(query(page), { ids })).toBeGreaterThan(3 * settings.MAX_COST);
  });

  const documentsIn = (path: string): string[] => {
    const page = readPage(path);
    if (path.endsWith('.graphql')) return [page.text];
    return blocksOf(page)
      .filter(({ language }) => language === 'graphql')
      .map(({ code }) => code);
  };

  const CLIENT = 'packages/client/src/documents';

  test.each([
    [[`${CLIENT}/inbox.graphql`, `${CLIENT}/operations.graphql`]],
    [['test/client/operations.graphql']],
    [['README.md']],
    [['docs/protocol.md']],
  ])('of every operation in %s is less than half of what is allowed', (paths) => {
    const texts = paths.flatMap(documentsIn);
    // As clients send them: each operation with the fragments that it uses, which may be in the other file.
    const documents = paths.length > 1 ? [texts.join('\n')] : texts;
    const operations = documents.flatMap((text) => Object.values(separateOperations(parse(text))));
    const measured = operations.flatMap((document) => [
      ...new DocumentMeasure(schema, settings, document).all().values(),
    ]);
    expect(measured.length).toBeGreaterThan(0);
    for (const { cost, errors } of measured) {
      expect(errors).toEqual([]);
      expect(cost).toBeLessThan(settings.MAX_COST / 2);
    }
  });

  test('knows fields that cost more than others', () => {
    const messages = (field: string) =>
      costOf(`{ room(id: "x") { messages(last: 100) { nodes { ${field} } } } }`);
    expect(messages('plainText') - messages('text')).toBe(100 * 9);
  });

  test('follows the variables, through fragments that several operations share', () => {
    const document = accepted(
      `query Small($n: Int = 1) { viewer { ...V } } query Large($n: Int = 50) { viewer { ...V } }
       fragment V on Viewer { rooms(first: $n) { nodes { id } } }`,
    );
    const [small, large] = document.node.definitions as never[];
    const cost = (operation: never, variables: object) =>
      document.measuredWith(operation, variables as Record<string, unknown>).cost;
    expect([cost(small as never, {}), cost(large as never, {})]).toEqual([13, 111]);
    expect(cost(small as never, { n: 10 })).toBe(31);
    expect(cost(small as never, {})).toBe(13);
  });
});

describe('variables', () => {
  const query = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }';
  const send = 'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { __typename } }';
  const judge = (text: string, variables: Record<string, unknown>) => {
    const [operation] = parse(text).definitions;
    return refusedVariables(schema, operation as never, variables, false);
  };
  const keys = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`idempotencyKe${i}`, 1]));

  test('have a limit of values, at any depth', () => {
    const ids = (count: number) => ({ ids: Array.from({ length: count }, () => 'x') });
    expect(judge(query, ids(MAX_VARIABLE_VALUES - 2))).toBeNull();
    for (const variables of [
      ids(MAX_VARIABLE_VALUES - 1),
      { input: keys(10_000) },
      { unused: JSON.parse('['.repeat(5_000) + ']'.repeat(5_000)) },
    ])
      expect(judge(send, variables)).toEqual([
        expect.objectContaining({ extensions: { code: 'OPERATION_TOO_LARGE' } }),
      ]);
  });

  test('that are large get one complaint, not fifty that repeat them', () => {
    const complaints = judge(send, { input: { ...keys(1_500), text: 'x'.repeat(50_000) } });
    expect(complaints).toHaveLength(1);
    expect(complaints?.[0]?.message.length).toBeLessThanOrEqual(501);
    expect(complaints?.[0]?.extensions).toEqual({ code: 'GRAPHQL_VALIDATION_FAILED' });
  });

  test('that are small are left to execution', () => {
    expect(judge(send, { input: { roomId: 7, text: [] } })).toBeNull();
    expect(judge(send, {})).toBeNull();
  });
});
