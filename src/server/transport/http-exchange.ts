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

/** What belongs to one request for an operation, beside what Yoga knows of it. */
export interface Exchange extends Arrival {
  /** Null for an anonymous request; a problem where its token is not good. */
  readonly viewer: Viewer | null | ViewerProblem;
  readonly payer: Payer;
  /** Points for the request itself that are not paid yet. */
  readonly due: number;
  /** What was answered before Yoga was asked how to say it. */
  readonly answer?: Answer;
}

/** Yoga's context has the fields that it was given, besides its own. */
export function exchangeOf(context: object): Exchange {
  return context as Exchange;
}

export function acceptsEventStream({ headers }: IncomingMessage): boolean {
  return /text\/event-stream|text\/\*|\*\/\*/.test(headers.accept ?? '*/*');
}

/** What a body has to be paid for as: one that does not say its length as the longest. */
export function bodyLength({ headers }: IncomingMessage, maxBytes: number): number {
  const length =
    headers['transfer-encoding'] === undefined ? Number(headers['content-length'] ?? 0) : maxBytes;
  return Math.min(Number.isFinite(length) ? length : maxBytes, maxBytes);
}
