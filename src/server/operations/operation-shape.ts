import {
  type FieldNode,
  type FragmentDefinitionNode,
  type FragmentSpreadNode,
  GraphQLError,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { isConnection, isList, pointsOf, pricingOf } from '../../graphql/pricing.ts';
import { countsUnread } from '../../graphql/unread-fields.ts';
import { isIntrospection } from './introspection-size.ts';
import { ListSizes, type Variables } from './list-sizes.ts';

/** A field in an operation, for an error message about it. */
export interface SelectedField {
  readonly node: FieldNode;
  readonly kind: 'connection' | 'list' | 'field';
  /** `Type.field` */
  readonly name: string;
}

/** The measurements of a selection set, wherever it is used. */
export interface Shape {
  /** Points: the prices of its fields, multiplied by the sizes of the lists around them. */
  cost: number;
  /** Levels of fields; introspection does not count. */
  depth: number;
  /** The number of fields on the first level, with fragments unfolded. */
  fields: number;
  aliases: number;
  /** The number of selections on all levels, with fragments unfolded. */
  visits: number;
  /** It selects `Viewer.inboxCursor` or `Room.cursor`. */
  asksForPosition: boolean;
  /** It selects numbers of unread messages. */
  asksForUnread: boolean;
  /** The sizes of its lists come from variables. */
  dependsOnVariables: boolean;
  readonly introspection: Set<FieldNode>;
  /** The first selected field that no event may contain. */
  fieldOutsideEvents: SelectedField | null;
}

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

/** The shared data of the walks through one document. */
interface KnownShapes {
  /** Fragments whose cost does not depend on variables. */
  readonly constant: Map<string, Shape>;
  readonly measured: Set<string>;
}

const positions = new Set(['Viewer.inboxCursor', 'Room.cursor']);

const emptyShape = (): Shape => ({
  cost: 0,
  depth: 0,
  fields: 0,
  aliases: 0,
  visits: 0,
  asksForPosition: false,
  asksForUnread: false,
  dependsOnVariables: false,
  introspection: new Set(),
  fieldOutsideEvents: null,
});

/** Adds everything except the values that depend on the level: cost, depth and fields. */
function merge(into: Shape, part: Shape): void {
  into.aliases += part.aliases;
  into.visits += part.visits;
  into.asksForPosition ||= part.asksForPosition;
  into.asksForUnread ||= part.asksForUnread;
  into.dependsOnVariables ||= part.dependsOnVariables;
  into.fieldOutsideEvents ??= part.fieldOutsideEvents;
  for (const node of part.introspection) into.introspection.add(node);
}

/**
 * Measures selection sets without unfolding fragments: each fragment is measured once, so the work is linear in the
 * length of the document. Unknown fields count as one field; validation refuses them.
 */
export class Shapes {
  private readonly schema: GraphQLSchema;
  private readonly fragments: Fragments;
  private readonly known: KnownShapes = { constant: new Map(), measured: new Set() };

  constructor(schema: GraphQLSchema, fragments: Fragments) {
    this.schema = schema;
    this.fragments = fragments;
  }

  /** Whether a measured operation or fragment uses this one. */
  isMeasured(fragment: string): boolean {
    return this.known.measured.has(fragment);
  }

  /** @throws GraphQLError if a fragment contains itself */
  ofOperation(node: OperationDefinitionNode, variables: Variables): Shape {
    const root = this.schema.getRootType(node.operation) ?? undefined;
    return this.walk(new ListSizes(node, variables)).ofSelections(node.selectionSet, root);
  }

  /** @throws GraphQLError if a fragment contains itself */
  ofFragment(name: string): Shape {
    return this.walk(new ListSizes(null, null)).ofFragment(name);
  }

  private walk(sizes: ListSizes): Walk {
    return new Walk(this.schema, this.fragments, sizes, this.known);
  }
}

/** One walk, with the sizes of one operation and its variables. */
class Walk {
  private readonly schema: GraphQLSchema;
  private readonly fragments: Fragments;
  private readonly sizes: ListSizes;
  private readonly known: KnownShapes;
  private readonly variable = new Map<string, Shape>();
  private readonly open = new Set<string>();

  constructor(schema: GraphQLSchema, fragments: Fragments, sizes: ListSizes, known: KnownShapes) {
    this.schema = schema;
    this.fragments = fragments;
    this.sizes = sizes;
    this.known = known;
  }

  ofSelections({ selections }: SelectionSetNode, type: GraphQLNamedType | undefined): Shape {
    const shape = emptyShape();
    // An object has one of several types: of fragments on different types, the most expensive one counts.
    const alternatives = new Map<GraphQLNamedType, number>();
    for (const selection of selections) {
      shape.visits++;
      if (selection.kind === Kind.FIELD) {
        this.addField(shape, selection, type);
        continue;
      }
      const condition = this.conditionOf(selection) ?? type;
      const part =
        selection.kind === Kind.INLINE_FRAGMENT
          ? this.ofSelections(selection.selectionSet, condition)
          : this.ofSpread(selection);
      merge(shape, part);
      shape.depth = Math.max(shape.depth, part.depth);
      shape.fields += part.fields;
      if (condition === type || !isObjectType(condition)) shape.cost += part.cost;
      else alternatives.set(condition, (alternatives.get(condition) ?? 0) + part.cost);
    }
    shape.cost += Math.max(0, ...alternatives.values());
    return shape;
  }

  ofFragment(name: string): Shape {
    const known = this.known.constant.get(name) ?? this.variable.get(name);
    if (known) return known;
    const fragment = this.fragments.get(name);
    if (!fragment) return emptyShape();
    this.known.measured.add(name);
    this.open.add(name);
    const shape = this.ofSelections(fragment.selectionSet, this.typeNamed(fragment.typeCondition.name.value));
    this.open.delete(name);
    (shape.dependsOnVariables ? this.variable : this.known.constant).set(name, shape);
    return shape;
  }

  private ofSpread(spread: FragmentSpreadNode): Shape {
    const name = spread.name.value;
    if (this.open.has(name)) throw containsItself(spread);
    return this.ofFragment(name);
  }

  private conditionOf(
    selection: Exclude<SelectionSetNode['selections'][number], FieldNode>,
  ): GraphQLNamedType | undefined {
    const condition =
      selection.kind === Kind.INLINE_FRAGMENT
        ? selection.typeCondition
        : this.fragments.get(selection.name.value)?.typeCondition;
    return condition && this.typeNamed(condition.name.value);
  }

  private typeNamed(name: string): GraphQLNamedType | undefined {
    return this.schema.getType(name);
  }

  private addField(shape: Shape, node: FieldNode, owner: GraphQLNamedType | undefined): void {
    shape.fields++;
    if (node.alias) shape.aliases++;
    if (isIntrospection(node)) return this.addIntrospection(shape, node);
    const field = fieldOf(owner, node.name.value);
    const inner =
      node.selectionSet && this.ofSelections(node.selectionSet, field && getNamedType(field.type));
    if (field && owner) this.note(shape, node, field, owner);
    shape.depth = Math.max(shape.depth, 1 + (inner?.depth ?? 0));
    shape.cost += field ? pointsOf(field) : 1;
    if (!inner) return;
    merge(shape, inner);
    shape.cost += inner.cost * this.sizeOf(shape, node, field, owner);
  }

  /** Priced by its result, not by the points of other fields. */
  private addIntrospection(shape: Shape, node: FieldNode): void {
    shape.introspection.add(node);
    if (node.selectionSet) merge(shape, this.ofSelections(node.selectionSet, undefined));
  }

  private note(
    shape: Shape,
    node: FieldNode,
    field: GraphQLField<unknown, unknown>,
    owner: GraphQLNamedType,
  ): void {
    const name = `${owner.name}.${field.name}`;
    if (positions.has(name)) shape.asksForPosition = true;
    if (countsUnread(field)) shape.asksForUnread = true;
    if (isOutsideEvents(field, owner))
      shape.fieldOutsideEvents ??= { node, name, kind: kindOf(field, owner) };
  }

  private sizeOf(
    shape: Shape,
    node: FieldNode,
    field: GraphQLField<unknown, unknown> | undefined,
    owner: GraphQLNamedType | undefined,
  ): number {
    if (!field) return 1;
    const { size, isFromVariable } = this.sizes.of(node, field, owner);
    shape.dependsOnVariables ||= isFromVariable;
    return size;
  }
}

const kindOf = (field: GraphQLField<unknown, unknown>, owner: GraphQLNamedType): SelectedField['kind'] =>
  isConnection(field) ? 'connection' : isList(field, owner) ? 'list' : 'field';

function isOutsideEvents(field: GraphQLField<unknown, unknown>, owner: GraphQLNamedType): boolean {
  const { list, outsideEvents = false } = pricingOf(field);
  return isList(field, owner) ? !list?.inEvents : outsideEvents;
}

function fieldOf(
  type: GraphQLNamedType | undefined,
  name: string,
): GraphQLField<unknown, unknown> | undefined {
  return isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined;
}

function containsItself(spread: FragmentSpreadNode): GraphQLError {
  return new GraphQLError(`Cannot spread fragment "${spread.name.value}" within itself.`, {
    nodes: spread,
    extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
  });
}
