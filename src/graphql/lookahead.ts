import {
  type FieldNode,
  GraphQLError,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  getArgumentValues,
  getNamedType,
  Kind,
  type SelectionSetNode,
} from 'graphql';

/**
 * Returns the arguments of a field below that of `info`, if the field is certain to be resolved next. Returns null if
 * it is not selected, is selected more than once, depends on a directive, or has invalid arguments.
 */
export function argumentsAhead(info: GraphQLResolveInfo, name: string): Record<string, unknown> | null {
  const found: FieldNode[] = [];
  for (const { selectionSet } of info.fieldNodes) collect(info, selectionSet, name, found);
  const [field] = found;
  const definition = (getNamedType(info.returnType) as GraphQLObjectType).getFields()[name];
  if (!field || !definition || found.length > 1 || field.directives?.length) return null;
  try {
    return getArgumentValues(definition, field, info.variableValues);
  } catch (error) {
    if (error instanceof GraphQLError) return null;
    throw error;
  }
}

function collect(
  info: GraphQLResolveInfo,
  selectionSet: SelectionSetNode | undefined,
  name: string,
  found: FieldNode[],
): void {
  for (const selection of selectionSet?.selections ?? []) {
    if (selection.kind === Kind.FIELD) {
      if (selection.name.value === name) found.push(selection);
    } else if (!selection.directives?.length) {
      const fragment =
        selection.kind === Kind.INLINE_FRAGMENT ? selection : info.fragments[selection.name.value];
      collect(info, fragment?.selectionSet, name, found);
    }
  }
}
