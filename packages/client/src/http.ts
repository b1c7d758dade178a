import { ParleyError, toParleyError } from './errors.ts';
import type { TypedText } from './generated/documents.ts';

/** The address of the API, and how it is reached over HTTP. */
export interface Endpoint {
  readonly url: string;
  readonly fetch: typeof fetch;
  /** How long an answer may take, in milliseconds. */
  readonly timeoutMs: number;
}

interface GraphQLProblem {
  readonly message: string;
  readonly extensions?: { readonly code?: string; readonly retryAfterMs?: number };
}

interface Answer<Data> {
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
  const { data, errors } = await answerOf<Data>(endpoint, JSON.stringify({ query, variables }), token);
  if (errors?.[0]) throw requestError(errors[0]);
  if (!data) throw new ParleyError('NETWORK', 'The answer is not a GraphQL response.');
  return data;
}

async function answerOf<Data>(endpoint: Endpoint, body: string, token?: string): Promise<Answer<Data>> {
  const headers = {
    'content-type': 'application/json',
    accept: 'application/graphql-response+json',
    ...(token && { authorization: `Bearer ${token}` }),
  };
  const signal = AbortSignal.timeout(endpoint.timeoutMs);
  try {
    const response = await endpoint.fetch(endpoint.url, { method: 'POST', headers, body, signal });
    return (await response.json()) as Answer<Data>;
  } catch (error) {
    throw toParleyError(error, 'NETWORK');
  }
}

export function requestError({ message, extensions }: GraphQLProblem): ParleyError {
  return new ParleyError(extensions?.code ?? 'INTERNAL', message, {
    retryAfterMs: extensions?.retryAfterMs ?? null,
  });
}

type Refused<Result> = Extract<Result, { readonly code: string }>;

/**
 * Returns the success of a mutation.
 * @throws ParleyError with the code of the refusal
 */
export function successOf<Result extends object>(result: Result | null): Exclude<Result, Refused<Result>> {
  if (!result) throw new ParleyError('INTERNAL', 'The mutation has no result.');
  if (!('code' in result)) return result as Exclude<Result, Refused<Result>>;
  const { code, detail, path, retryAfterMs } = result as unknown as Refusal;
  throw new ParleyError(code, detail, { path: path ?? null, retryAfterMs: retryAfterMs ?? null });
}
