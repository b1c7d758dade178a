import {
  type DocumentNode,
  type ExecutionResult,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
} from 'graphql';
import { conditionsIn } from './collect-fields.ts';
import { FieldErrors } from './field-errors.ts';
import { executeFields, executeFieldsSerially } from './fields.ts';
import type { Placeholders } from './placeholders.ts';
import { Planner } from './planner.ts';
import { ResponseSize } from './response-size.ts';
import type { Fragments, OperationScope, Run, VariableValues } from './run.ts';
import { OperationVariables } from './variables.ts';

type Variables = Readonly<Record<string, unknown>> | null | undefined;
type Result = ExecutionResult | Promise<ExecutionResult>;
type Data = Record<string, unknown>;
type Values = Pick<Run, 'variableValues' | 'argumentValues'>;
type Coerced = Values | { readonly errors: readonly GraphQLError[] };

// Combinations of conditions that are kept; applications use one or two for a document.
const MAX_PLANNERS = 4;
// A planned field takes some 500 bytes. An operation with more fields is planned again for each execution.
const MAX_KEPT_FIELDS = 1_000;

interface PlanOptions {
  readonly hideSuggestions?: boolean;
  /** The variables, if they are the same in every execution: they are coerced once. */
  readonly variables?: Variables;
}

/**
 * Executes one operation of a validated document. The plan consists of closures over nodes of the document, made once
 * and run often. No text of a document becomes program code. The answer is that of `execute` in graphql-js.
 */
export class Plan {
  private readonly scope: OperationScope;
  private readonly options: PlanOptions;
  private readonly conditions: readonly string[];
  private readonly variables: OperationVariables;
  private readonly planners = new Map<string, Planner>();
  private settled: Coerced | null = null;

  constructor(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    options: PlanOptions = {},
  ) {
    this.scope = { schema, fragments: fragmentsOf(document), operation };
    this.options = options;
    this.conditions = conditionsIn(this.scope);
    this.variables = new OperationVariables(schema, operation, options.hideSuggestions ?? false);
  }

  /**
   * Never throws or rejects: errors are in the result. Returns a promise only if a resolver is asynchronous. `size`
   * limits the response.
   */
  run(
    rootValue: unknown,
    contextValue: unknown,
    variables: Variables,
    size = new ResponseSize(Number.POSITIVE_INFINITY),
    placeholders: Placeholders | null = null,
  ): Result {
    const coerced = this.coerce(variables);
    if ('errors' in coerced) return coerced;
    const run = this.runOf(rootValue, contextValue, coerced, size, placeholders);
    try {
      const data = this.execute(run);
      if (!(data instanceof Promise)) return resultOf(run, data);
      return data.then(
        (settled) => resultOf(run, settled),
        (error) => failed(run, error),
      );
    } catch (error) {
      return failed(run, error);
    }
  }

  // Without a spread, which would be the most expensive step of a short execution.
  private runOf(
    rootValue: unknown,
    contextValue: unknown,
    { variableValues, argumentValues }: Values,
    size: ResponseSize,
    placeholders: Placeholders | null,
  ): Run {
    const { schema, fragments, operation } = this.scope;
    return {
      schema,
      fragments,
      operation,
      rootValue,
      contextValue,
      variableValues,
      argumentValues,
      errors: new FieldErrors(size),
      size,
      placeholders,
    };
  }

  private execute(run: Run): Data | Promise<Data> {
    const { schema, operation, rootValue } = run;
    const type = schema.getRootType(operation.operation);
    if (!type)
      throw new GraphQLError(`Schema is not configured to execute ${operation.operation} operation.`, {
        nodes: operation,
      });
    const selection = this.plannerFor(run.variableValues).rootSelection(type);
    if (operation.operation === OperationTypeNode.MUTATION)
      return executeFieldsSerially(run, selection, rootValue);
    return executeFields(run, selection, rootValue, undefined);
  }

  private plannerFor(variables: VariableValues): Planner {
    const key = this.conditions.length > 0 ? JSON.stringify(this.conditionsOf(variables)) : '';
    const known = this.planners.get(key);
    if (known && known.fieldCount <= MAX_KEPT_FIELDS) return known;
    if (known || this.planners.size >= MAX_PLANNERS) this.forget();
    const planner = new Planner(this.scope, this.conditionsOf(variables));
    this.planners.set(key, planner);
    return planner;
  }

  private conditionsOf(variables: VariableValues): VariableValues {
    const given = this.conditions.filter((name) => Object.hasOwn(variables, name));
    return Object.fromEntries(given.map((name) => [name, variables[name]]));
  }

  /** Removes the planned fields and their arguments. */
  private forget(): void {
    this.planners.clear();
    this.settled = null;
  }

  private coerce(variables: Variables): Coerced {
    if (variables !== this.options.variables) return this.coerceAnew(variables);
    this.settled ??= this.coerceAnew(variables);
    return this.settled;
  }

  private coerceAnew(variables: Variables): Coerced {
    const coerced = this.variables.coerce(variables ?? {});
    if ('errors' in coerced) return coerced;
    return { variableValues: coerced.values, argumentValues: new Map() };
  }
}

function fragmentsOf({ definitions }: DocumentNode): Fragments {
  const fragments = Object.create(null);
  for (const definition of definitions)
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments[definition.name.value] = definition;
  return fragments;
}

function failed(run: Run, error: unknown): ExecutionResult {
  run.errors.add(error as GraphQLError, undefined);
  return resultOf(run, null);
}

function resultOf(
  { errors: { list: errors, hasOverflowed }, size }: Run,
  data: Data | null,
): ExecutionResult {
  if (size.isExceeded) return { errors: [size.error()], data: null };
  if (hasOverflowed) return { errors, data: null };
  return errors.length === 0 ? { data } : { errors, data };
}
