import { setImmediate as immediate } from 'node:timers/promises';
import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  type GraphQLError,
  GraphQLList,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNullableType,
  getOperationAST,
  isInterfaceType,
  isListType,
  isObjectType,
  lexicographicSortSchema,
  type OperationDefinitionNode,
} from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Viewer } from '../../src/context.ts';
import { Plan } from '../../src/graphql/execution/plan.ts';
import { idOf } from '../../src/graphql/ids.ts';
import { schema } from '../../src/schema.ts';
import { listInboxEvents } from '../../src/sync/pages.ts';
import { Random } from '../faults/random.ts';
import { createDatabase, type TestDatabase } from '../harness/database.ts';
import { startNode, type TestNode } from '../harness/node.ts';
import { type Person, signUpAll } from '../harness/people.ts';
import { contextOf, type OpenServices, openServices } from '../harness/services.ts';
import { DocumentWriter, type Generated, type Values } from './documents.ts';
import { ResolverTape } from './replay.ts';

// A plan answers like graphql-js' execute: data, the order of its keys, errors with their places.

const SEED = Number(process.env['EXECUTION_SEED'] ?? 1);
const QUERIES = Number(process.env['EXECUTION_DOCUMENTS'] ?? 4_000);
const MUTATIONS = QUERIES / 8;
const EVENTS = QUERIES / 8;

let database: TestDatabase;
let seeder: TestNode;
let services: OpenServices;
let viewer: Viewer;
let values: Values;
let items: readonly object[];
let tape: ResolverTape;
let tolerant: GraphQLSchema;

beforeAll(async () => {
  database = await createDatabase();
  seeder = await startNode({
    databaseUrl: database.url,
    env: { POSTS_BURST: '1000', POSTS_PER_SECOND: '1000' },
  });
  values = await seed(await signUpAll(seeder, 'ada', 'bob', 'cyd'));
  await seeder.stop();
  services = await openServices(database.url, { CHANGES_PER_SECOND: '100000', POSTS_PER_SECOND: '100000' });
  tolerant = withoutNonNull(schema);
  tape = new ResolverTape(schema);
  items = (
    await listInboxEvents(contextOf(services.node, viewer) as never, {
      first: 100,
      after: values['Cursor']?.[0] as string,
    })
  ).edges.map(({ node }) => node);
}, 120_000);

afterAll(async () => {
  await services?.close();
  await database?.drop();
});

async function seed({ ada, bob, cyd }: Record<'ada' | 'bob' | 'cyd', Person>): Promise<Values> {
  const start = await ada.ask('{ viewer { inboxCursor } }');
  const rooms = [
    await ada.createRoom('hall'),
    await ada.createRoom('den', 'PRIVATE'),
    await bob.createRoom('yard'),
  ];
  await bob.join(rooms[0] as string);
  await cyd.join(rooms[0] as string);
  const messages: string[] = [];
  for (const text of ['hello', '**bold** and <script>', '', 'again'].filter(Boolean)) {
    const replyToId = messages[0];
    const { message } = (await ada.say(rooms[0] as string, text, replyToId ? { replyToId } : {})) as {
      message: { id: string };
    };
    messages.push(message.id);
  }
  await bob.say(rooms[0] as string, 'from bob');
  await ada.change('editMessage', { messageId: messages[1], text: 'edited' });
  await ada.change('deleteMessage', { messageId: messages[2] });
  viewer = { userId: idOf('User', ada.userId) as number, sessionId: 1, expiresAt: Date.now() + 3_600_000 };
  return {
    ID: [
      ...rooms,
      ...messages,
      ada.userId,
      bob.userId,
      cyd.userId,
      'room_999',
      'nonsense',
      `member_${idOf('Room', rooms[0] as string)}_${viewer.userId}`,
    ],
    String: [bob.username, cyd.username, 'hall', 'x', '', start.data.viewer.inboxCursor, '\u0000'],
    Cursor: [start.data.viewer.inboxCursor, 'nonsense'],
    Int: [1, 2, 3, 50, 0, -1],
    Float: [1.5],
    Boolean: [true, false],
    DateTime: ['2026-01-31T12:00:00.000Z', '1999-01-01T00:00:00Z'],
  };
}

interface Case extends Generated {
  readonly node: OperationDefinitionNode;
  readonly root: unknown;
}

function casesOf(operation: 'query' | 'mutation' | 'subscription', count: number, seed: number): Case[] {
  const random = new Random(seed);
  const writer = new DocumentWriter(schema, random, values);
  return Array.from({ length: count }, () => {
    const generated = writer.write(operation);
    const node = getOperationAST(generated.document) as OperationDefinitionNode;
    return { ...generated, node, root: operation === 'subscription' ? random.pick(items) : undefined };
  });
}

const contextValue = () => contextOf(services.node, viewer);

function interpret({ document, variables, root }: Case, by = schema): Promise<ExecutionResult> {
  return Promise.resolve(
    execute({
      schema: by,
      document,
      variableValues: variables,
      rootValue: root,
      contextValue: contextValue(),
    }),
  );
}

const planOf = ({ document, node }: { document: DocumentNode; node: OperationDefinitionNode }) =>
  new Plan(schema, document, node);

async function runPlan(plan: Plan, { variables, root }: Case): Promise<ExecutionResult> {
  return plan.run(root, contextValue(), variables);
}

/** All that a client sees, as text: so the order of keys counts. */
const shown = (result: ExecutionResult) => JSON.stringify(result, null, 1);

/** The place of the null that an error caused. */
function nullOf(data: unknown, path: readonly (string | number)[]): string {
  let value = data;
  for (const [depth, key] of path.entries()) {
    if (value === null || value === undefined) return path.slice(0, depth).join('.');
    value = (value as Record<string | number, unknown>)[key];
  }
  return path.join('.');
}

/**
 * The data, and the nulls that errors caused. If several fields fail below one null, the specification does not say
 * which error is reported; the order of their promises decides, and plans take fewer turns than graphql-js.
 */
const nullsOf = ({ data, errors = [] }: ExecutionResult) =>
  JSON.stringify({ data, nulls: [...new Set(errors.map(({ path = [] }) => nullOf(data, path)))].sort() });

const sorted = ({ errors, ...rest }: ExecutionResult) =>
  shown({
    ...rest,
    ...(errors && { errors: errors.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) }),
  });

/**
 * The same schema, but every field may be null: an error ends only its own field, so a result shows all errors.
 * `lexicographicSortSchema` is the function of graphql-js that copies a schema with its resolvers.
 */
function withoutNonNull(original: GraphQLSchema): GraphQLSchema {
  const copy = lexicographicSortSchema(original);
  for (const type of Object.values(copy.getTypeMap())) {
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    for (const field of Object.values(type.getFields())) field.type = nullable(field.type);
  }
  return copy;
}

function nullable(type: GraphQLOutputType): GraphQLOutputType {
  const named = getNullableType(type);
  return isListType(named) ? new GraphQLList(nullable(named.ofType)) : named;
}

const textsOf = (errors: readonly GraphQLError[] = []) => errors.map((error) => JSON.stringify(error));

/**
 * Fails unless a plan answered as graphql-js did. Several fields may fail below one null: which of their errors arrive before
 * the result is complete is a matter of time. Then the nulls are the same, and each error is one that the document causes.
 */
async function expectSame(each: Case, actual: ExecutionResult, expected: ExecutionResult): Promise<void> {
  if (sorted(actual) === sorted(expected)) return;
  expect(nullsOf(actual), each.text).toBe(nullsOf(expected));
  const { errors } = await interpret(each, tolerant);
  const found = textsOf(actual.errors);
  expect(found.length, each.text).toBeGreaterThan(0);
  expect(textsOf(errors), each.text).toEqual(expect.arrayContaining(found));
}

/** The faults of a case: the same at the same path, for both executors. */
function faultsOf(seed: number) {
  return (where: string) => {
    let hash = seed;
    for (let i = 0; i < where.length; i++) hash = Math.imul(hash ^ where.charCodeAt(i), 0x01000193);
    return new Random(hash).next();
  };
}

/** Unhandled rejections, which end a node. graphql-js leaves some, in lists; a plan leaves none. */
const unhandled: unknown[] = [];
const vitestsOwn = process.listeners('unhandledRejection');
beforeAll(() => {
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', (reason) => unhandled.push(reason));
});
afterAll(() => {
  process.removeAllListeners('unhandledRejection');
  for (const listener of vitestsOwn) process.on('unhandledRejection', listener);
});

/** The root fields that were resolved, in order. */
const rootCalls = () => tape.calls.filter((path) => !path.includes('/'));

/** Mutations run one after another. Of other operations, which fields are begun before one fails is left open. */
const isSerial = ({ text }: Case) => text.startsWith('mutation');

async function compareReplays(each: Case, plan: Plan, seed: number): Promise<void> {
  for (const fault of [() => 1, faultsOf(seed), faultsOf(seed + 1)]) {
    tape.replay(fault);
    const expected = nullsOf(await interpret(each));
    await immediate();
    const expectedCalls = rootCalls();
    unhandled.length = 0;
    for (let i = 0; i < 2; i++) {
      tape.replay(fault);
      expect(nullsOf(await runPlan(plan, each)), each.text).toBe(expected);
      await immediate();
      if (isSerial(each)) expect(rootCalls(), each.text).toEqual(expectedCalls);
    }
    expect(unhandled, each.text).toEqual([]);
  }
}

describe('generated documents', () => {
  test.for([
    ['query', QUERIES, SEED],
    ['subscription', EVENTS, SEED + 1],
  ] as const)(
    '%s: the same from live resolvers, and with faults',
    { timeout: 1_200_000 },
    async ([operation, count, seed]) => {
      let withErrors = 0;
      for (const [index, each] of casesOf(operation, count, seed).entries()) {
        const plan = planOf(each);
        tape.record();
        const expected = await interpret(each);
        tape.live();
        // The inbox promises an order within each room, not between them, and previews of invites are limited by time;
        // replays compare such documents.
        const actual = await runPlan(plan, each);
        if (!/inboxEvents|invite\(/.test(each.text)) await expectSame(each, actual, expected);
        if (expected.errors) withErrors++;
        await compareReplays(each, plan, seed * count + index);
      }
      // The generated documents contain both successes and errors.
      expect(withErrors).toBeGreaterThan(count * 0.05);
      expect(withErrors).toBeLessThan(count * 0.9);
    },
  );

  test('mutations: the same, in the same order', { timeout: 600_000 }, async () => {
    for (const [index, each] of casesOf('mutation', MUTATIONS, SEED + 2).entries()) {
      tape.record();
      await interpret(each);
      await compareReplays(each, planOf(each), index);
    }
  });
});
