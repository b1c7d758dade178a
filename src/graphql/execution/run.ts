import type {
  FragmentDefinitionNode,
  GraphQLResolveInfo,
  GraphQLSchema,
  OperationDefinitionNode,
} from 'graphql';
import type { FieldErrors, Path } from './field-errors.ts';
import type { Placeholders } from './placeholders.ts';
import type { ResponseSize } from './response-size.ts';

export type Fragments = Readonly<Record<string, FragmentDefinitionNode>>;
export type VariableValues = Readonly<Record<string, unknown>>;

/** The common data of all plans of one operation. */
export interface OperationScope {
  readonly schema: GraphQLSchema;
  readonly fragments: Fragments;
  readonly operation: OperationDefinitionNode;
}

/** One execution of an operation. */
export interface Run extends OperationScope {
  readonly rootValue: unknown;
  readonly contextValue: unknown;
  /** Coerced to the types of the variables. */
  readonly variableValues: VariableValues;
  /** Arguments with variables in them, by field plan: coerced once for all objects of a list. */
  readonly argumentValues: Map<object, Record<string, unknown>>;
  readonly errors: FieldErrors;
  readonly size: ResponseSize;
  /** Present if the result goes to many viewers. */
  readonly placeholders: Placeholders | null;
}

/** Converts the result of a resolver to response data, or to a native promise of it. Throws if the field fails. */
export type Complete = (run: Run, info: GraphQLResolveInfo, path: Path, value: unknown) => unknown;

/** Resolvers may return promises of any library; those of Prisma are not native. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  return typeof (value as { then?: unknown }).then === 'function';
}
