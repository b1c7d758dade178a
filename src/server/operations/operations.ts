import {
  type DocumentNode,
  type ExecutionResult,
  type GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  type OperationDefinitionNode,
} from 'graphql';
import type { Settings } from '../../config.ts';
import { type Connection, type Context, Scope, type Services } from '../../context.ts';
import type { Subscribed } from '../../delivery/delivery.ts';
import { SharedOperations } from '../../delivery/shared-operations.ts';
import { readPositionOf } from '../../eventlog/streams/inbox-position.ts';
import { Plan } from '../../graphql/execution/plan.ts';
import { ResponseSize } from '../../graphql/execution/response-size.ts';
import { newCorrelationId } from '../../platform/correlation-id.ts';
import { refuse } from '../../platform/errors.ts';
import { memo } from '../../platform/memo.ts';
import { type Charges, type Payer, priceOfBytes } from './charges.ts';
import { AcceptedDocument, Documents, unknownOperation } from './documents.ts';
import { mask, maskResult, requestErrorsOf } from './masking.ts';
import type { Variables } from './operation-limits.ts';
import { openSubscription } from './subscribe.ts';
import { refusedVariables } from './variables.ts';

/** A received operation, over any transport. */
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
  readonly asksForUnread: boolean;
  readonly cost: number;
  readonly plan: Plan;
}

/**
 * Maximum for the response to a query or mutation: a page of the longest texts, with their `plainText`, has 2,000,000.
 */
export const MAX_RESPONSE_CHARACTERS = 2_500_000;

/** Maximum for one response. If more fields fail, it has these errors and no data. */
export const MAX_RESPONSE_ERRORS = 100;

export type Transport = 'http' | 'sse' | 'ws';
export type Answer = ExecutionResult | Subscribed;

type Needed = Pick<Settings, 'isProduction'>;

interface Asked {
  readonly node: Services;
  readonly operation: Operation;
  readonly connection: Connection;
  readonly ip: string;
  readonly correlationId: string;
}

/** Creates the context of the resolvers of one operation, for any transport. */
export function createContext({ node, operation, connection, ip, correlationId }: Asked): Context {
  const { asksForPosition, asksForUnread } = operation;
  return {
    node,
    viewer: connection.viewer,
    connection,
    ip,
    correlationId,
    scope: new Scope(),
    asksForPosition,
    asksForUnread,
    position: null,
  };
}

/** The steps of an operation on every transport: parse, measure, validate, run. All transports have the same limits. */
export class Operations {
  readonly schema: GraphQLSchema;
  private readonly settings: Needed;
  private readonly sharedOperations: SharedOperations;
  private readonly charges: Charges;
  private readonly documents: Documents;

  constructor(schema: GraphQLSchema, node: Services, charges: Charges) {
    this.schema = schema;
    this.settings = node.settings;
    this.charges = charges;
    this.documents = new Documents(schema, node.settings, node.metrics);
    this.sharedOperations = new SharedOperations({
      schema,
      services: node,
      mask: (result, { name }) =>
        maskResult(node, result, {
          correlationId: newCorrelationId(),
          operation: `subscription ${name?.value ?? ''}`,
        }),
    });
  }

  /** Whether the document is already in the cache, so that preparing it is cheap. */
  knows(query: string): boolean {
    return this.documents.accepts(query);
  }

  /** Returns the operation, or throws its refusal. It runs no resolver. */
  prepare({ query, variables, operationName }: OperationRequest): Operation | readonly GraphQLError[] {
    const document = this.documents.check(query);
    if (!(document instanceof AcceptedDocument)) return document;
    const node = getOperationAST(document.node, operationName);
    if (!node) return [unknownOperation(operationName)];
    const refused = refusedVariables(this.schema, node, variables, this.settings.isProduction);
    if (refused) return refused;
    const measured = document.measuredWith(node, variables);
    if (measured.errors.length > 0) return measured.errors;
    return {
      document: document.node,
      node,
      name: node.name?.value,
      variables,
      asksForPosition: measured.asksForPosition,
      asksForUnread: measured.asksForUnread,
      cost: measured.cost,
      plan: this.planOf(document, node),
    };
  }

  /** Runs the operation. Never rejects: errors are in the result, masked. */
  async run(operation: Operation, ctx: Context, transport: Transport): Promise<Answer> {
    const started = performance.now();
    const answer = await this.answer(operation, ctx).catch(
      (error: unknown): ExecutionResult => ({ errors: [mask(ctx.node, error, whereOf(operation, ctx))] }),
    );
    report(ctx, operation, answer, transport, performance.now() - started);
    return answer;
  }

  /** Charges the payer, so that no user occupies the database or a core with any transport, socket or document. */
  private spend({ cost, node }: Operation, payer: Payer): void {
    const bucket = node.operation === 'mutation' ? 'signIn' : 'documents';
    const retryAfterMs = this.charges.pay(payer, Math.max(1, cost), bucket);
    if (retryAfterMs > 0) throw refuse('RATE_LIMITED', undefined, { retryAfterMs });
  }

  private async answer(operation: Operation, ctx: Context): Promise<Answer> {
    const payer = this.charges.payerOf(ctx.viewer, ctx.ip);
    this.spend(operation, payer);
    if (operation.node.operation === 'subscription') {
      const args = {
        schema: this.schema,
        document: operation.document,
        operationName: operation.name,
        variableValues: operation.variables,
        contextValue: ctx,
        hideSuggestions: this.settings.isProduction,
      };
      const opened = await openSubscription(args, this.sharedOperations, operation, ctx);
      return isStream(opened) ? opened : maskResult(ctx.node, opened, whereOf(operation, ctx));
    }
    if (operation.asksForPosition && ctx.viewer && operation.node.operation === 'query') {
      // Before any other read: the data is never older than its position.
      ctx.position = await readPositionOf(ctx.node.db.read, ctx.viewer.userId);
    }
    if (operation.node.operation === 'mutation' && (await ctx.connection.isAbandoned()))
      throw refuse('UNAVAILABLE', 'The client closed the request before the server was done.');
    const size = new ResponseSize(MAX_RESPONSE_CHARACTERS, MAX_RESPONSE_ERRORS);
    const result = await operation.plan.run(undefined, ctx, operation.variables, size);
    ctx.scope.end();
    this.charges.owe(payer, priceOfBytes(size.total));
    return maskResult(ctx.node, requestErrorsOf(result), whereOf(operation, ctx));
  }

  private planOf({ node: document }: AcceptedDocument, operation: OperationDefinitionNode): Plan {
    const plans = plansOf(document);
    const plan =
      plans.get(operation) ??
      new Plan(this.schema, document, operation, { hideSuggestions: this.settings.isProduction });
    plans.set(operation, plan);
    return plan;
  }
}

const plansOf = memo((_document: DocumentNode) => new Map<OperationDefinitionNode, Plan>());

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
  transport: Transport,
  ms: number,
): void {
  const outcome = outcomeOf(answer);
  const type = operation.node.operation;
  node.metrics.operations.observe({ type, transport, outcome }, ms / 1000);
  node.log.debug(
    { correlationId, type, operation: operation.name?.slice(0, 100), transport, outcome, ms: Math.round(ms) },
    'operation',
  );
}
