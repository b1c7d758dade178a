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

/** What all plans of one operation share. */
export interface OperationScope {
  readonly schema: GraphQLSchema;
  readonly fragments: Fragments;
  readonly operation: OperationDefinitionNode;
}

/** One execution of an operation. */
export interface Run extends OperationScope {
  readonly rootValue: unknown;
  readonly contextValue: unknown;
  /** Coerced: as the types of the variables say. */
  readonly variableValues: VariableValues;
  /** Arguments with variables in them, by field plan: coerced once for all objects of a list. */
  readonly argumentValues: Map<object, Record<string, unknown>>;
  readonly errors: FieldErrors;
  readonly size: ResponseSize;
  /** Present where the result goes to many viewers. */
  readonly placeholders: Placeholders | null;
}

/** Turns what a resolver returned into response data, or into a native promise of it. Throws what the field fails with. */
export type Complete = (run: Run, info: GraphQLResolveInfo, path: Path, value: unknown) => unknown;

/** Resolvers may return promises of any library; Prisma's are not native ones. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  return typeof (value as { then?: unknown }).then === 'function';
}
