import type { ParleyError } from './errors.ts';

/** How a connection or its stream ended. */
export type Ending =
  /** The socket was closed, by the server or by a failure. */
  | { readonly kind: 'closed'; readonly code: number; readonly reason: string }
  /** The last item of the stream. */
  | {
      readonly kind: 'stream-closed';
      readonly closeReason: string;
      readonly retryable: boolean;
      readonly retryAfterMs: number | null;
    }
  | { readonly kind: 'resync' }
  /** The items do not form a sequence: a defect of the server or of the reducer. */
  | { readonly kind: 'inconsistent'; readonly error: ParleyError }
  /** The client could not get a token, a snapshot or the stream. */
  | { readonly kind: 'failed'; readonly error: ParleyError };

/** The reaction to an ending. */
export interface Verdict {
  /** `restart`: discard the position and take a snapshot. `stop`: only the application can continue. */
  readonly next: 'resume' | 'restart' | 'sign-out' | 'stop';
  /**
   * `short` and `long` grow with each failed attempt; `long` starts higher. A number: exactly this many milliseconds.
   */
  readonly pause: 'short' | 'long' | number;
  /** The access token is no longer usable. */
  readonly isTokenSpoiled: boolean;
  readonly error: { readonly code: string; readonly message: string };
}

type Decision = Partial<Omit<Verdict, 'error'>>;

const SIGN_OUT: Decision = { next: 'sign-out' };
const STOP: Decision = { next: 'stop' };
const LATER: Decision = { pause: 'long' };
const RENEW: Decision = { isTokenSpoiled: true };

/** docs/protocol.md, "When a stream or a socket ends". For all other codes: reconnect at once. */
const closeCodes: Readonly<Record<number, Decision>> = {
  1009: STOP,
  1013: LATER,
  4400: STOP,
  4401: SIGN_OUT,
  4403: RENEW,
  4406: STOP,
  4409: STOP,
  4429: STOP,
};

const closeReasons: Readonly<Record<string, Decision>> = {
  AUTH_EXPIRED: RENEW,
  SESSION_ENDED: SIGN_OUT,
  INVALID_CURSOR: { next: 'restart' },
  INTERNAL: LATER,
  LIMIT_REACHED: STOP,
};

const failures: Readonly<Record<string, Decision>> = {
  SIGNED_OUT: SIGN_OUT,
  NETWORK: {},
  STREAM: LATER,
  UNAUTHENTICATED: { ...RENEW, pause: 'long' },
  GRAPHQL_PARSE_FAILED: STOP,
  GRAPHQL_VALIDATION_FAILED: STOP,
  OPERATION_TOO_LARGE: STOP,
  BAD_REQUEST: STOP,
};

export function verdictOn(ending: Ending): Verdict {
  return {
    next: 'resume',
    pause: 'short',
    isTokenSpoiled: false,
    ...decide(ending),
    error: describe(ending),
  };
}

function decide(ending: Ending): Decision {
  switch (ending.kind) {
    case 'closed':
      return closeCodes[ending.code] ?? {};
    case 'stream-closed':
      return closeReasons[ending.closeReason] ?? asItSays(ending);
    case 'resync':
      return { next: 'restart' };
    case 'inconsistent':
      return { next: 'restart', pause: 'long' };
    case 'failed':
      return failures[ending.error.code] ?? { pause: ending.error.retryAfterMs ?? 'long' };
  }
}

/** Of a reason that this version does not know. */
const asItSays = ({ retryable, retryAfterMs }: Extract<Ending, { kind: 'stream-closed' }>): Decision =>
  retryable ? { pause: retryAfterMs ?? 'short' } : STOP;

function describe(ending: Ending): Verdict['error'] {
  if ('error' in ending) return { code: ending.error.code, message: ending.error.message };
  if (ending.kind === 'closed')
    return { code: 'NETWORK', message: `Closed: ${ending.code} ${ending.reason}` };
  return { code: ending.kind === 'resync' ? 'RESYNC' : ending.closeReason, message: 'Stream ended.' };
}
