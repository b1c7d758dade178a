import {
  type DirectiveNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLIncludeDirective,
  type GraphQLObjectType,
  GraphQLSkipDirective,
  getDirectiveValues,
  type InlineFragmentNode,
  isAbstractType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
  typeFromAST,
} from 'graphql';
import type { OperationScope, VariableValues } from './run.ts';

/** The nodes that select each field of an object, by response key, in the order of the response. */
export type FieldGroups = ReadonlyMap<string, readonly FieldNode[]>;

/** Merges the fields of several selection sets for an object type, as CollectFields of the specification. */
export class FieldCollector {
  private readonly scope: OperationScope;
  private readonly variables: VariableValues;
  private readonly type: GraphQLObjectType;
  private readonly spread = new Set<string>();
  private readonly groups = new Map<string, FieldNode[]>();

  constructor(scope: OperationScope, variables: VariableValues, type: GraphQLObjectType) {
    this.scope = scope;
    this.variables = variables;
    this.type = type;
  }

  /** @throws GraphQLError if the argument of a directive is null */
  collect(sets: readonly SelectionSetNode[]): FieldGroups {
    for (const set of sets) this.add(set);
    return this.groups;
  }

  private add({ selections }: SelectionSetNode): void {
    for (const selection of selections) {
      if (selection.kind === Kind.FRAGMENT_SPREAD && this.spread.has(selection.name.value)) continue;
      if (!this.isIncluded(selection)) continue;
      if (selection.kind === Kind.FIELD) this.addField(selection);
      else if (selection.kind === Kind.INLINE_FRAGMENT) this.addFragment(selection);
      else this.addSpread(selection.name.value);
    }
  }

  private addField(node: FieldNode): void {
    const key = (node.alias ?? node.name).value;
    const group = this.groups.get(key);
    if (group) group.push(node);
    else this.groups.set(key, [node]);
  }

  private addSpread(name: string): void {
    this.spread.add(name);
    const fragment = this.scope.fragments[name];
    if (fragment) this.addFragment(fragment);
  }

  private addFragment({ typeCondition, selectionSet }: InlineFragmentNode | FragmentDefinitionNode): void {
    const condition = typeCondition && typeFromAST(this.scope.schema, typeCondition);
    const fits =
      !condition ||
      condition === this.type ||
      (isAbstractType(condition) && this.scope.schema.isSubType(condition, this.type));
    if (fits) this.add(selectionSet);
  }

  private isIncluded(node: SelectionNode): boolean {
    if (!node.directives?.length) return true;
    if (getDirectiveValues(GraphQLSkipDirective, node, this.variables)?.['if'] === true) return false;
    return getDirectiveValues(GraphQLIncludeDirective, node, this.variables)?.['if'] !== false;
  }
}

/** Returns the names of the variables in `@skip` and `@include`. */
export function conditionsIn({ operation, fragments }: OperationScope): readonly string[] {
  const names = new Set<string>();
  const walk = ({ selections }: SelectionSetNode) => {
    for (const selection of selections) {
      for (const directive of selection.directives ?? []) addCondition(directive, names);
      if (selection.kind !== Kind.FRAGMENT_SPREAD && selection.selectionSet) walk(selection.selectionSet);
    }
  };
  walk(operation.selectionSet);
  for (const fragment of Object.values(fragments)) walk(fragment.selectionSet);
  return [...names];
}

function addCondition({ name, arguments: args = [] }: DirectiveNode, names: Set<string>): void {
  if (name.value !== 'skip' && name.value !== 'include') return;
  for (const { value } of args) if (value.kind === Kind.VARIABLE) names.add(value.name.value);
}
