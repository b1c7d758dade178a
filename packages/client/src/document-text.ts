import {
  type ArgumentNode,
  type DocumentNode,
  type FieldNode,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  type SelectionNode,
} from 'graphql';
import { ParleyError } from './errors.ts';

/** A document of an application, as it is sent. */
export interface Prepared {
  readonly kind: 'query' | 'mutation' | 'subscription';
  readonly text: string;
}

/** A subscription that can be resumed: every item tells its kind, its cursor and, if it is the last one, why. */
export interface PreparedStream {
  readonly text: string;
  /** The name of the root field in a response. */
  readonly field: string;
  /** The variable that is the argument `after`. */
  readonly cursorVariable: string;
  /** What the document itself says there. */
  readonly after: string | null;
}

/** A document as text or parsed: `documentMode` of the client preset of graphql-codegen, or `gql`. */
export type Source = DocumentNode | { toString(): string };

/** What the client needs to know of each item, by root field. */
const ADDED: Readonly<Record<string, string>> = {
  inbox: '... on RoomEvent { cursor } ... on AccountEvent { cursor }',
  room: '... on RoomEvent { cursor }',
};
const CONTROL = `__typename ... on StreamReady { cursor } ... on Heartbeat { cursor } ... on ResyncRequired { resyncReason }
  ... on StreamClosed { closeReason retryable retryAfterMs }`;
/** Where the document has no variable for the cursor. */
const OWN_VARIABLE = 'parleyAfter';

/** @throws ParleyError `GRAPHQL_PARSE_FAILED`, `BAD_REQUEST` */
export function prepare(source: Source): Prepared {
  const { operation } = operationOf(parsed(source));
  return { kind: operation, text: isParsed(source) ? print(source) : source.toString() };
}

/**
 * A subscription, with the selections that resuming needs.
 * @throws ParleyError `GRAPHQL_PARSE_FAILED`, `BAD_REQUEST`
 */
export function prepareStream(source: Source): PreparedStream {
  const document = parsed(source);
  const operation = operationOf(document);
  const root = rootOf(operation);
  const after = root.arguments?.find(({ name }) => name.value === 'after');
  const cursorVariable = after?.value.kind === Kind.VARIABLE ? after.value.name.value : OWN_VARIABLE;
  const streaming = withCursor(operation, withAdded(root), cursorVariable);
  const definitions = document.definitions.map((each) => (each === operation ? streaming : each));
  return {
    text: print({ ...document, definitions }),
    field: (root.alias ?? root.name).value,
    cursorVariable,
    after: after?.value.kind === Kind.STRING ? after.value.value : null,
  };
}

const isParsed = (source: Source): source is DocumentNode => typeof source === 'object' && 'kind' in source;

function parsed(source: Source): DocumentNode {
  if (isParsed(source)) return source;
  try {
    return parse(source.toString(), { noLocation: true });
  } catch (error) {
    throw new ParleyError('GRAPHQL_PARSE_FAILED', (error as Error).message, { cause: error });
  }
}

function operationOf({ definitions }: DocumentNode): OperationDefinitionNode {
  const operations = definitions.flatMap((each) => (each.kind === Kind.OPERATION_DEFINITION ? [each] : []));
  const [operation] = operations;
  if (operation && operations.length === 1) return operation;
  throw new ParleyError('BAD_REQUEST', 'The document needs exactly one operation.');
}

function rootOf({ operation, selectionSet }: OperationDefinitionNode): FieldNode {
  const [root] = selectionSet.selections;
  if (operation === 'subscription' && root?.kind === Kind.FIELD && root.name.value in ADDED) return root;
  throw new ParleyError('BAD_REQUEST', 'Only the subscriptions `inbox` and `room` can be followed.');
}

function selectionsOf(text: string): readonly SelectionNode[] {
  const [definition] = parse(`{ root { ${text} } }`, { noLocation: true }).definitions;
  const [root] = (definition as OperationDefinitionNode).selectionSet.selections;
  return (root as FieldNode).selectionSet?.selections ?? [];
}

function withAdded(root: FieldNode): FieldNode {
  const added = selectionsOf(`${ADDED[root.name.value]} ${CONTROL}`);
  const selections = [...(root.selectionSet?.selections ?? []), ...added];
  return { ...root, selectionSet: { kind: Kind.SELECTION_SET, selections } };
}

/** The operation with a variable as the argument `after` of its root field. */
function withCursor(
  operation: OperationDefinitionNode,
  root: FieldNode,
  variable: string,
): OperationDefinitionNode {
  const name = { kind: Kind.NAME, value: variable } as const;
  const value = { kind: Kind.VARIABLE, name } as const;
  const after: ArgumentNode = { kind: Kind.ARGUMENT, name: { kind: Kind.NAME, value: 'after' }, value };
  const others = root.arguments?.filter((each) => each.name.value !== 'after') ?? [];
  const selectionSet = {
    kind: Kind.SELECTION_SET,
    selections: [{ ...root, arguments: [...others, after] }],
  } as const;
  const { variableDefinitions = [] } = operation;
  if (variableDefinitions.some((each) => each.variable.name.value === variable))
    return { ...operation, selectionSet };
  const type = { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: 'Cursor' } } as const;
  const definition = { kind: Kind.VARIABLE_DEFINITION, variable: value, type } as const;
  return { ...operation, selectionSet, variableDefinitions: [...variableDefinitions, definition] };
}
