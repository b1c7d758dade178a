import { type ExecutionResult, GraphQLError, type SourceLocation } from 'graphql';
import type { Services } from '../../context.ts';
import type { ResyncReason } from '../../eventlog/streams/items.ts';
import { asRefusal, refusals, requestErrors } from '../../platform/errors.ts';

/** The context of a failure, for the log. */
export interface Where {
  readonly correlationId: string;
  /** Only for the log, which contains nothing else of an operation. */
  readonly operation?: string;
}

type Reporter = Pick<Services, 'log' | 'metrics'>;

// A page of events uses them as codes, where a stream sends ResyncRequired.
const resyncReasons: Record<ResyncReason, true> = {
  CURSOR_EXPIRED: true,
  CURSOR_FOREIGN: true,
  ACCESS_CHANGED: true,
};
const known = [refusals, requestErrors, resyncReasons];
const knownCodes = new Set(known.flatMap((codes) => Object.keys(codes)));

// Errors of graphql-js about arguments and variables that only an execution can detect.
const BAD_INPUT = /^(Argument|Variable|Directive) "/;

/** HTTP statuses of errors without a result. */
const statuses: Record<string, number> = {
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
  RATE_LIMITED: 429,
  UNAVAILABLE: 503,
  INTERNAL: 500,
};

export function statusOf(error: GraphQLError): number {
  return statuses[String(error.extensions['code'])] ?? 400;
}

/**
 * Returns the part of a failure that a client may see: refusals and errors in its input unchanged, everything else as
 * one generic code with the correlation id of the full error in the log.
 */
export function mask(node: Reporter, thrown: unknown, where: Where): GraphQLError {
  const located = thrown instanceof GraphQLError ? thrown : undefined;
  const cause = asRefusal(rootOf(thrown));
  const facts = factsOf(cause) ?? internal(node, cause, where);
  return placed(located, facts.message, facts.extensions);
}

export function maskResult(node: Reporter, result: ExecutionResult, where: Where): ExecutionResult {
  if (!result.errors) return result;
  return { ...result, errors: result.errors.map((error) => mask(node, error, where)) };
}

function rootOf(thrown: unknown): unknown {
  let at = thrown;
  while (at instanceof GraphQLError && at.originalError) at = at.originalError;
  return at;
}

interface Facts {
  readonly message: string;
  readonly extensions: Record<string, unknown>;
}

function factsOf(cause: unknown): Facts | null {
  if (!(cause instanceof GraphQLError)) return null;
  const { http: _status, ...extensions } = cause.extensions;
  if (knownCodes.has(String(extensions['code']))) return { message: cause.message, extensions };
  if (BAD_INPUT.test(cause.message))
    return { message: cause.message, extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } };
  return null;
}

function internal(node: Reporter, cause: unknown, { correlationId, operation }: Where): Facts {
  node.metrics.internalErrors.inc();
  node.log.error({ correlationId, operation, err: cause }, 'internal error');
  return { message: 'Internal error.', extensions: { code: 'INTERNAL', correlationId } };
}

export function withCode(error: GraphQLError, code: string): GraphQLError {
  return placed(error, error.message, { ...error.extensions, code });
}

// graphql-js repeats the value that did not match.
const MAX_MESSAGE = 500;

/** Replaces the message or code of an error, without its cause. */
function placed(
  first: GraphQLError | undefined,
  said: string,
  extensions: Record<string, unknown>,
): GraphQLError {
  const message = said.length > MAX_MESSAGE ? `${said.slice(0, MAX_MESSAGE)}…` : said;
  return at(first?.locations, new GraphQLError(message, { path: first?.path ?? null, extensions }));
}

/**
 * Returns the error with these locations: with nodes, they would be computed again by reading the document from its
 * start.
 */
export function at(locations: readonly SourceLocation[] | undefined, error: GraphQLError): GraphQLError {
  return locations ? Object.assign(error, { locations }) : error;
}

/** Without data nothing was executed: the variables did not match. */
export function requestErrorsOf(result: ExecutionResult): ExecutionResult {
  if ('data' in result || !result.errors) return result;
  return {
    errors: result.errors.map((error) =>
      error.extensions['code'] ? error : withCode(error, 'GRAPHQL_VALIDATION_FAILED'),
    ),
  };
}
