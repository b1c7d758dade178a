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
  UnavailableError,
  ValidationError,
} from '../platform/errors.ts';
import { builder } from './builder.ts';

const ErrorCode = builder.enumType('ErrorCode', {
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
    }),
  });
}
