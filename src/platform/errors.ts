import { GraphQLError } from 'graphql';
import { databaseFailure } from './database-failure.ts';

/**
 * The table of all refusals: code, docs/errors.md and clients use the same list, which a test compares. `retry` says
 * what a client may do: never repeat this input, repeat later, or do something else first.
 */
export const refusals = {
  VALIDATION: { type: 'ValidationError', says: 'The input is not valid.', retry: 'never' },
  PERMISSION_DENIED: {
    type: 'PermissionDeniedError',
    says: 'You do not have permission to do this.',
    retry: 'never',
  },
  NOT_FOUND: {
    type: 'NotFoundError',
    says: 'The object does not exist, or you may not see it.',
    retry: 'never',
  },
  CONFLICT: {
    type: 'ConflictError',
    says: 'The current state does not allow the change.',
    retry: 'after a look at the state',
  },
  IDEMPOTENCY_CONFLICT: {
    type: 'IdempotencyConflictError',
    says: 'This idempotency key was already used with other content.',
    retry: 'with a new key',
  },
  RATE_LIMITED: {
    type: 'RateLimitedError',
    says: 'Too many requests. Wait, then try again.',
    retry: 'later',
  },
  INVALID_CREDENTIALS: {
    type: 'InvalidCredentialsError',
    says: 'The credentials are not valid.',
    retry: 'after signing in',
  },
  SECOND_FACTOR_REQUIRED: {
    type: 'SecondFactorRequiredError',
    says: 'The password is right, but the account has a second factor. Complete the sign-in with a code.',
    retry: 'with completeLogin',
  },
  UNAVAILABLE: {
    type: 'UnavailableError',
    says: 'The server cannot do this right now. Repeating the same call is safe.',
    retry: 'later',
  },
} as const;

export type RefusalCode = keyof typeof refusals;

/** Codes of top-level errors that are not refusals of one mutation. */
export const requestErrors = {
  UNAUTHENTICATED: 'The access token is missing, expired or not valid.',
  GRAPHQL_PARSE_FAILED: 'The document is not valid GraphQL.',
  GRAPHQL_VALIDATION_FAILED: 'The document or its variables do not match the schema.',
  OPERATION_TOO_LARGE: 'The document or its variables exceed a limit.',
  BAD_REQUEST: 'The HTTP request is not a valid GraphQL request.',
  INTERNAL: 'A defect of the server. Its log has the correlation id.',
} as const;

export const secondFactorMethods = ['TOTP', 'RECOVERY_CODE'] as const;

/** How a sign-in with the right password continues. */
export interface SecondStep {
  readonly challenge: string;
  readonly expiresAt: Date;
  readonly methods: readonly (typeof secondFactorMethods)[number][];
}

export interface RefusalFacts {
  /** Where in the input, e.g. `['input', 'text']`. */
  path?: readonly string[];
  retryAfterMs?: number;
  /** Only of SECOND_FACTOR_REQUIRED. */
  secondStep?: SecondStep;
  /** The slow mode of the room is the reason. */
  isSlowMode?: true;
}

/**
 * An expected refusal. In a mutation whose result union has its type it is data; anywhere else it is a top-level
 * error with `extensions.code`. Anything thrown that is neither this nor a GraphQLError is a defect of the server.
 */
export abstract class Refusal extends GraphQLError {
  readonly code: RefusalCode;
  readonly detail: string;
  readonly where: readonly string[] | null;
  readonly retryAfterMs: number | null;
  readonly isSlowMode: boolean;

  constructor(code: RefusalCode, detail: string, facts: RefusalFacts) {
    const { path, retryAfterMs } = facts;
    super(detail, {
      extensions: { code, ...(path && { argument: path.join('.') }), ...(retryAfterMs && { retryAfterMs }) },
    });
    this.code = code;
    this.detail = detail;
    this.where = path ?? null;
    this.retryAfterMs = retryAfterMs ?? null;
    this.isSlowMode = facts.isSlowMode ?? false;
  }
}

export class ValidationError extends Refusal {}
export class PermissionDeniedError extends Refusal {}
export class NotFoundError extends Refusal {}
export class ConflictError extends Refusal {}
export class IdempotencyConflictError extends Refusal {}
export class RateLimitedError extends Refusal {}
export class InvalidCredentialsError extends Refusal {}
export class UnavailableError extends Refusal {}

export class SecondFactorRequiredError extends Refusal {
  readonly secondStep: SecondStep;

  constructor(code: RefusalCode, detail: string, facts: RefusalFacts) {
    super(code, detail, facts);
    if (!facts.secondStep) throw new Error('the refusal needs the second step of the sign-in');
    this.secondStep = facts.secondStep;
  }
}

/** A class per code, because a GraphQL result union tells its members apart by class. */
export const refusalClasses = {
  VALIDATION: ValidationError,
  PERMISSION_DENIED: PermissionDeniedError,
  NOT_FOUND: NotFoundError,
  CONFLICT: ConflictError,
  IDEMPOTENCY_CONFLICT: IdempotencyConflictError,
  RATE_LIMITED: RateLimitedError,
  INVALID_CREDENTIALS: InvalidCredentialsError,
  SECOND_FACTOR_REQUIRED: SecondFactorRequiredError,
  UNAVAILABLE: UnavailableError,
} satisfies Record<RefusalCode, typeof ValidationError>;

/** Makes a refusal: `throw refuse('NOT_FOUND')`. Without a detail, the table's own words. */
export function refuse(code: RefusalCode, detail?: string, facts: RefusalFacts = {}): Refusal {
  const retryAfterMs =
    facts.retryAfterMs ?? (code === 'UNAVAILABLE' || code === 'RATE_LIMITED' ? 1_000 : undefined);
  return new refusalClasses[code](code, detail ?? refusals[code].says, {
    ...facts,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}

/** For the values of an input object: the path starts at `input`. */
export function invalid(field: string, detail: string): Refusal {
  return refuse('VALIDATION', detail, { path: field.split('.') });
}

export function unauthenticated(
  detail = 'Sign in first: send Authorization: Bearer <access token>.',
): GraphQLError {
  return new GraphQLError(detail, { extensions: { code: 'UNAUTHENTICATED', http: { status: 401 } } });
}

/** Whether the database or the way to it failed, so that the same call may succeed later (RETRY only with a key). */
export function isTransient(error: unknown): boolean {
  return error instanceof UnavailableError || databaseFailure(error) !== 'mistake';
}

/**
 * The last number of a room, its messages, or a user's own log: the API has numbers of 31 bits. The database refuses to
 * store more.
 */
export const MAX_SEQ = 2_147_483_647;
const SEQ_LIMITS = new Set(['room_heads_seq_limit', 'account_heads_seq_limit']);

/** The refusal when the numbers end. */
export const full = () =>
  refuse('CONFLICT', `No more numbers can be assigned: ${MAX_SEQ} is the last one. Nothing was stored.`);

const isSeqLimit = (error: unknown) =>
  SEQ_LIMITS.has(String((error as { constraint?: unknown } | null)?.constraint));

/** What a rule's failure becomes: a refusal stays one, a failing database is UNAVAILABLE, the rest is our mistake. */
export function asRefusal(error: unknown): unknown {
  if (error instanceof Refusal) return error;
  if (isSeqLimit(error)) return full();
  return isTransient(error) ? refuse('UNAVAILABLE') : error;
}
