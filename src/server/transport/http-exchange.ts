import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ViewerProblem } from '../../accounts/sessions.ts';
import type { Viewer } from '../../context.ts';
import type { Payer } from '../operations/charges.ts';
import type { Answer } from '../operations/operations.ts';

/** A request as it arrives. */
export interface Arrival {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly correlationId: string;
  readonly ip: string;
}

/** The data of one request for an operation that Yoga does not have. */
export interface Exchange extends Arrival {
  /** Null for an anonymous request; a problem if its token is not valid. */
  readonly viewer: Viewer | null | ViewerProblem;
  readonly payer: Payer;
  /** Points for the request itself that are not paid yet. */
  readonly due: number;
  /** The result of an execution without Yoga, which Yoga then formats. */
  readonly answer?: Answer;
}

/** Yoga's context has the fields that it was given, besides its own. */
export function exchangeOf(context: object): Exchange {
  return context as Exchange;
}

export function acceptsEventStream({ headers }: IncomingMessage): boolean {
  return /text\/event-stream|text\/\*|\*\/\*/.test(headers.accept ?? '*/*');
}

/** The length for which a body is charged; without a declared length, the maximum. */
export function bodyLength({ headers }: IncomingMessage, maxBytes: number): number {
  const length =
    headers['transfer-encoding'] === undefined ? Number(headers['content-length'] ?? 0) : maxBytes;
  return Math.min(Number.isFinite(length) ? length : maxBytes, maxBytes);
}
