/**
 * An error of the client. `code` is for programs:
 * - a code of docs/errors.md, if the server refused;
 * - `NETWORK`: there was no answer, or none that can be read. The server may have done what was asked;
 * - `SIGNED_OUT`: no user is signed in, or the session ended;
 * - `STREAM`: a stream ended, and the client does not know why;
 * - `STORAGE`: the storage adapter failed;
 * - `CLOSED`: the client was closed.
 */
export class ParleyError extends Error {
  override readonly name = 'ParleyError';
  readonly code: string;
  /** The argument that is wrong, for example `['input', 'text']`. */
  readonly path: readonly string[] | null;
  /** The time to wait before a repetition; null if the server gave none. */
  readonly retryAfterMs: number | null;

  constructor(
    code: string,
    message: string,
    more: { path?: readonly string[] | null; retryAfterMs?: number | null; cause?: unknown } = {},
  ) {
    super(message, { cause: more.cause });
    this.code = code;
    this.path = more.path ?? null;
    this.retryAfterMs = more.retryAfterMs ?? null;
  }
}

export function toParleyError(error: unknown, code = 'NETWORK'): ParleyError {
  if (error instanceof ParleyError) return error;
  return new ParleyError(code, error instanceof Error ? error.message : String(error), { cause: error });
}

/** Codes for which a repetition of the same call, after a pause, may help. */
const TEMPORARY = new Set(['NETWORK', 'UNAVAILABLE', 'RATE_LIMITED', 'INTERNAL']);

export const isTemporary = ({ code }: ParleyError): boolean => TEMPORARY.has(code);
