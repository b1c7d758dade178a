import {
  defaultFieldResolver,
  type FieldNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  getArgumentValues,
  isAbstractType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
  TypeNameMetaFieldDef,
  type ValueNode,
} from 'graphql';
import { FieldCollector, type FieldGroups } from './collect-fields.ts';
import { abstract, leaf, list, nonNull, nullable, object } from './complete.ts';
import { type FieldPlan, SelectionPlan } from './fields.ts';
import { forViewerOf } from './placeholders.ts';
import type { Complete, OperationScope, VariableValues } from './run.ts';

type Field = GraphQLField<unknown, unknown>;

/** Plans the fields of an operation for one combination of its conditions, each type at its first occurrence. */
export class Planner {
  /** The number of planned fields, which determines the memory. */
  fieldCount = 0;
  private readonly scope: OperationScope;
  private readonly conditions: VariableValues;
  private readonly selections = new Map<string, SelectionPlan>();
  private readonly numbers = new Map<FieldNode, number>();
  private root: SelectionPlan | null = null;

  /** `conditions`: the values of the variables in `@skip` and `@include`. */
  constructor(scope: OperationScope, conditions: VariableValues) {
    this.scope = scope;
    this.conditions = conditions;
  }

  /** @throws GraphQLError if the argument of a directive is null */
  rootSelection(type: GraphQLObjectType): SelectionPlan {
    this.root ??= this.planSelection(type, this.collector(type).collect([this.scope.operation.selectionSet]));
    return this.root;
  }

  /** Returns the plan of an object type for these nodes. The same nodes occur at many paths of a response. */
  private selectionOf(type: GraphQLObjectType, nodes: readonly FieldNode[]): SelectionPlan {
    const key = `${type.name} ${nodes.map((node) => this.numberOf(node)).join()}`;
    const known = this.selections.get(key);
    if (known) return known;
    const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    const planned = this.planSelection(type, this.collector(type).collect(sets));
    this.selections.set(key, planned);
    return planned;
  }

  private numberOf(node: FieldNode): number {
    const number = this.numbers.get(node) ?? this.numbers.size;
    this.numbers.set(node, number);
    return number;
  }

  private collector(type: GraphQLObjectType): FieldCollector {
    return new FieldCollector(this.scope, this.conditions, type);
  }

  private planSelection(type: GraphQLObjectType, groups: FieldGroups): SelectionPlan {
    const fields = [...groups].flatMap(([key, nodes]) => this.planField(type, key, nodes) ?? []);
    this.fieldCount += fields.length;
    return new SelectionPlan(fields);
  }

  /**
   * Returns null if the type has no such field: it is omitted, as in graphql-js for documents that were not validated.
   */
  private planField(
    parentType: GraphQLObjectType,
    responseKey: string,
    fieldNodes: readonly FieldNode[],
  ): FieldPlan | null {
    const [node] = fieldNodes;
    const field = node && this.fieldOf(parentType, node.name.value);
    if (!field) return null;
    return {
      responseKey,
      fieldName: field.name,
      fieldNodes,
      parentType,
      returnType: field.type,
      isNonNull: isNonNullType(field.type),
      resolve: field.resolve ?? defaultFieldResolver,
      forViewer: forViewerOf(field),
      argumentsOf: planArguments(field, node),
      complete: this.completionOf(field.type, fieldNodes),
    };
  }

  private fieldOf(type: GraphQLObjectType, name: string): Field | undefined {
    const isQuery = type === this.scope.schema.getQueryType();
    if (isQuery && name === SchemaMetaFieldDef.name) return SchemaMetaFieldDef;
    if (isQuery && name === TypeMetaFieldDef.name) return TypeMetaFieldDef;
    if (name === TypeNameMetaFieldDef.name) return TypeNameMetaFieldDef;
    return type.getFields()[name];
  }

  private completionOf(type: GraphQLOutputType, nodes: readonly FieldNode[]): Complete {
    if (isNonNullType(type)) return nonNull(this.valueCompletionOf(type.ofType, nodes));
    return nullable(this.valueCompletionOf(type, nodes));
  }

  /** Completes values that are not null. */
  private valueCompletionOf(type: GraphQLOutputType, nodes: readonly FieldNode[]): Complete {
    if (isListType(type)) return list(this.completionOf(type.ofType, nodes), isNonNullType(type.ofType));
    if (isAbstractType(type)) return abstract(type, (actual) => this.objectCompletionOf(actual, nodes));
    if (isObjectType(type)) return this.objectCompletionOf(type, nodes);
    return leaf(type as never);
  }

  private objectCompletionOf(type: GraphQLObjectType, nodes: readonly FieldNode[]): Complete {
    let selection: SelectionPlan | null = null;
    return object(type, () => {
      selection ??= this.selectionOf(type, nodes);
      return selection;
    });
  }
}

const NO_ARGUMENTS: Record<string, unknown> = Object.freeze({});

/**
 * The arguments of a field, coerced once for all calls that share them. They are frozen, so that no call changes them.
 */
function planArguments(field: Field, node: FieldNode): FieldPlan['argumentsOf'] {
  if (field.args.length === 0) return () => NO_ARGUMENTS;
  if (node.arguments?.some(({ value }) => hasVariable(value))) return argumentsOfRun(field, node);
  try {
    const values = frozen(getArgumentValues(field, node, {}));
    return () => values;
  } catch {
    return argumentsOfRun(field, node); // it throws again when the field is executed, with the path
  }
}

function argumentsOfRun(field: Field, node: FieldNode): FieldPlan['argumentsOf'] {
  const key = {};
  return ({ argumentValues, variableValues }) => {
    const known = argumentValues.get(key);
    if (known) return known;
    const values = frozen(getArgumentValues(field, node, variableValues));
    argumentValues.set(key, values);
    return values;
  };
}

function hasVariable(value: ValueNode): boolean {
  if (value.kind === Kind.LIST) return value.values.some(hasVariable);
  if (value.kind === Kind.OBJECT) return value.fields.some((field) => hasVariable(field.value));
  return value.kind === Kind.VARIABLE;
}

function frozen<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  for (const inner of Object.values(value)) frozen(inner);
  return Object.freeze(value);
}
