import { readFileSync } from 'node:fs';
import {
  buildSchema,
  type FieldNode,
  type GraphQLCompositeType,
  getNamedType,
  getNullableType,
  isAbstractType,
  isCompositeType,
  isListType,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  type SelectionNode,
  type SelectionSetNode,
  TypeInfo,
  valueFromASTUntyped,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import type { ConcreteRequest } from 'relay-runtime';

// What relay-compiler makes of a document without fragments of its own, so that tests need no compiler.

const schema = buildSchema(readFileSync('schema.graphql', 'utf8'));

const field = (name: string, alias?: string): FieldNode => ({
  kind: Kind.FIELD,
  name: { kind: Kind.NAME, value: name },
  ...(alias !== undefined && { alias: { kind: Kind.NAME, value: alias } }),
});

/** With `id` of all objects, and the types of all objects that may be several. */
function complete(document: OperationDefinitionNode): OperationDefinitionNode {
  const types = new TypeInfo(schema);
  const visitor = {
    SelectionSet: {
      leave(node: SelectionSetNode, _key: unknown, parent: unknown) {
        const type = types.getParentType();
        const added: SelectionNode[] = [];
        if (type && 'getFields' in type && type.getFields()['id']) added.push(field('id'));
        if (type && isAbstractType(type)) added.push(field('__typename'));
        const isFragment = (parent as { kind?: string }).kind === Kind.INLINE_FRAGMENT;
        if (isFragment && type && isAbstractType(type)) added.push(field('__typename', `__is${type.name}`));
        return { ...node, selections: [...node.selections, ...added] };
      },
    },
  };
  return visit(document, visitWithTypeInfo(types, visitor));
}

function argumentOf({ name, value }: NonNullable<FieldNode['arguments']>[number]) {
  return value.kind === Kind.VARIABLE
    ? { kind: 'Variable', name: name.value, variableName: value.name.value }
    : { kind: 'Literal', name: name.value, value: valueFromASTUntyped(value) };
}

function selectionOf(parent: GraphQLCompositeType, node: SelectionNode): object {
  if (node.kind === Kind.INLINE_FRAGMENT) {
    const type = schema.getType(node.typeCondition?.name.value ?? '') as GraphQLCompositeType;
    const abstractKey = isAbstractType(type) ? `__is${type.name}` : null;
    const selections = selectionsOf(type, node.selectionSet);
    const discriminator = abstractKey ? [{ kind: 'TypeDiscriminator', abstractKey }] : [];
    return {
      kind: 'InlineFragment',
      type: type.name,
      abstractKey,
      selections: [...selections, ...discriminator],
    };
  }
  const { name, alias, arguments: args = [], selectionSet } = node as FieldNode;
  const common = {
    alias: alias?.value ?? null,
    args: args.length > 0 ? args.map(argumentOf) : null,
    name: name.value,
    storageKey: null,
  };
  if (!selectionSet) return { kind: 'ScalarField', ...common };
  const declared = 'getFields' in parent ? parent.getFields()[name.value]?.type : undefined;
  const type = getNamedType(declared);
  if (!declared || !isCompositeType(type)) throw new Error(`${parent.name}.${name.value} has no fields.`);
  return {
    kind: 'LinkedField',
    ...common,
    concreteType: isAbstractType(type) ? null : type.name,
    plural: isListType(getNullableType(declared)),
    selections: selectionsOf(type, selectionSet),
  };
}

const selectionsOf = (type: GraphQLCompositeType, { selections }: SelectionSetNode): object[] =>
  selections
    .filter((each) => !(each.kind === Kind.FIELD && each.alias?.value.startsWith('__is')))
    .map((each) => selectionOf(type, each));

interface Selection {
  readonly kind?: string;
  readonly selections?: readonly Selection[];
}

/** Only responses tell which objects have an abstract type; reading does not. */
const forReading = (selections: readonly Selection[]): Selection[] =>
  selections
    .filter(({ kind }) => kind !== 'TypeDiscriminator')
    .map((each) => (each.selections ? { ...each, selections: forReading(each.selections) } : each));

/** The artifact of one operation. */
export function compile(source: string): ConcreteRequest {
  const operation = complete(parse(source).definitions[0] as OperationDefinitionNode);
  const root = schema.getRootType(operation.operation);
  if (!root) throw new Error(`There is no ${operation.operation}.`);
  const name = operation.name?.value ?? '';
  const argumentDefinitions = (operation.variableDefinitions ?? []).map(({ variable }) => ({
    kind: 'LocalArgument',
    name: variable.name.value,
    defaultValue: null,
  }));
  const selections = selectionsOf(root, operation.selectionSet);
  const artifact = {
    kind: 'Request',
    fragment: {
      kind: 'Fragment',
      name,
      type: root.name,
      metadata: null,
      argumentDefinitions,
      selections: forReading(selections),
    },
    operation: { kind: 'Operation', name, argumentDefinitions, selections },
    params: {
      id: null,
      cacheID: name,
      metadata: {},
      name,
      operationKind: operation.operation,
      text: print(operation),
    },
  };
  return artifact as unknown as ConcreteRequest;
}
