import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  type FieldNode,
  GraphQLError,
  type GraphQLSchema,
  getVariableValues,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type SourceLocation,
  visit,
} from 'graphql';
import { compileQuery, isCompiledQuery } from 'graphql-jit';

type Variables = Record<string, unknown> | null | undefined;
type Result = ExecutionResult | Promise<ExecutionResult>;

// Compiling takes a few milliseconds and saves some twenty microseconds each time.
const COMPILE_AFTER = 20;
// And it holds up everybody else: some 30 ms for that many fields, with those of fragments counted where they are used.
const COMPILED_FIELDS = 500;

interface PlanOptions {
  readonly hideSuggestions?: boolean;
  /** What it will be executed with each time. */
  readonly variables?: Variables;
}

/** How an operation is executed: by graphql-js at first, compiled once it is seen to be used. The answer is the same. */
export class Plan {
  private readonly schema: GraphQLSchema;
  private readonly document: DocumentNode;
  private readonly operation: OperationDefinitionNode;
  private readonly hideSuggestions: boolean;
  private executions = 0;
  /** What it is executed with each time, where that is known; whether it fits is judged once. */
  private readonly settled: Variables;
  private settledFits: boolean | null = null;
  private compiled: ((root: unknown, context: object, variables: Variables) => Result) | null = null;

  constructor(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    { hideSuggestions = false, variables }: PlanOptions = {},
  ) {
    this.schema = schema;
    this.document = document;
    this.operation = operation;
    this.hideSuggestions = hideSuggestions;
    this.settled = variables;
  }

  run(rootValue: unknown, contextValue: object, variables: Variables): Result {
    if (++this.executions === COMPILE_AFTER) this.compile();
    // What does not fit is said in graphql-js' words.
    if (!this.compiled || !this.fits(variables)) return this.interpret(rootValue, contextValue, variables);
    const result = this.compiled(rootValue, contextValue, variables ?? {});
    return result instanceof Promise ? result.then(this.located) : this.located(result);
  }

  private fits(variables: Variables): boolean {
    const { variableDefinitions = [] } = this.operation;
    if (variableDefinitions.length === 0) return true;
    const judge = () =>
      'coerced' in getVariableValues(this.schema, variableDefinitions, variables ?? {}, { maxErrors: 1 });
    if (!variables || variables !== this.settled) return judge();
    this.settledFits ??= judge();
    return this.settledFits;
  }

  private interpret(rootValue: unknown, contextValue: object, variables: Variables): Result {
    return execute({
      schema: this.schema,
      document: this.document,
      operationName: this.operation.name?.value,
      rootValue,
      contextValue,
      variableValues: variables,
      hideSuggestions: this.hideSuggestions,
    });
  }

  private compile(): void {
    if (fieldsIn(this.document, this.operation.selectionSet, COMPILED_FIELDS) > COMPILED_FIELDS) return;
    const made = compileQuery(this.schema, this.document, this.operation.name?.value ?? '', {
      disableLeafSerialization: false,
    });
    if (isCompiledQuery(made)) this.compiled = made.query as typeof this.compiled;
  }

  // Compiled code knows line and column, and errors are made from offsets.
  private readonly located = (result: ExecutionResult): ExecutionResult => {
    const source = this.document.loc?.source;
    if (!result.errors || !source) return result;
    const errors = result.errors.map(
      ({ message, path, locations = [], originalError }) =>
        new GraphQLError(message, {
          source,
          positions: locations.map((location) => offsetOf(source.body, location)),
          path: path ?? null,
          originalError: originalError ?? null,
        }),
    );
    return { ...result, errors };
  };
}

/** How many fields a selection has. Stops counting beyond `enough`: fragments within fragments may be very many. */
function fieldsIn(document: DocumentNode, { selections }: SelectionSetNode, enough: number): number {
  let count = 0;
  for (const selection of selections) {
    if (count > enough) break;
    if (selection.kind === Kind.FIELD) count++;
    const inner =
      selection.kind === Kind.FRAGMENT_SPREAD
        ? fragmentOf(document, selection.name.value)
        : selection.selectionSet;
    if (inner) count += fieldsIn(document, inner, enough - count);
  }
  return count;
}

function fragmentOf({ definitions }: DocumentNode, name: string): SelectionSetNode | undefined {
  for (const one of definitions)
    if (one.kind === Kind.FRAGMENT_DEFINITION && one.name.value === name) return one.selectionSet;
  return undefined;
}

/** The inverse of graphql-js' `getLocation`. */
function offsetOf(text: string, { line, column }: SourceLocation): number {
  const ends = text.matchAll(/\r\n|[\n\r]/g);
  let start = 0;
  for (let at = 1; at < line; at++) {
    const end = ends.next().value;
    start = end ? end.index + end[0].length : start;
  }
  return start + column - 1;
}

const partsOf = ({ selectionSet, directives = [] }: FieldNode) => [
  ...(selectionSet ? [selectionSet] : []),
  ...directives,
];

/**
 * The variables that decide how an item looks. Those that only say which stream it is (the arguments of the root field)
 * do not: all rooms of a client are one selection.
 */
export function lookOf(document: DocumentNode, operation: OperationDefinitionNode): ReadonlySet<string> {
  const names = new Set<string>();
  const collect = (node: object) =>
    visit(node as never, { Variable: ({ name }) => void names.add(name.value) });
  for (const selection of operation.selectionSet.selections) {
    if (selection.kind !== Kind.FIELD) collect(selection);
    else for (const part of partsOf(selection)) collect(part);
  }
  for (const definition of document.definitions)
    if (definition.kind === Kind.FRAGMENT_DEFINITION) collect(definition);
  return names;
}
