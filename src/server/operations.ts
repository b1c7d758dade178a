import {
  type DocumentNode,
  type ExecutionResult,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
  parse,
  Source,
  validate,
} from 'graphql';
import type { Settings } from '../config.ts';
import { type Connection, type Context, Scope, type Services } from '../context.ts';
import type { Subscribed } from '../delivery/delivery.ts';
import { Plan } from '../delivery/plan.ts';
import { Selections } from '../delivery/selections.ts';
import { readPositionOf } from '../eventlog/inbox-opening.ts';
import { refuse } from '../platform/errors.ts';
import { newCorrelationId } from '../platform/ids.ts';
import { Lru } from '../platform/lru.ts';
import type { Charges } from './charges.ts';
import { mask, maskResult, requestErrorsOf, withCode } from './masking.ts';
import { type Measured, measure, tooLarge, type Variables } from './operation-limits.ts';
import { openSubscription } from './subscribe.ts';

/** An operation as it came in, by whatever door. */
export interface OperationRequest {
  readonly query: string;
  readonly variables?: Variables;
  readonly operationName?: string | null | undefined;
}

/** An operation that may be run. */
export interface Operation {
  readonly document: DocumentNode;
  readonly node: OperationDefinitionNode;
  readonly name: string | undefined;
  readonly variables: Variables;
  readonly asksForPosition: boolean;
  readonly cost: number;
  readonly plan: Plan;
}

export type Door = 'http' | 'sse' | 'ws';
export type Answer = ExecutionResult | Subscribed;

/** What is known of a document without its variables. */
interface Checked {
  readonly document: DocumentNode;
  readonly errors: readonly GraphQLError[];
  readonly measured: ReadonlyMap<OperationDefinitionNode, Measured>;
  readonly plans: Map<OperationDefinitionNode, Plan>;
}

type Needed = Pick<
  Settings,
  | 'MAX_DEPTH'
  | 'MAX_ALIASES'
  | 'MAX_ROOT_FIELDS'
  | 'MAX_COST'
  | 'MAX_TOKENS'
  | 'INTROSPECTION'
  | 'isProduction'
>;

interface Asked {
  readonly node: Services;
  readonly operation: Operation;
  readonly connection: Connection;
  readonly ip: string;
  readonly correlationId: string;
}

/** What the resolvers of one operation get, by whatever door it came. */
export function createContext({ node, operation, connection, ip, correlationId }: Asked): Context {
  const { asksForPosition } = operation;
  return {
    node,
    viewer: connection.viewer,
    connection,
    ip,
    correlationId,
    scope: new Scope(),
    asksForPosition,
    position: null,
  };
}

const CACHED_DOCUMENTS = 1_000;
// A parsed document takes some twenty times its text.
const CACHED_CHARACTERS = 2_000_000;
const MAX_VALIDATION_ERRORS = 10;

/** What every door does with an operation: parse, measure, validate, run. One set of limits for all of them. */
export class Operations {
  readonly schema: GraphQLSchema;
  private readonly settings: Needed;
  private readonly selections: Selections;
  private readonly charges: Charges;
  private readonly documents = new Lru<Checked>(CACHED_DOCUMENTS, CACHED_CHARACTERS);

  constructor(schema: GraphQLSchema, node: Services, charges: Charges) {
    this.schema = schema;
    this.settings = node.settings;
    this.charges = charges;
    this.selections = new Selections({
      schema,
      services: node,
      mask: (result, { name }) =>
        maskResult(node, result, {
          correlationId: newCorrelationId(),
          operation: `subscription ${name?.value ?? ''}`,
        }),
    });
  }

  /** Whether preparing the document takes a look into the cache and no more. */
  knows(query: string): boolean {
    return this.documents.get(query) !== undefined;
  }

  /** The operation, or why it is refused. No resolver has run. */
  prepare({ query, variables, operationName }: OperationRequest): Operation | readonly GraphQLError[] {
    const checked = this.check(query);
    if (checked.errors.length > 0) return checked.errors;
    const node = getOperationAST(checked.document, operationName);
    if (!node) return [unknownOperation(operationName)];
    const measured = this.measured(checked, node, variables);
    if (measured.errors.length > 0) return measured.errors;
    return {
      document: checked.document,
      node,
      name: node.name?.value,
      variables,
      asksForPosition: measured.asksForPosition,
      cost: measured.cost,
      plan: this.planOf(checked, node),
    };
  }

  /** Runs it. Never rejects: what fails is in the answer, masked. */
  async run(operation: Operation, ctx: Context, door: Door): Promise<Answer> {
    const started = performance.now();
    const answer = await this.answer(operation, ctx).catch(
      (error: unknown): ExecutionResult => ({ errors: [mask(ctx.node, error, whereOf(operation, ctx))] }),
    );
    report(ctx, operation, answer, door, performance.now() - started);
    return answer;
  }

  /** Nobody may keep the database, or a core, to themselves: whatever door, socket or document they use for it. */
  private spend({ cost, node }: Operation, { viewer, ip }: Context): void {
    const lane = node.operation === 'mutation' ? 'signIn' : 'documents';
    const retryAfterMs = this.charges.pay(this.charges.payerOf(viewer, ip), Math.max(1, cost), lane);
    if (retryAfterMs > 0) throw refuse('RATE_LIMITED', undefined, { retryAfterMs });
  }

  private async answer(operation: Operation, ctx: Context): Promise<Answer> {
    this.spend(operation, ctx);
    if (operation.node.operation === 'subscription') {
      const args = {
        schema: this.schema,
        document: operation.document,
        operationName: operation.name,
        variableValues: operation.variables,
        contextValue: ctx,
        hideSuggestions: this.settings.isProduction,
      };
      const opened = await openSubscription(args, this.selections, operation, ctx);
      return isStream(opened) ? opened : maskResult(ctx.node, opened, whereOf(operation, ctx));
    }
    if (operation.asksForPosition && ctx.viewer && operation.node.operation === 'query') {
      // Before anything else is read: the data is never older than its position.
      ctx.position = await readPositionOf(ctx.node.db.read, ctx.viewer.userId);
    }
    if (operation.node.operation === 'mutation' && (await ctx.connection.isAbandoned()))
      throw refuse('UNAVAILABLE', 'The client gave up before this was done.');
    const result = await operation.plan.run(undefined, ctx, operation.variables);
    ctx.scope.end();
    return maskResult(ctx.node, requestErrorsOf(result), whereOf(operation, ctx));
  }

  private check(query: string): Checked {
    const known = this.documents.get(query);
    if (known) return known;
    const checked = this.checkAfresh(query);
    // What is refused is cheap to refuse again, and would push out what is used.
    if (checked.errors.length === 0) this.documents.set(query, checked, query.length);
    return checked;
  }

  private checkAfresh(query: string): Checked {
    try {
      return this.checkDocument(query);
    } catch (error) {
      // The stack was too short for it; the number of tokens does not bound that.
      if (!(error instanceof RangeError)) throw error;
      return refused(EMPTY, [tooLarge('it is nested too deeply')]);
    }
  }

  private checkDocument(query: string): Checked {
    let document: DocumentNode;
    try {
      document = parse(new Source(query, 'document'), { maxTokens: this.settings.MAX_TOKENS });
    } catch (error) {
      return refused(EMPTY, [unparsed(error, this.settings.MAX_TOKENS)]);
    }
    // Measured first: validating is what hostile documents are expensive in.
    const operations = document.definitions.filter((each) => each.kind === Kind.OPERATION_DEFINITION);
    if (operations.length === 0) return refused(document, [unknownOperation(null)]);
    const measured = new Map(
      operations.map((node) => [node, measure(this.schema, this.settings, document, node, null)]),
    );
    const tooLarge = [...measured.values()].flatMap(({ errors }) => errors).filter(isTooLarge);
    if (tooLarge.length > 0) return refused(document, tooLarge);
    const { isProduction: hideSuggestions } = this.settings;
    const errors = validate(this.schema, document, undefined, {
      maxErrors: MAX_VALIDATION_ERRORS,
      hideSuggestions,
    });
    return {
      document,
      errors: errors.map((error) => withCode(error, 'GRAPHQL_VALIDATION_FAILED')),
      measured,
      plans: new Map(),
    };
  }

  private planOf({ document, plans }: Checked, node: OperationDefinitionNode): Plan {
    const plan =
      plans.get(node) ??
      new Plan(this.schema, document, node, { hideSuggestions: this.settings.isProduction });
    plans.set(node, plan);
    return plan;
  }

  private measured(
    { document, measured }: Checked,
    node: OperationDefinitionNode,
    variables: Variables,
  ): Measured {
    const known = measured.get(node);
    if (known && !known.dependsOnVariables) return known;
    return measure(this.schema, this.settings, document, node, variables);
  }
}

const EMPTY: DocumentNode = { kind: Kind.DOCUMENT, definitions: [] };

function refused(document: DocumentNode, errors: readonly GraphQLError[]): Checked {
  return { document, errors, measured: new Map(), plans: new Map() };
}

function isTooLarge(error: GraphQLError): boolean {
  return error.extensions['code'] === 'OPERATION_TOO_LARGE';
}

function unparsed(error: unknown, maxTokens: number): GraphQLError {
  if (!(error instanceof GraphQLError)) throw error;
  if (!/tokens\. Parsing aborted/.test(error.message)) return withCode(error, 'GRAPHQL_PARSE_FAILED');
  return tooLarge(`it has more than ${maxTokens} tokens`);
}

function unknownOperation(name: string | null | undefined): GraphQLError {
  const message = name
    ? `The document has no operation named "${name}".`
    : 'Say which operation to run: the document has none or several, so operationName is needed.';
  return new GraphQLError(message, { extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } });
}

export function isStream(answer: Answer): answer is Subscribed {
  return 'stream' in answer;
}

function whereOf({ node, name }: Operation, ctx: Context) {
  return {
    correlationId: ctx.correlationId,
    operation: `${node.operation} ${name?.slice(0, 100) ?? ''}`.trim(),
  };
}

function outcomeOf(answer: Answer): string {
  if (isStream(answer) || !answer.errors) return 'ok';
  return answer.data ? 'partial' : 'failed';
}

function report(
  { node, correlationId }: Context,
  operation: Operation,
  answer: Answer,
  door: Door,
  ms: number,
): void {
  const outcome = outcomeOf(answer);
  const type = operation.node.operation;
  node.metrics.operations.observe({ type, transport: door, outcome }, ms / 1000);
  node.log.debug(
    { correlationId, type, operation: operation.name?.slice(0, 100), door, outcome, ms: Math.round(ms) },
    'operation',
  );
}
