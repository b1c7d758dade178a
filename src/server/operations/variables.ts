import {
  type GraphQLError,
  type GraphQLSchema,
  getVariableValues,
  type OperationDefinitionNode,
} from 'graphql';
import { withCode } from './masking.ts';
import type { Variables } from './operation-limits.ts';
import { tooLarge } from './work-budget.ts';

/** Values in the variables of one request: scalars, objects and lists, at any depth. */
export const MAX_VARIABLE_VALUES = 2_000;
/** Above this number, one error message is enough. */
const LARGE_VALUES = 100;
const LARGE_CHARACTERS = 4_000;

interface Size {
  readonly values: number;
  /** Of texts and names. */
  readonly characters: number;
}

/**
 * Refuses variables before the operation runs. Execution would report up to fifty wrong values, each with its
 * surrounding object: with large variables these are megabytes.
 */
export function refusedVariables(
  schema: GraphQLSchema,
  { variableDefinitions = [] }: OperationDefinitionNode,
  variables: Variables,
  hideSuggestions: boolean,
): readonly GraphQLError[] | null {
  if (!variables) return null;
  const { values, characters } = sizeOf(variables);
  if (values > MAX_VARIABLE_VALUES)
    return [tooLarge(`its variables have more than ${MAX_VARIABLE_VALUES} values`)];
  if (values <= LARGE_VALUES && characters <= LARGE_CHARACTERS) return null;
  const { errors } = getVariableValues(schema, variableDefinitions, variables, {
    maxErrors: 1,
    hideSuggestions,
  });
  return errors?.slice(0, 1).map((error) => withCode(error, 'GRAPHQL_VALIDATION_FAILED')) ?? null;
}

/** Stops counting at the limit. */
function sizeOf(variables: object): Size {
  let values = 0;
  let characters = 0;
  const waiting: unknown[] = [variables];
  while (waiting.length > 0 && values <= MAX_VARIABLE_VALUES) {
    const value = waiting.pop();
    values++;
    if (typeof value === 'string') characters += value.length;
    else if (Array.isArray(value)) for (const item of value) waiting.push(item);
    else if (typeof value === 'object' && value !== null)
      for (const [name, item] of Object.entries(value)) {
        characters += name.length;
        waiting.push(item);
      }
  }
  return { values, characters };
}
