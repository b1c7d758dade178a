import { ParleyError, toParleyError } from './errors.ts';
import type { TypedText } from './generated/documents.ts';

/** The address of the API, and how it is reached over HTTP. */
export interface Endpoint {
  readonly url: string;
  readonly fetch: typeof fetch;
  /** How long an answer may take, in milliseconds. */
  readonly timeoutMs: number;
}

/** A request error: docs/errors.md. */
export interface GraphQLProblem {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: { readonly code?: string; readonly retryAfterMs?: number };
}

/** A response of GraphQL. It may have both: data, and errors of single fields. */
export interface GraphQLResponse<Data> {
  readonly data?: Data | null;
  readonly errors?: readonly GraphQLProblem[];
}

/** A refusal of a mutation, as a member of its result union. */
interface Refusal {
  readonly code: string;
  readonly detail: string;
  readonly path?: readonly string[] | null;
  readonly retryAfterMs?: number;
}

/**
 * Runs one query or mutation.
 * @throws ParleyError `NETWORK`, or the code of the request error
 */
export async function post<Data, Variables>(
  endpoint: Endpoint,
  query: TypedText<Data, Variables>,
  variables: Variables,
  token?: string,
): Promise<Data> {
  return dataOf(await respond(endpoint, query, variables, token));
}

/**
 * The data of a response without errors.
 * @throws ParleyError with the code of the first error
 */
export function dataOf<Data>({ data, errors }: GraphQLResponse<Data>): Data {
  if (errors?.[0]) throw requestError(errors[0]);
  return data as Data;
}

/**
 * The same, with the errors of the response. `closing` aborts it.
 * @throws ParleyError `NETWORK`
 */
export async function respond<Data, Variables>(
  endpoint: Endpoint,
  query: TypedText<Data, Variables>,
  variables: Variables,
  token?: string,
  closing?: AbortSignal,
): Promise<GraphQLResponse<Data>> {
  const headers = {
    'content-type': 'application/json',
    accept: 'application/graphql-response+json',
    ...(token && { authorization: `Bearer ${token}` }),
  };
  const stop = new AbortController();
  const { signal } = stop;
  for (const reason of [AbortSignal.timeout(endpoint.timeoutMs), closing])
    reason?.addEventListener('abort', () => stop.abort(), { signal });
  try {
    // Where the client was closed while the caller waited for a token, the listener hears nothing.
    closing?.throwIfAborted();
    const body = JSON.stringify({ query, variables });
    const response = await endpoint.fetch(endpoint.url, { method: 'POST', headers, body, signal });
    const answer = (await response.json()) as GraphQLResponse<Data>;
    if (answer.data || answer.errors?.[0]) return answer;
    throw new Error('No answer.');
  } catch (error) {
    throw toParleyError(error);
  } finally {
    // Removes the listeners.
    stop.abort();
  }
}

export function requestError({ message, extensions }: GraphQLProblem): ParleyError {
  return new ParleyError(extensions?.code ?? 'INTERNAL', message, extensions);
}

type Refused<Result> = Extract<Result, { readonly code: string }>;

/**
 * Returns the success of a mutation.
 * @throws ParleyError with the code of the refusal
 */
export function successOf<Result extends object>(result: Result | null): Exclude<Result, Refused<Result>> {
  if (!result) throw new ParleyError('INTERNAL', 'No result.');
  if (!('code' in result)) return result as Exclude<Result, Refused<Result>>;
  const { code, detail, ...more } = result as unknown as Refusal;
  throw new ParleyError(code, detail, more);
}
