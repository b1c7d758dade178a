import type { IncomingMessage } from 'node:http';
import type { GraphQLParams } from 'graphql-yoga';

/** The usual request: an operation as JSON, answered as JSON. */
export interface PlainPost {
  /** The body as received, for Yoga to parse again. */
  readonly text: string;
  /** Null if it is not a plain operation. */
  readonly params: (GraphQLParams & { query: string }) | null;
}

type MediaType = 'application/json' | 'application/graphql-response+json';

const GRAPHQL = 'application/graphql-response+json';
const JSON_TYPES: Record<string, MediaType> = {
  '*/*': 'application/json',
  'application/json': 'application/json',
  [GRAPHQL]: GRAPHQL,
};
const parameters = new Set(['query', 'variables', 'operationName', 'extensions']);

/**
 * Returns the media type of the answer if the request needs no feature of Yoga, otherwise null. Yoga's path through
 * Request and Response costs ten times as much, so the usual request bypasses it.
 */
export function answerTypeOf(req: IncomingMessage, maxBytes: number): MediaType | null {
  const { method, url, headers } = req;
  const length = Number(headers['content-length'] ?? Number.NaN);
  const isPlain =
    method === 'POST' &&
    url === '/graphql' &&
    headers['content-encoding'] === undefined &&
    length <= maxBytes &&
    /^application\/json(; ?charset=utf-8)?$/i.test(headers['content-type'] ?? '');
  return isPlain ? firstAccepted(headers.accept ?? '*/*') : null;
}

/** The first media type of the list counts, as in Yoga. Null if a charset is named: Yoga handles that. */
function firstAccepted(accept: string): MediaType | null {
  if (accept.includes('charset')) return null;
  for (const part of accept.toLowerCase().split(',')) {
    const type = JSON_TYPES[part.split(';', 1)[0]?.trim() ?? ''];
    if (type) return type;
  }
  return null;
}

/** Reads the whole request. Rejects if the client aborts it. */
export async function readPlainPost(req: IncomingMessage): Promise<PlainPost> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return { text, params: paramsIn(text) };
}

function paramsIn(text: string): PlainPost['params'] {
  try {
    const params: unknown = JSON.parse(text);
    return isPlainOperation(params) ? params : null;
  } catch {
    return null;
  }
}

function isPlainOperation(params: unknown): params is GraphQLParams & { query: string } {
  if (!isObject(params) || Object.keys(params).some((key) => !parameters.has(key))) return false;
  const { query, variables, operationName, extensions } = params;
  return (
    typeof query === 'string' &&
    // Streams are answered in another way.
    !query.includes('subscription') &&
    (variables == null || isObject(variables)) &&
    (operationName == null || typeof operationName === 'string') &&
    (extensions == null || isObject(extensions))
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
