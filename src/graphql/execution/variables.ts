import {
  type GraphQLError,
  type GraphQLSchema,
  getVariableValues,
  isInputType,
  isNonNullType,
  type OperationDefinitionNode,
  typeFromAST,
  type VariableDefinitionNode,
  valueFromAST,
} from 'graphql';
import { type Coerce, InputCoercion, REFUSED } from './input-coercion.ts';
import type { VariableValues } from './run.ts';

// The same number as in graphql-js.
const MAX_ERRORS = 50;

export type GivenVariables = Readonly<Record<string, unknown>>;
export type CoercedVariables =
  | { readonly values: VariableValues }
  | { readonly errors: readonly GraphQLError[] };

interface Variable {
  readonly name: string;
  readonly coerce: Coerce;
  /** The value if none is given: `undefined` for a variable without a default, `REFUSED` for a required one. */
  readonly ifAbsent: unknown;
}

/**
 * Coerces the variables of one operation, with the result of `getVariableValues` of graphql-js. That function looks up the
 * types in each request; here it gets only what the closures refuse, and accepts it or makes the errors.
 */
export class OperationVariables {
  private readonly schema: GraphQLSchema;
  private readonly definitions: readonly VariableDefinitionNode[];
  private readonly hideSuggestions: boolean;
  private readonly variables: readonly Variable[];

  constructor(
    schema: GraphQLSchema,
    { variableDefinitions = [] }: OperationDefinitionNode,
    hideSuggestions: boolean,
  ) {
    this.schema = schema;
    this.definitions = variableDefinitions;
    this.hideSuggestions = hideSuggestions;
    const coercion = new InputCoercion();
    this.variables = variableDefinitions.map((definition) => variableOf(schema, definition, coercion));
  }

  coerce(given: GivenVariables): CoercedVariables {
    const values = this.accepted(given);
    return values ? { values } : this.coerceByLibrary(given);
  }

  private accepted(given: GivenVariables): VariableValues | null {
    const values: Record<string, unknown> = Object.create(null);
    for (const { name, coerce, ifAbsent } of this.variables) {
      const value = Object.hasOwn(given, name) ? coerce(given[name]) : ifAbsent;
      if (value === REFUSED) return null;
      if (value !== undefined) values[name] = value;
    }
    return values;
  }

  private coerceByLibrary(given: GivenVariables): CoercedVariables {
    const { schema, definitions, hideSuggestions } = this;
    const { errors, coerced } = getVariableValues(schema, definitions, given, {
      maxErrors: MAX_ERRORS,
      hideSuggestions,
    });
    return errors ? { errors } : { values: coerced };
  }
}

function variableOf(
  schema: GraphQLSchema,
  { variable, type: typeNode, defaultValue }: VariableDefinitionNode,
  coercion: InputCoercion,
): Variable {
  const name = variable.name.value;
  const type = typeFromAST(schema, typeNode as never);
  if (!isInputType(type)) return { name, coerce: () => REFUSED, ifAbsent: REFUSED };
  const ifAbsent = defaultValue ? valueFromAST(defaultValue, type) : undefined;
  return {
    name,
    coerce: coercion.of(type),
    ifAbsent: isNonNullType(type) && !defaultValue ? REFUSED : ifAbsent,
  };
}
