import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ExecutionResult, GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { Services } from '../../context.ts';
import { refuse } from '../../platform/errors.ts';
import { sendJson } from '../health.ts';
import { mask, statusOf } from '../operations/masking.ts';
import { type Answer, isStream } from '../operations/operations.ts';
import { oneEvent } from './sse.ts';

// Errors over HTTP: statuses, headers and bodies, as in "GraphQL over HTTP".

const GRAPHQL_RESPONSE = 'application/graphql-response+json';

interface Requested {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
}

/**
 * Requires JSON, because a page of another origin may send forms and plain text without a preflight.
 * @throws GraphQLError if the body is not declared as JSON
 */
export function requireJson(request: Request): void {
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (request.method !== 'POST' || type === 'application/json' || type === 'application/graphql+json') return;
  throw badRequest(415, 'Send the operation as JSON: Content-Type: application/json.');
}

export function badRequest(
  status: number,
  message: string,
  headers: Record<string, string> = {},
): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_REQUEST', http: { status, headers } } });
}

/**
 * Returns the error as clients see it, with its HTTP status. A request that is not GraphQL is always 400; `spec` marks
 * a wrong document, which is 200 for `application/json`.
 */
export function withHttp(node: Services, error: GraphQLError, correlationId: string): GraphQLError {
  const http = error.extensions['http'] as { status: number; headers?: Record<string, string> } | undefined;
  // Yoga has its own codes for requests that are not GraphQL.
  if (http && error.extensions['code'] !== 'UNAUTHENTICATED')
    return badRequest(http.status, error.message, http.headers);
  // Variables or extensions in the URL are not JSON.
  if ((error.originalError ?? error) instanceof SyntaxError) {
    return badRequest(400, 'The parameters of the request are not valid JSON.');
  }
  const masked = mask(node, error, { correlationId });
  const status = statusOf(masked);
  const headers = status === 401 ? { 'www-authenticate': 'Bearer' } : retryAfter(masked);
  Object.assign(masked.extensions, { http: { status, headers, spec: status === 400 } });
  return masked;
}

export function rateLimited(retryAfterMs: number): GraphQLError {
  return refuse('RATE_LIMITED', undefined, { retryAfterMs });
}

export function rateLimitIn(answer: Answer): GraphQLError | undefined {
  return isStream(answer)
    ? undefined
    : answer.errors?.find(({ extensions }) => extensions['code'] === 'RATE_LIMITED');
}

function retryAfter({ extensions }: GraphQLError): Record<string, string> {
  const ms = extensions['retryAfterMs'];
  return typeof ms === 'number' ? { 'retry-after': String(Math.ceil(ms / 1_000)) } : {};
}

/** Bypasses Yoga, because a refusal must cost less than the refused request. */
export function sendRateLimited({ req, res }: Requested, error: GraphQLError): void {
  const accept = req.headers.accept ?? '';
  const body = { errors: [error] };
  if (accept.includes('text/event-stream')) {
    res.writeHead(429, { 'content-type': 'text/event-stream; charset=utf-8', ...retryAfter(error) });
    return void res.end(oneEvent(JSON.stringify(body)));
  }
  const type = accept.includes(GRAPHQL_RESPONSE) ? GRAPHQL_RESPONSE : 'application/json';
  sendJson(res, 429, body, { 'content-type': `${type}; charset=utf-8`, ...retryAfter(error) });
}

/** Sets `stringify`, because Yoga would rebuild the errors from AST nodes, and our errors have only locations. */
export function located(result: ExecutionResult): ExecutionResult {
  const sent = { ...result, errors: result.errors?.map(withoutHttp) };
  return Object.assign(result, { stringify: () => JSON.stringify(sent) });
}

function withoutHttp(error: GraphQLError): GraphQLFormattedError {
  const { extensions: { http: _status, ...extensions } = {}, ...rest } = error.toJSON();
  return { ...rest, ...(Object.keys(extensions).length > 0 && { extensions }) };
}
