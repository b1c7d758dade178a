import {
  defaultFieldResolver,
  GraphQLError,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getNamedType,
  isLeafType,
  isObjectType,
  responsePathAsArray,
} from 'graphql';

// What resolvers return is recorded once and then replayed, so that two executors are given the same at the same time:
// which of two errors comes first is then no matter of the database.

type Outcome = { readonly value: unknown } | { readonly error: unknown };

/** The result of a field instead of the recorded one. */
export type Fault = (where: string) => number;

const keyOf = ({ path }: GraphQLResolveInfo) => responsePathAsArray(path).join('/');

export class ResolverTape {
  private outcomes = new Map<string, Outcome>();
  private mode: 'live' | 'record' | 'replay' = 'live';
  private fault: Fault = () => 1;
  /** The fields in the order in which their resolvers were called. */
  calls: string[] = [];

  /** Puts itself in front of every resolver of the schema. */
  constructor(schema: GraphQLSchema) {
    for (const type of Object.values(schema.getTypeMap())) {
      if (!isObjectType(type) || type.name.startsWith('__')) continue;
      for (const field of Object.values(type.getFields())) this.wrap(field);
    }
  }

  live(): void {
    this.mode = 'live';
  }

  /** Records the next execution, by one executor alone. */
  record(): void {
    this.mode = 'record';
    this.outcomes = new Map();
  }

  replay(fault: Fault): void {
    this.mode = 'replay';
    this.fault = fault;
    this.calls = [];
  }

  private wrap(field: GraphQLField<unknown, unknown>): void {
    const resolve = field.resolve ?? defaultFieldResolver;
    field.resolve = (source, args, context, info) => {
      if (this.mode === 'live') return resolve(source, args, context, info);
      if (this.mode === 'record') return this.recorded(resolve, source, args, context, info);
      this.calls.push(keyOf(info));
      return this.replayed(info);
    };
  }

  private recorded(
    resolve: GraphQLFieldResolver<unknown, unknown>,
    ...[source, args, context, info]: Parameters<GraphQLFieldResolver<unknown, unknown>>
  ): unknown {
    const { outcomes } = this;
    // What settles after its document was answered belongs to no recording any more.
    const keep = (outcome: Outcome) => {
      if (this.mode === 'record' && this.outcomes === outcomes) outcomes.set(keyOf(info), outcome);
    };
    const failed = (error: unknown) => {
      keep({ error });
      throw error;
    };
    try {
      const value = resolve(source, args, context, info);
      if (!isThenable(value)) {
        keep({ value });
        return value;
      }
      return value.then((settled: unknown) => {
        keep({ value: settled });
        return settled;
      }, failed);
    } catch (error) {
      return failed(error);
    }
  }

  private replayed(info: GraphQLResolveInfo): unknown {
    const key = keyOf(info);
    const chance = this.fault(key);
    const outcome = this.outcomes.get(key) ?? { value: null };
    return faulty('error' in outcome ? rejected(outcome.error) : outcome.value, chance, info);
  }
}

/** A rejection that may be left alone. */
function rejected(error: unknown): Promise<never> {
  // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- resolvers may reject with anything
  const promise = Promise.reject(error);
  promise.catch(() => undefined);
  return promise;
}

const isThenable = (value: unknown): value is Promise<unknown> =>
  typeof (value as { then?: unknown } | null)?.then === 'function';

/** The value after some turns of the queue of microtasks. */
async function later(value: unknown, ticks: number): Promise<unknown> {
  for (let i = 0; i < ticks; i++) await Promise.resolve();
  return value;
}

/** A promise of another library. */
const foreign = (value: unknown) => {
  const promise = Promise.resolve(value);
  // oxlint-disable-next-line unicorn/no-thenable -- what other libraries return
  return { then: promise.then.bind(promise) };
};

/** `chance`, from 0 up to 1, decides what becomes of a value. Most stay as they are, now or later. */
function faulty(value: unknown, chance: number, info: GraphQLResolveInfo): unknown {
  const name = `${info.parentType.name}.${info.fieldName}`;
  const cases: readonly (readonly [number, () => unknown])[] = [
    [
      0.02,
      () => {
        throw new Error(`thrown by ${name}`);
      },
    ],
    [0.04, () => later(rejected(new Error(`rejected by ${name}`)), Math.floor(chance * 1000) % 4)],
    [0.05, () => new Error(`returned by ${name}`)],
    [0.06, () => null],
    [0.065, () => undefined],
    [
      0.07,
      () => {
        throw new GraphQLError(`located by ${name}`, { path: ['elsewhere'] });
      },
    ],
    [
      0.075,
      () => {
        // oxlint-disable-next-line typescript/only-throw-error -- resolvers may throw anything
        throw 'no error at all';
      },
    ],
    [0.08, () => (isLeafType(getNamedType(info.returnType)) ? { not: 'a leaf' } : Symbol('wrong'))],
    [0.085, () => ({ __typename: 'NoSuchType' })],
    [0.09, () => [new Error('in a list'), null, rejected(new Error('pending in a list'))]],
    [0.12, () => (Array.isArray(value) ? value.map((each, i) => later(each, i % 3)) : value)],
    [0.14, () => (Array.isArray(value) ? new Set(value) : value)],
    [0.17, () => foreign(value)],
    [0.4, () => later(value, Math.floor(chance * 1000) % 5)],
  ];
  const found = cases.find(([limit]) => chance < limit);
  return found ? found[1]() : value;
}
