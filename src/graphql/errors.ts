import {
  ConflictError,
  IdempotencyConflictError,
  InvalidCredentialsError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitedError,
  type Refusal,
  type RefusalCode,
  refusalClasses,
  refusals,
  SecondFactorRequiredError,
  type secondFactorMethods,
  UnavailableError,
  ValidationError,
} from '../platform/errors.ts';
import { builder } from './builder.ts';

export const ErrorCode = builder.enumType('ErrorCode', {
  description: 'The kind of refusal, for programs. Values are stable.',
  values: Object.fromEntries(
    Object.entries(refusals).map(([code, { says }]) => [code, { value: code, description: says }]),
  ) as Record<RefusalCode, { value: RefusalCode; description: string }>,
});

const UserError = builder.interfaceRef<Refusal>('UserError').implement({
  description:
    'An expected refusal, returned as data. `code` is stable and meant for programs; `detail` is English text for people.',
  fields: (t) => ({
    code: t.field({
      type: ErrorCode,
      description: 'The kind of refusal.',
      resolve: (refusal) => refusal.code,
    }),
    detail: t.exposeString('detail', { description: 'What is wrong, in English, for people.' }),
    path: t.stringList({
      nullable: true,
      description:
        'The argument that is wrong, for example `["input", "text"]`. Null if no single argument is.',
      resolve: (refusal) => (refusal.where ? [...refusal.where] : null),
    }),
  }),
});

const plain = {
  ValidationError,
  PermissionDeniedError,
  NotFoundError,
  IdempotencyConflictError,
  InvalidCredentialsError,
};
for (const [name, type] of Object.entries(plain)) {
  const code = Object.keys(refusals).find(
    (key) => refusalClasses[key as RefusalCode] === type,
  ) as RefusalCode;
  builder.objectType(type, { name, interfaces: [UserError], description: refusals[code].says });
}
builder.objectType(ConflictError, {
  name: 'ConflictError',
  interfaces: [UserError],
  description:
    'The current state does not allow the change: for example an archived room, the last owner, a name that is taken, or an outdated expectedVersion.',
});
for (const [name, type] of Object.entries({ RateLimitedError, UnavailableError })) {
  const code = type === RateLimitedError ? 'RATE_LIMITED' : 'UNAVAILABLE';
  builder.objectType(type as typeof RateLimitedError, {
    name,
    interfaces: [UserError],
    description: refusals[code].says,
    fields: (t) => ({
      retryAfterMs: t.int({
        description: 'Milliseconds to wait before trying again.',
        resolve: (refusal) => refusal.retryAfterMs ?? 1000,
      }),
      ...(type === RateLimitedError && {
        isSlowMode: t.exposeBoolean('isSlowMode', {
          description: 'Whether the slow mode of the room is the reason, and not the number of requests.',
        }),
      }),
    }),
  });
}

const SecondFactorMethod = builder.enumType('SecondFactorMethod', {
  description: 'A second factor with which a sign-in can be completed.',
  values: {
    TOTP: { description: 'A code of six digits from an authenticator app.' },
    RECOVERY_CODE: { description: 'One of the recovery codes of the account.' },
  } satisfies Record<(typeof secondFactorMethods)[number], object>,
});

builder.objectType(SecondFactorRequiredError, {
  name: 'SecondFactorRequiredError',
  interfaces: [UserError],
  description: refusals.SECOND_FACTOR_REQUIRED.says,
  fields: (t) => ({
    challenge: t.string({
      description: 'The token for completeLogin. It works for one sign-in, with few attempts.',
      resolve: ({ secondStep }) => secondStep.challenge,
    }),
    expiresAt: t.field({
      type: 'DateTime',
      description: 'Until when the challenge can be used.',
      resolve: ({ secondStep }) => secondStep.expiresAt,
    }),
    methods: t.field({
      type: [SecondFactorMethod],
      description: 'What the account can complete the sign-in with.',
      resolve: ({ secondStep }) => [...secondStep.methods],
    }),
  }),
});
