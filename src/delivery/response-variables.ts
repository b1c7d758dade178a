import { type DocumentNode, type FieldNode, Kind, type OperationDefinitionNode, visit } from 'graphql';

const partsOf = ({ selectionSet, directives = [] }: FieldNode) => [
  ...(selectionSet ? [selectionSet] : []),
  ...directives,
];

/**
 * Returns the names of the variables that affect the text of an item. Arguments of the root field only choose the
 * stream, so the rooms of one client share an execution.
 */
export function responseVariables(
  document: DocumentNode,
  operation: OperationDefinitionNode,
): ReadonlySet<string> {
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
