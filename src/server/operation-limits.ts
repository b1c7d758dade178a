import {
  type ArgumentNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isInterfaceType,
  isLeafType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql';
import type { Settings } from '../config.ts';

export type LimitSettings = Pick<
  Settings,
  'MAX_DEPTH' | 'MAX_ALIASES' | 'MAX_ROOT_FIELDS' | 'MAX_COST' | 'INTROSPECTION'
>;

/** What the walk through one operation found out, besides refusals. */
export interface Measured {
  readonly errors: readonly GraphQLError[];
  /** At most this many fields, lists at their longest. */
  readonly cost: number;
  /** It selects `Viewer.inboxCursor` or `Room.cursor`: its position must be taken before anything is read. */
  readonly asksForPosition: boolean;
  /** Page sizes come from variables, so the cost differs from one request to the next. */
  readonly dependsOnVariables: boolean;
}

export type Variables = Readonly<Record<string, unknown>> | null | undefined;

const DEFAULT_PAGE = 20;
const MAX_PAGE = 100;

// Two fields with one response name are compared with each other, and so are their sub-selections: what validation
// costs grows with the squares. Measured: 10,000 comparisons take some 10 ms. Ordinary documents have a few hundred.
const MAX_COMPARISONS = 10_000;
// Fragments without fields of their own cost nothing else.
const MAX_STEPS = 20_000;
// Those that nothing uses, or that use each other in circles, are validated too: 400 took 100 ms.
const MAX_FRAGMENTS = 150;

interface Walk {
  readonly schema: GraphQLSchema;
  readonly settings: LimitSettings;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly operation: OperationDefinitionNode;
  readonly variables: Variables;
  readonly namesSeen: Map<string, number>;
  aliases: number;
  rootFields: number;
  steps: number;
  comparisons: number;
  asksForPosition: boolean;
  dependsOnVariables: boolean;
  readonly errors: GraphQLError[];
}

/** Where in the operation the walk is. */
interface Place {
  readonly type: GraphQLNamedType | undefined;
  /** Response names from the root. */
  readonly path: string;
  readonly depth: number;
  readonly isIntrospection: boolean;
  /** Fragments around this place, to notice one inside itself. */
  readonly spreads: readonly string[];
}

/** Why an operation is too large to be looked at further. */
export function tooLarge(what: string, operation?: OperationDefinitionNode): GraphQLError {
  const message = `The operation is too large: ${what}.`;
  return new GraphQLError(message, { nodes: operation ?? null, extensions: { code: 'OPERATION_TOO_LARGE' } });
}

/**
 * Walks one operation with its fragments in place, before it is validated: validating is where hostile documents are
 * expensive. Counts depth, aliases, root fields and cost, and gives up at the first limit passed. What the schema
 * does not know counts as one field; validation says what is wrong with it.
 */
export function measure(
  schema: GraphQLSchema,
  settings: LimitSettings,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Variables,
): Measured {
  const walk: Walk = {
    schema,
    settings,
    fragments: fragmentsOf(document),
    operation,
    variables,
    namesSeen: new Map(),
    aliases: 0,
    rootFields: 0,
    steps: 0,
    comparisons: 0,
    asksForPosition: false,
    dependsOnVariables: false,
    errors: [],
  };
  let cost = 0;
  try {
    if (walk.fragments.size > MAX_FRAGMENTS)
      throw tooLarge(`it has more than ${MAX_FRAGMENTS} fragments`, operation);
    const root = schema.getRootType(operation.operation) ?? undefined;
    cost = costOf(walk, operation.selectionSet, {
      type: root,
      path: '',
      depth: 0,
      isIntrospection: false,
      spreads: [],
    });
    if (cost > settings.MAX_COST)
      throw tooLarge(`it costs ${cost}, at most ${settings.MAX_COST} are allowed`, operation);
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    walk.errors.unshift(error);
  }
  const { errors, asksForPosition, dependsOnVariables } = walk;
  return { errors, cost, asksForPosition, dependsOnVariables };
}

function fragmentsOf(document: DocumentNode): Map<string, FragmentDefinitionNode> {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  return fragments;
}

function costOf(walk: Walk, selections: SelectionSetNode, place: Place): number {
  let cost = 0;
  let spreads = 0;
  // Of several types that a thing may have, it has one: the dearest counts.
  const alternatives = new Map<unknown, number>();
  const add = (type: unknown, more: number) => {
    if (type === place.type || !isObjectType(type)) cost += more;
    else alternatives.set(type, (alternatives.get(type) ?? 0) + more);
  };
  for (const selection of selections.selections) {
    if (++walk.steps > MAX_STEPS) throw tooLarge('its fragments unfold to too many fields', walk.operation);
    if (selection.kind === Kind.FIELD) cost += costOfField(walk, selection, place);
    else if (selection.kind === Kind.INLINE_FRAGMENT) {
      const type = selection.typeCondition
        ? walk.schema.getType(selection.typeCondition.name.value)
        : place.type;
      add(type, costOf(walk, selection.selectionSet, { ...place, type }));
    } else {
      compare(walk, spreads++);
      add(typeOfSpread(walk, selection.name.value), costOfSpread(walk, selection.name.value, place));
    }
    if (cost > walk.settings.MAX_COST * MAX_PAGE) break; // Enough to refuse; keeps the number small.
  }
  return cost + Math.max(0, ...alternatives.values());
}

function typeOfSpread(walk: Walk, name: string) {
  const fragment = walk.fragments.get(name);
  return fragment && walk.schema.getType(fragment.typeCondition.name.value);
}

function costOfSpread(walk: Walk, name: string, place: Place): number {
  const fragment = walk.fragments.get(name);
  // Unknown or inside itself: validation refuses it.
  if (!fragment || place.spreads.includes(name)) return 0;
  const type = typeOfSpread(walk, name);
  return costOf(walk, fragment.selectionSet, { ...place, type, spreads: [...place.spreads, name] });
}

function costOfField(walk: Walk, node: FieldNode, place: Place): number {
  const name = node.name.value;
  const isIntrospection = place.isIntrospection || name === '__schema' || name === '__type';
  const field = fieldOf(place.type, name);
  const path = `${place.path}.${node.alias?.value ?? name}`;
  count(walk, node, path, place, isIntrospection);
  note(walk, node, field, place);
  if (!node.selectionSet) return isIntrospection ? 0 : 1;
  const type = field && getNamedType(field.type);
  const inner = costOf(walk, node.selectionSet, {
    type,
    path,
    depth: place.depth + 1,
    isIntrospection,
    spreads: place.spreads,
  });
  return isIntrospection ? 0 : 1 + inner * (field ? sizeOf(walk, node, field, place.type) : 1);
}

function count(walk: Walk, node: FieldNode, path: string, place: Place, isIntrospection: boolean): void {
  const { MAX_ALIASES, MAX_ROOT_FIELDS, MAX_DEPTH, INTROSPECTION } = walk.settings;
  if (node.alias && ++walk.aliases > MAX_ALIASES)
    throw tooLarge(`it has more than ${MAX_ALIASES} aliases`, walk.operation);
  if (place.depth === 0 && ++walk.rootFields > MAX_ROOT_FIELDS)
    throw tooLarge(`it has more than ${MAX_ROOT_FIELDS} root fields`, walk.operation);
  if (!isIntrospection && place.depth >= MAX_DEPTH)
    throw tooLarge(`it is more than ${MAX_DEPTH} levels deep`, walk.operation);
  if (isIntrospection && !INTROSPECTION && place.depth === 0)
    walk.errors.push(invalid('Introspection is switched off.', node));
  const same = (walk.namesSeen.get(path) ?? 0) + 1;
  walk.namesSeen.set(path, same);
  compare(walk, same - 1);
}

/** One more that validation will compare with so many like it. */
function compare(walk: Walk, others: number): void {
  walk.comparisons += others;
  if (walk.comparisons > MAX_COMPARISONS)
    throw tooLarge('it repeats the same fields too often', walk.operation);
}

function note(
  walk: Walk,
  node: FieldNode,
  field: GraphQLField<unknown, unknown> | undefined,
  place: Place,
): void {
  if (!field) return;
  const { name } = field;
  const owner = place.type?.name;
  if ((owner === 'Viewer' && name === 'inboxCursor') || (owner === 'Room' && name === 'cursor'))
    walk.asksForPosition = true;
  const isEvent = walk.operation.operation === 'subscription' && place.depth > 0;
  if (isEvent && getNamedType(field.type).name.endsWith('Connection')) {
    walk.errors.push(
      invalid(`${owner}.${name}: connections cannot be selected in an event; fetch them with a query.`, node),
    );
  }
}

function invalid(message: string, node: FieldNode): GraphQLError {
  return new GraphQLError(message, { nodes: node, extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } });
}

function fieldOf(
  type: GraphQLNamedType | undefined,
  name: string,
): GraphQLField<unknown, unknown> | undefined {
  return isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined;
}

// -- sizes of lists ----------------------------------------------------------------------------

/** How often what is below a field is answered at most. */
function sizeOf(
  walk: Walk,
  node: FieldNode,
  field: GraphQLField<unknown, unknown>,
  owner: GraphQLNamedType | undefined,
): number {
  if (getNamedType(field.type).name.endsWith('Connection')) return pageSize(walk, node.arguments ?? []);
  // The lists of a connection are its page, which the connection itself has counted.
  if (!isList(field) || owner?.name.endsWith('Connection')) return 1;
  return listArgument(walk, node, field) ?? DEFAULT_PAGE;
}

function isList(field: GraphQLField<unknown, unknown>): boolean {
  return isListType(getNullableType(field.type)) && !isLeafType(getNamedType(field.type));
}

function pageSize(walk: Walk, given: readonly ArgumentNode[]): number {
  const sizes = given
    .filter(({ name }) => name.value === 'first' || name.value === 'last')
    .map(({ value }) => read(walk, value));
  const numbers = sizes.filter((size) => size !== undefined && size !== null);
  if (numbers.length === 0) return DEFAULT_PAGE;
  // Around an anchor both sides are given. What is no page size is refused later; until then it counts as the largest.
  return numbers.reduce<number>(
    (sum, size) => sum + (typeof size === 'number' && size >= 0 ? Math.min(size, MAX_PAGE) : MAX_PAGE),
    0,
  );
}

/** `nodes(ids: [...])` answers as many as were asked for. */
function listArgument(
  walk: Walk,
  node: FieldNode,
  field: GraphQLField<unknown, unknown>,
): number | undefined {
  for (const { name, value } of node.arguments ?? []) {
    const argument = field.args.find((each) => each.name === name.value);
    if (!argument || !isListType(getNullableType(argument.type))) continue;
    const list = read(walk, value);
    return Array.isArray(list) ? list.length : 1;
  }
  return undefined;
}

/** The value of an argument as far as sizes are concerned: numbers, lists by their length, null. */
function read(walk: Walk, node: ValueNode): unknown {
  if (node.kind === Kind.INT) return Number(node.value);
  if (node.kind === Kind.LIST) return node.values;
  if (node.kind === Kind.NULL) return null;
  if (node.kind !== Kind.VARIABLE) return Number.NaN;
  walk.dependsOnVariables = true;
  const name = node.name.value;
  const given = walk.variables && Object.hasOwn(walk.variables, name) ? walk.variables[name] : undefined;
  if (given !== undefined) return given;
  const fallback = walk.operation.variableDefinitions?.find(
    ({ variable }) => variable.name.value === name,
  )?.defaultValue;
  return fallback && read(walk, fallback);
}
