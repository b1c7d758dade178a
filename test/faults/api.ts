import { createHash } from 'node:crypto';
import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Place } from './cluster.ts';

const TIMEOUT_MS = 6_000;

export interface Answer {
  readonly data: Record<string, any> | null;
  readonly errors: { message: string; extensions?: { code?: string } }[];
}

/** How one attempt at a mutation ended. `unknown`: it may or may not have happened. */
export type Attempt =
  | { readonly kind: 'ok'; readonly value: Record<string, any> }
  | { readonly kind: 'refused'; readonly code: string }
  | { readonly kind: 'unknown'; readonly code: string };

const agents = new Map<number, Agent>();

function agentOf(place: Place): Agent {
  const known = agents.get(place.index) ?? new Agent({ keepAlive: true, maxSockets: 64 });
  agents.set(place.index, known);
  return known;
}

/** One operation over HTTP, through the client link of a node. @throws Error when no answer came */
export async function ask(place: Place, query: string, variables: object, token: string): Promise<Answer> {
  const body = JSON.stringify({ query, variables });
  const response = await send(place, body, token);
  const { data = null, errors = [] } = JSON.parse(response) as Partial<Answer>;
  if (isInternal(errors)) place.onInternal(`node ${place.index} answered ${query.slice(0, 60)}: ${response}`);
  return { data, errors };
}

/** Whether errors of an answer, or what a stream ended with, say that the server made a mistake. */
export function isInternal(errors: unknown): boolean {
  return Array.isArray(errors) && errors.some((error) => error?.extensions?.code === 'INTERNAL');
}

function send(place: Place, body: string, token: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      accept: 'application/graphql-response+json',
      authorization: `Bearer ${token}`,
    };
    const options = {
      method: 'POST',
      headers,
      agent: agentOf(place),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    };
    const sent = request(place.url, options, (response) => {
      text(response).then(resolve, reject);
    });
    sent.once('error', reject);
    sent.end(body);
  });
}

// Refusals after which nothing has happened; all else may have.
const CERTAIN = new Set([
  'NOT_FOUND',
  'PERMISSION_DENIED',
  'VALIDATION',
  'CONFLICT',
  'IDEMPOTENCY_CONFLICT',
  'RATE_LIMITED',
  'UNAUTHENTICATED',
  'BAD_REQUEST',
]);

/** Whether nothing has happened after a refusal with that code. */
export const isCertain = (code: string) => CERTAIN.has(code);

/** One attempt at a mutation by its name. Never rejects. */
export async function attempt(
  place: Place,
  token: string,
  name: string,
  input: object,
  fields: string,
): Promise<Attempt> {
  const Name = name.charAt(0).toUpperCase() + name.slice(1);
  const query = `mutation ($input: ${Name}Input!) { ${name}(input: $input) { __typename ... on ${Name}Success { ${fields} } ... on UserError { code } } }`;
  try {
    const { data, errors } = await ask(place, query, { input }, token);
    const result = data?.[name] as Record<string, any> | undefined;
    const code = String(result?.['code'] ?? errors[0]?.extensions?.code ?? 'EMPTY');
    if (result && !result['code']) return { kind: 'ok', value: result };
    return { kind: isCertain(code) ? 'refused' : 'unknown', code };
  } catch (error) {
    return { kind: 'unknown', code: (error as NodeJS.ErrnoException).code ?? 'NETWORK' };
  }
}

export const hashOf = (body: string) => createHash('sha256').update(body).digest('base64url').slice(0, 12);

export const roomIdOf = (room: number) => `room_${room}`;
export const userIdOf = (user: number) => `user_${user}`;
