import {
  brandWithType,
  type FieldRef,
  type InputFieldMap,
  type InputShapeFromFields,
  type ObjectRef,
} from '@pothos/core';
import { GraphQLError, type GraphQLResolveInfo } from 'graphql';
import { builder } from './builder.ts';
import { type Context, Scope } from './context.ts';
import { readPositionOf } from './eventlog/inbox-opening.ts';
import { databaseFailure } from './platform/database-failure.ts';
import {
  asRefusal,
  ConflictError,
  IdempotencyConflictError,
  InvalidCredentialsError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitedError,
  Refusal,
  type RefusalCode,
  refusalClasses,
  refusals,
  UnavailableError,
  ValidationError,
} from './platform/errors.ts';
import { decodeId, encodeId, type NodeType } from './platform/ids.ts';
import type { Connection } from './platform/paging.ts';
import { formatTime } from './platform/times.ts';

builder.queryType({ description: 'Everything that can be read.' });
builder.mutationType({
  description:
    'Everything that can be changed. Each mutation returns a union: its success, or a refusal as data. ' +
    'Mutations without an idempotency key describe a goal state: asking for what already is so succeeds.',
});
builder.subscriptionType({
  description: 'Streams: the backlog after a cursor, then everything new, in order and once.',
});

// -- scalars -----------------------------------------------------------------------------------

const RFC_3339 = /^(\d{4}-\d\d-\d\d)T([01]\d|2[0-3]):\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;

function parseDate(value: unknown): Date {
  const day = typeof value === 'string' ? RFC_3339.exec(value)?.[1] : undefined;
  const date = new Date(day === undefined ? Number.NaN : (value as string));
  if (day === undefined || !isDay(day) || !isStorable(date))
    throw new GraphQLError('DateTime must be an RFC 3339 time such as 2026-01-31T12:00:00.000Z.');
  return date;
}

/** JavaScript takes the 30th of February for the 2nd of March. */
function isDay(text: string): boolean {
  const midnight = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(text);
}

/** The offset may have moved it out of the years that everybody can write down. */
function isStorable(date: Date): boolean {
  const year = date.getUTCFullYear();
  return year >= 1 && year <= 9999;
}

builder.scalarType('DateTime', {
  description: 'A time as RFC 3339, in UTC with milliseconds.',
  serialize: (value) => formatTime(value instanceof Date ? value : new Date(value)),
  parseValue: parseDate,
});

function parseCursor(value: unknown): string {
  if (typeof value !== 'string' || value.length > 4096)
    throw new GraphQLError('Cursor must be a string that a stream gave out.');
  return value;
}

builder.scalarType('Cursor', {
  description:
    'A position in a stream. Opaque: compare for equality only. Belongs to the stream it came from.',
  serialize: (value) => value,
  parseValue: parseCursor,
});

// -- refusals ----------------------------------------------------------------------------------

const ErrorCode = builder.enumType('ErrorCode', {
  description: 'What kind of refusal, for programs. Stable.',
  values: Object.fromEntries(
    Object.entries(refusals).map(([code, { says }]) => [code, { value: code, description: says }]),
  ) as Record<RefusalCode, { value: RefusalCode; description: string }>,
});

const UserError = builder.interfaceRef<Refusal>('UserError').implement({
  description:
    'An expected refusal, as data. `detail` is for people and localised; `code` is for programs and stable.',
  fields: (t) => ({
    code: t.field({
      type: ErrorCode,
      description: 'What kind of refusal.',
      resolve: (refusal) => refusal.code,
    }),
    detail: t.exposeString('detail', { description: 'What is wrong, for people.' }),
    path: t.stringList({
      nullable: true,
      description: 'Where in the arguments, e.g. `["input", "text"]`.',
      resolve: (refusal) => (refusal.where ? [...refusal.where] : null),
    }),
  }),
});

const plain = {
  ValidationError,
  PermissionDeniedError,
  NotFoundError,
  IdempotencyConflictError,
  InvalidCredentialsError,
};
for (const [name, type] of Object.entries(plain)) {
  const code = Object.keys(refusals).find(
    (key) => refusalClasses[key as RefusalCode] === type,
  ) as RefusalCode;
  builder.objectType(type, { name, interfaces: [UserError], description: refusals[code].says });
}
builder.objectType(ConflictError, {
  name: 'ConflictError',
  interfaces: [UserError],
  description: 'The state does not allow it: archived room, last owner, name taken, version passed by.',
});
for (const [name, type] of Object.entries({ RateLimitedError, UnavailableError })) {
  const code = type === RateLimitedError ? 'RATE_LIMITED' : 'UNAVAILABLE';
  builder.objectType(type as typeof RateLimitedError, {
    name,
    interfaces: [UserError],
    description: refusals[code].says,
    fields: (t) => ({
      retryAfterMs: t.int({
        description: 'Milliseconds to wait before trying again.',
        resolve: (refusal) => refusal.retryAfterMs ?? 1000,
      }),
    }),
  });
}

// -- mutations ---------------------------------------------------------------------------------

const capitalised = (name: string) => name.charAt(0).toUpperCase() + name.slice(1);

type Types = (typeof builder)['$inferSchemaTypes'];

interface MutationOptions<Fields extends InputFieldMap, Success extends object> {
  readonly description: string;
  /** The fields of its one input object. Without them the mutation takes no argument. */
  readonly input?: (t: PothosSchemaTypes.InputFieldBuilder<Types, 'InputObject'>) => Fields;
  /** The success type; named `<Mutation>Success`. */
  readonly success: ObjectRef<Types, Success>;
  readonly refusals: readonly RefusalCode[];
  readonly resolve: (
    ctx: Context,
    input: InputShapeFromFields<Fields>,
    info: GraphQLResolveInfo,
  ) => Promise<Success>;
}

/** One mutation as all of them are: one input object, one result union, a nullable root so that one failure stays one. */
export function mutation<Fields extends InputFieldMap, Success extends object>(
  name: string,
  options: MutationOptions<Fields, Success>,
) {
  const Name = capitalised(name);
  const Input = options.input
    ? builder.inputType(`${Name}Input`, { description: `What ${name} needs.`, fields: options.input })
    : null;
  builder.mutationField(
    name,
    (t) =>
      t.field({
        type: options.success,
        nullable: true,
        description: options.description,
        args: Input
          ? { input: t.arg({ type: Input, required: true, description: `What ${name} needs.` }) }
          : {},
        errors: {
          types: options.refusals.map((code) => refusalClasses[code]) as never,
          directResult: true,
          union: { name: `${Name}Result`, description: `What became of ${name}.` },
        },
        resolve: (async (
          _root: unknown,
          args: { input?: unknown },
          ctx: Context,
          info: GraphQLResolveInfo,
        ) => {
          ctx.scope = new Scope();
          ctx.viewer = ctx.connection.viewer; // who signed in by the mutation before was the viewer of its answer alone
          return told(ctx, async () => {
            const success = await options.resolve(
              ctx,
              (args.input ?? {}) as InputShapeFromFields<Fields>,
              info,
            );
            if (ctx.asksForPosition) await takePosition(ctx, success);
            return success;
          });
        }) as never,
      } as never) as FieldRef<Types>,
  );
}

/** Where the viewer stands after the change, or who has just become the viewer by it. */
async function takePosition(ctx: Context, success: { viewer?: { userId: number } }): Promise<void> {
  const userId = ctx.viewer?.userId ?? success.viewer?.userId;
  if (userId !== undefined) ctx.position = await readPositionOf(ctx.node.db.read, userId);
}

/** Runs a rule: a failing database becomes a refusal that may be repeated, and refusals are counted. */
export async function told<Result>(ctx: Context, rule: () => Promise<Result>): Promise<Result> {
  try {
    return await rule();
  } catch (error) {
    const refusal = asRefusal(error);
    if (refusal !== error) logDatabaseFailure(ctx, error as Error);
    if (refusal instanceof Refusal) ctx.node.metrics.refusals.inc({ code: refusal.code });
    throw refusal;
  }
}

function logDatabaseFailure({ node, correlationId }: Context, error: Error): void {
  const failure = databaseFailure(error);
  const level = failure === 'damaged' ? 'error' : 'warn';
  node.log[level]({ err: error.message, failure, correlationId }, 'the database could not do it');
}

// -- nodes -------------------------------------------------------------------------------------

export const Node = builder.interfaceRef<object>('Node').implement({
  description: 'Anything with a global id.',
  fields: (t) => ({
    id: t.field({
      type: 'ID',
      description: 'Opaque, typed, unique over all types, stable for ever.',
      resolve: () => '',
    }),
  }),
});

type FindNode = (ctx: Context, keys: readonly [number, number?]) => Promise<object | null>;
const finders = new Map<NodeType, FindNode>();

/** Says how a node of that type is found by its id. What the viewer may not see is null, as if it did not exist. */
export function findableNode(type: NodeType, find: FindNode): void {
  finders.set(type, find);
}

/** The node, or null where there is none that the viewer may see. */
async function findNode(ctx: Context, id: string): Promise<object | null> {
  const decoded = decodeId(id);
  const row =
    decoded && (await told(ctx, async () => finders.get(decoded.type)?.(ctx, decoded.keys) ?? null));
  if (row) brandWithType(row, decoded.type as never);
  return row;
}

export const globalId = encodeId;

builder.queryFields((t) => ({
  node: t.field({
    type: Node,
    nullable: true,
    description:
      'Anything by its global id; null where there is no such thing, or the viewer may not see it.',
    args: { id: t.arg.id({ required: true, description: 'A global id.' }) },
    resolve: (_root, { id }, ctx) => findNode(ctx, id),
  }),
  nodes: t.field({
    type: [Node],
    nullable: { list: false, items: true },
    description: 'Several things by their global ids, in the order asked; at most 100.',
    args: { ids: t.arg.idList({ required: true, description: 'Global ids.' }) },
    resolve: (_root, { ids }, ctx) => {
      if (ids.length > 100)
        throw new ValidationError('VALIDATION', 'At most 100 ids at once.', { path: ['ids'] });
      return Promise.all(ids.map((id) => findNode(ctx, id)));
    },
  }),
}));

// -- connections -------------------------------------------------------------------------------

const PageInfo = builder.objectRef<Connection<unknown>['pageInfo']>('PageInfo').implement({
  description: 'Where a page lies in its list.',
  fields: (t) => ({
    hasNextPage: t.exposeBoolean('hasNextPage', { description: 'Whether something follows the page.' }),
    hasPreviousPage: t.exposeBoolean('hasPreviousPage', {
      description: 'Whether something comes before the page.',
    }),
    startCursor: t.exposeString('startCursor', {
      nullable: true,
      description: 'The cursor of the first edge.',
    }),
    endCursor: t.exposeString('endCursor', { nullable: true, description: 'The cursor of the last edge.' }),
  }),
});

type Edge<Row> = Connection<Row>['edges'][number];

/**
 * A connection type and its edge type, `<prefix>Connection` and `<prefix>Edge`.
 * `type` is whatever the builder takes as the type of a node.
 */
export function connectionType<Row>(prefix: string, type: unknown, what: string) {
  const EdgeType = builder.objectRef<Edge<Row>>(`${prefix}Edge`).implement({
    description: `One of ${what}, and its place in the list.`,
    fields: (t) => ({
      cursor: t.exposeString('cursor', { description: 'The place in the list.' }),
      node: t.field({
        type: type as never,
        description: 'The thing itself.',
        resolve: (edge) => edge.node as never,
      }),
    }),
  });
  const ConnectionType = builder.objectRef<Connection<Row>>(`${prefix}Connection`).implement({
    description: `A page of ${what}.`,
    fields: (t) => ({
      edges: t.field({
        type: [EdgeType],
        description: 'The page, with cursors.',
        resolve: (page) => page.edges as Edge<Row>[],
      }),
      nodes: t.field({
        type: [type] as never,
        description: 'The page, without cursors.',
        resolve: (page) => page.edges.map((edge) => edge.node) as never,
      }),
      pageInfo: t.field({
        type: PageInfo,
        description: 'Where the page lies in the list.',
        resolve: (page) => page.pageInfo,
      }),
    }),
  });
  return { EdgeType, ConnectionType };
}

/** `first` and `after`. */
export function forwardArgs() {
  return {
    first: builder.args((t) => ({
      a: t.int({ description: 'How many, from the start or from `after` on; 1 to 100.' }),
    })).a,
    after: builder.args((t) => ({ a: t.string({ description: 'Only what follows this cursor.' }) })).a,
  };
}

/** `first`, `after`, `last` and `before`. */
export function pageArgs() {
  return {
    ...forwardArgs(),
    last: builder.args((t) => ({
      a: t.int({ description: 'How many, from the end or from `before` back; 1 to 100.' }),
    })).a,
    before: builder.args((t) => ({ a: t.string({ description: 'Only what comes before this cursor.' }) })).a,
  };
}

/** The values of an enum type, by what each of them means. */
export function enumValues<Name extends string>(descriptions: Readonly<Record<Name, string>>) {
  return Object.fromEntries(
    Object.entries(descriptions).map(([value, description]) => [value, { value, description }]),
  ) as Record<Name, { value: Name; description: string }>;
}
