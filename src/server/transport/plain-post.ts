import type { IncomingMessage } from 'node:http';
import type { GraphQLParams } from 'graphql-yoga';

/** What the common request says: an operation as JSON, to be answered as JSON. */
export interface PlainPost {
  /** The body as received, for Yoga to parse again. */
  readonly text: string;
  /** Null where it is not a plain operation. */
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
 * The media type of the answer to a request that needs nothing of what Yoga can; null for every other: those are
 * Yoga's. Its path through Request and Response costs ten times what this one does, so the request that everybody sends
 * does not take it.
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

/** The first media type of the list wins, as in Yoga. Null where a charset is named: Yoga judges those. */
function firstAccepted(accept: string): MediaType | null {
  if (accept.includes('charset')) return null;
  for (const part of accept.toLowerCase().split(',')) {
    const type = JSON_TYPES[part.split(';', 1)[0]?.trim() ?? ''];
    if (type) return type;
  }
  return null;
}

/** Reads the whole of it. Rejects when the client breaks off. */
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
    // Streams are answered by other means.
    !query.includes('subscription') &&
    (variables == null || isObject(variables)) &&
    (operationName == null || typeof operationName === 'string') &&
    (extensions == null || isObject(extensions))
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
