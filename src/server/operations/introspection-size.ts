import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getIntrospectionQuery,
  getNamedType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  parse,
  SchemaMetaFieldDef,
  type SelectionSetNode,
  TypeMetaFieldDef,
} from 'graphql';
import { memo } from '../../platform/memo.ts';
import { WorkBudget } from './work-budget.ts';

/** Maximum of introspection in one document, as a multiple of the full introspection query. */
export const MAX_INTROSPECTION = 1.25;

type Field = GraphQLField<unknown, unknown>;
type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

const roots: Readonly<Record<string, Field>> = { __schema: SchemaMetaFieldDef, __type: TypeMetaFieldDef };

export function isIntrospection({ name }: FieldNode): boolean {
  return Object.hasOwn(roots, name.value);
}

/**
 * Counts the fields that introspection returns, by walking the schema like execution. A short query over lists of lists
 * can return megabytes, depending on the size of the schema.
 */
export class IntrospectionSize {
  private readonly schema: GraphQLSchema;
  private readonly fragments: Fragments;
  private readonly budget: WorkBudget;

  constructor(schema: GraphQLSchema, fragments: Fragments, budget: WorkBudget) {
    this.schema = schema;
    this.fragments = fragments;
    this.budget = budget;
  }

  /** @throws GraphQLError OPERATION_TOO_LARGE */
  count(node: FieldNode): void {
    const field = roots[node.name.value];
    if (field) this.countAnswer(node, field, undefined);
  }

  private countAnswer(node: FieldNode, field: Field, source: unknown): void {
    if (!node.selectionSet) return;
    const answer = this.read(node, field, source);
    for (const value of Array.isArray(answer) ? answer : [answer]) {
      if (value !== null && value !== undefined) this.countSelections(node.selectionSet, field, value);
    }
  }

  private countSelections({ selections }: SelectionSetNode, parent: Field, value: unknown): void {
    const type = getNamedType(parent.type);
    for (const selection of selections) {
      this.budget.spend('introspection', 1);
      if (selection.kind === Kind.FIELD) {
        const field = isObjectType(type) ? type.getFields()[selection.name.value] : undefined;
        if (field) this.countAnswer(selection, field, value);
      } else {
        const selectionSet = this.selectionsOf(selection);
        if (selectionSet) this.countSelections(selectionSet, parent, value);
      }
    }
  }

  private selectionsOf(selection: Exclude<SelectionSetNode['selections'][number], FieldNode>) {
    return selection.kind === Kind.INLINE_FRAGMENT
      ? selection.selectionSet
      : this.fragments.get(selection.name.value)?.selectionSet;
  }

  private read(node: FieldNode, field: Field, source: unknown): unknown {
    const args = { includeDeprecated: true, name: this.typeNamed(node) };
    return field.resolve?.(source, args, undefined, { schema: this.schema } as GraphQLResolveInfo);
  }

  /** A name from a variable counts as the type with the most fields. */
  private typeNamed({ arguments: given = [] }: FieldNode): string {
    const name = given.find((argument) => argument.name.value === 'name')?.value;
    return name?.kind === Kind.STRING ? name.value : largestType(this.schema);
  }
}

const largestType = memo((schema: GraphQLSchema): string => {
  const types = Object.values(schema.getTypeMap()).filter(isObjectType);
  const sizeOf = (type: (typeof types)[number]) => Object.keys(type.getFields()).length;
  return types.reduce((largest, type) => (sizeOf(type) > sizeOf(largest) ? type : largest)).name;
});

/** Maximum of fields that the introspection of one document may return. */
export const introspectionLimit = memo((schema: GraphQLSchema): number => {
  const document = parse(
    getIntrospectionQuery({
      descriptions: true,
      specifiedByUrl: true,
      directiveIsRepeatable: true,
      schemaDescription: true,
      inputValueDeprecation: true,
      oneOf: true,
      experimentalDirectiveDeprecation: true,
    }),
  );
  const budget = new WorkBudget(Number.POSITIVE_INFINITY);
  const [operation, ...others] = document.definitions as [
    OperationDefinitionNode,
    ...FragmentDefinitionNode[],
  ];
  const fragments = new Map(others.map((fragment) => [fragment.name.value, fragment]));
  const size = new IntrospectionSize(schema, fragments, budget);
  for (const node of operation.selectionSet.selections as readonly FieldNode[]) size.count(node);
  return Math.ceil(budget.spent.introspection * MAX_INTROSPECTION);
});
