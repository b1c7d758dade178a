/** Executors beside each other: the schema of a node, its resolvers and database, without a transport. As it is built. */
import { createRequire } from 'node:module';
import type * as GraphQL from 'graphql';
import type {
  ArgumentNode,
  DocumentNode,
  ExecutionResult,
  GraphQLSchema,
  OperationDefinitionNode,
} from 'graphql';
import type { Context } from '../../src/context.ts';
import type { RoomItem } from '../../src/eventlog/streams/items.ts';

// Loaded first, and for the compiler too: to a second graphql the types of the schema would be unknown.
const [ours, require] = [
  createRequire(new URL('../../dist/', import.meta.url)),
  createRequire(import.meta.url),
];
const graphql = ours('graphql') as typeof GraphQL;
for (const inside of ['', '/error/index.js', '/utilities/index.js', '/execution/execute.js'])
  require.cache[require.resolve(`graphql${inside}`)] = { exports: ours(`graphql${inside}`) } as never;
const { compileQuery } = require('graphql-jit') as { compileQuery: Compile };

const built = async <Module>(file: string) => (await import(`../../dist/${file}`)) as Module;
const { openNode } = await built<typeof import('../../src/app.ts')>('app.js');
const { loadSettings } = await built<typeof import('../../src/config.ts')>('config.js');
const { Scope } = await built<typeof import('../../src/context.ts')>('context.js');
const { SharedContext } = await built<typeof import('../../src/delivery/shared-context.ts')>(
  'delivery/shared-context.js',
);
const { listEvents } = await built<typeof import('../../src/sync/pages.ts')>('sync/pages.js');
const { Plan } =
  await built<typeof import('../../src/graphql/execution/plan.ts')>('graphql/execution/plan.js');
const { createLog, createMetrics } =
  await built<typeof import('../../src/platform/telemetry.ts')>('platform/telemetry.js');
const { schema } = await built<typeof import('../../src/schema.ts')>('schema.js');
const { settings, serve } = (await import('./serve.mjs' as string)) as {
  settings: Record<'database' | 'user' | 'room', string>;
  serve: (port: number, commands: Record<string, (argument: never) => unknown>) => void;
};

type Variables = Record<string, unknown>;
type Execute = (
  root: unknown,
  context: object,
  variables: Variables,
) => ExecutionResult | Promise<ExecutionResult>;
type Compile = (
  schema: GraphQLSchema,
  document: DocumentNode,
  name: string,
  options: object,
) => { query?: Execute; errors?: readonly Error[] };

interface Asked {
  readonly kind: 'event' | 'page';
  readonly query: string;
  readonly executor: string;
  readonly count: number;
}

const metrics = createMetrics();
const node = openNode(
  settings.database,
  loadSettings({ DATABASE_URL: settings.database, JWT_SECRET: 'only for benches: '.padEnd(40, 'x') }),
  createLog('warn', 'bench'),
  metrics,
  [],
);
const viewer = { userId: Number(settings.user), sessionId: 1, expiresAt: Date.now() + 86_400_000 };
const variables = { id: settings.room };

const viewerContext = (): Context => ({
  node,
  viewer,
  connection: { viewer, isSocket: true } as never,
  ip: '127.0.0.1',
  correlationId: 'bench',
  scope: new Scope(),
  asksForPosition: false,
  asksForUnread: false,
  position: null,
});

/** As `delivery` executes an event, for many. */
const sharedContext = ({ event }: RoomItem) => new SharedContext(node, new Scope(), event.people);

const roomId = Number(settings.room.split('_')[1]);
const { edges } = await listEvents(viewerContext() as never, roomId, { first: 100 } as never);
const stored = edges
  .map(({ node: each }) => each)
  .findLast(({ kind }) => kind === 'MessageCreated') as RoomItem;
// A live event names its people; only what it quotes is read.
const people = [{ id: viewer.userId, username: 'person', displayName: 'Person 0', deletedAt: null }];
const item: RoomItem = { ...stored, event: { ...stored.event, people } };

/** Every literal argument becomes a variable: no text of the document is left for a compiler. */
function hoisted(document: DocumentNode): { document: DocumentNode; values: Variables } {
  const values: Variables = {};
  const definitions: string[] = [];
  const types = new graphql.TypeInfo(schema);
  const bare = graphql.visit(
    document,
    graphql.visitWithTypeInfo(types, {
      Argument: ({ value, name, kind }) => {
        if (value.kind === graphql.Kind.VARIABLE) return undefined;
        const hoist = `hoisted${definitions.length}`;
        definitions.push(`$${hoist}: ${String(types.getInputType())}`);
        values[hoist] = graphql.valueFromASTUntyped(value);
        const variable = { kind: graphql.Kind.VARIABLE, name: { kind: graphql.Kind.NAME, value: hoist } };
        return { kind, name, value: variable } as ArgumentNode;
      },
    }),
  );
  if (definitions.length === 0) return { document, values };
  const text = graphql
    .print(bare)
    .replace(/^(query|subscription)([^(]*)\(/, `$1$2(${definitions.join(', ')}, `);
  return { document: graphql.parse(text), values };
}

function compiled(document: DocumentNode): Execute {
  const name = (document.definitions[0] as OperationDefinitionNode).name?.value ?? '';
  const { query, errors } = compileQuery(schema, document, name, { disableLeafSerialization: false });
  if (!query) throw errors?.[0] ?? new Error('nothing was compiled');
  return query;
}

function executorOf({ executor, query }: Asked): Execute {
  const document = graphql.parse(query);
  const operation = document.definitions[0] as OperationDefinitionNode;
  if (executor === 'plan') {
    const plan = new Plan(schema, document, operation, { variables });
    return (root, context, given) => plan.run(root, context, given);
  }
  if (executor === 'graphql-jit') return compiled(document);
  if (executor === 'graphql-js')
    return (rootValue, contextValue, variableValues) =>
      graphql.execute({ schema, document, rootValue, contextValue, variableValues });
  const { document: bare, values } = hoisted(document);
  const execute = compiled(bare);
  return (root, context, given) => execute(root, context, { ...given, ...values });
}

const known = new Map<string, Execute>();
let length = 0;

async function run(asked: Asked): Promise<number> {
  const key = asked.executor + asked.query;
  const execute = known.get(key) ?? executorOf(asked);
  known.set(key, execute);
  for (let i = 0; i < asked.count; i++) {
    const isEvent = asked.kind === 'event';
    const result = execute(
      isEvent ? item : undefined,
      isEvent ? sharedContext(item) : viewerContext(),
      variables,
    );
    const { errors, data } = result instanceof Promise ? await result : result;
    if (errors || !data) throw errors?.[0]?.originalError ?? errors?.[0] ?? new Error('no data');
    length = JSON.stringify({ data }).length;
  }
  return length;
}

serve(0, { run });
