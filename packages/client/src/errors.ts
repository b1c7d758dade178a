/**
 * What went wrong. `code` is for programs:
 * - a code of docs/errors.md, where the server refused;
 * - `NETWORK`: no answer, or none that can be read. What was asked may have happened;
 * - `SIGNED_OUT`: nobody is signed in, or the session has ended;
 * - `STREAM`: a stream ended, and the client does not know why;
 * - `STORAGE`: the storage adapter failed;
 * - `CLOSED`: the client was closed.
 */
export class ParleyError extends Error {
  override readonly name = 'ParleyError';
  readonly code: string;
  /** Where in the arguments, for instance `['input', 'text']`. */
  readonly path: readonly string[] | null;
  /** How long to wait before repeating; null where the server did not say. */
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

export function toParleyError(error: unknown, code: string): ParleyError {
  if (error instanceof ParleyError) return error;
  return new ParleyError(code, error instanceof Error ? error.message : String(error), { cause: error });
}

/** Repeating the same call may help, with a pause. */
const TEMPORARY = new Set(['NETWORK', 'UNAVAILABLE', 'RATE_LIMITED', 'INTERNAL']);

export const isTemporary = ({ code }: ParleyError): boolean => TEMPORARY.has(code);
