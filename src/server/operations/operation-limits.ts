import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
} from 'graphql';
import type { Settings } from '../../config.ts';
import { FieldComparisons } from './field-comparisons.ts';
import { IntrospectionSize, introspectionLimit } from './introspection-size.ts';
import type { Variables } from './list-sizes.ts';
import { type Shape, Shapes } from './operation-shape.ts';
import { MAX_FRAGMENTS, tooLarge, WorkBudget } from './work-budget.ts';

export type { Variables } from './list-sizes.ts';
export type LimitSettings = Pick<
  Settings,
  'MAX_OPERATIONS' | 'MAX_DEPTH' | 'MAX_ALIASES' | 'MAX_ROOT_FIELDS' | 'MAX_COST' | 'INTROSPECTION'
>;

/** What is known of one operation. */
export interface Measured {
  readonly errors: readonly GraphQLError[];
  /** Points: the prices of its fields, multiplied by the sizes of the lists around them. */
  readonly cost: number;
  /** It selects `Viewer.inboxCursor` or `Room.cursor`: its position must be taken before anything is read. */
  readonly asksForPosition: boolean;
  /** It selects numbers of unread messages. */
  readonly asksForUnread: boolean;
  /** Page sizes come from variables, so the cost differs from one request to the next. */
  readonly dependsOnVariables: boolean;
}

/**
 * Measures one document, before it is validated: validating is where hostile documents are expensive. All its
 * operations spend one budget.
 */
export class DocumentMeasure {
  readonly budget: WorkBudget;
  readonly operations: readonly OperationDefinitionNode[];
  private readonly schema: GraphQLSchema;
  private readonly settings: LimitSettings;
  private readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  private readonly shapes: Shapes;

  constructor(schema: GraphQLSchema, settings: LimitSettings, { definitions }: DocumentNode) {
    this.schema = schema;
    this.settings = settings;
    this.operations = definitions.filter((each) => each.kind === Kind.OPERATION_DEFINITION);
    const fragments = definitions.filter((each) => each.kind === Kind.FRAGMENT_DEFINITION);
    this.fragments = new Map(fragments.map((fragment) => [fragment.name.value, fragment]));
    this.shapes = new Shapes(schema, this.fragments);
    this.budget = new WorkBudget(introspectionLimit(schema));
  }

  /**
   * Measures every operation, with the defaults of its variables.
   * @throws GraphQLError when the document is too large, or a fragment contains itself
   */
  all(): Map<OperationDefinitionNode, Measured> {
    this.checkDefinitions();
    const shapes = this.operations.map((node) => this.shapes.ofOperation(node, null));
    this.checkWork(shapes);
    return new Map(this.operations.map((node, i) => [node, this.judge(node, shapes[i] as Shape)]));
  }

  /** Measures one operation with its variables. Linear in the length of the document. */
  one(node: OperationDefinitionNode, variables: Variables): Measured {
    return this.judge(node, this.shapes.ofOperation(node, variables));
  }

  private checkDefinitions(): void {
    const { MAX_OPERATIONS } = this.settings;
    if (this.operations.length > MAX_OPERATIONS)
      throw tooLarge(`its document has more than ${MAX_OPERATIONS} operations`);
    if (this.fragments.size > MAX_FRAGMENTS)
      throw tooLarge(`its document has more than ${MAX_FRAGMENTS} fragments`);
  }

  private checkWork(shapes: readonly Shape[]): void {
    const unused = this.measureUnused();
    for (const { visits } of shapes) this.budget.spend('visits', visits);
    const comparisons = new FieldComparisons(this.fragments, this.budget);
    for (const { selectionSet } of [...this.operations, ...unused]) comparisons.count(selectionSet);
    const introspection = new IntrospectionSize(this.schema, this.fragments, this.budget);
    for (const shape of shapes) for (const node of shape.introspection) introspection.count(node);
  }

  /** Fragments that no operation reaches: validation looks at those, too. */
  private measureUnused(): FragmentDefinitionNode[] {
    const unused: FragmentDefinitionNode[] = [];
    for (const [name, fragment] of this.fragments) {
      if (this.shapes.isMeasured(name)) continue;
      this.budget.spend('visits', this.shapes.ofFragment(name).visits);
      unused.push(fragment);
    }
    return unused;
  }

  private judge(operation: OperationDefinitionNode, shape: Shape): Measured {
    const { cost, asksForPosition, asksForUnread, dependsOnVariables } = shape;
    const errors = [this.excess(operation, shape), this.hidden(shape), fieldInEvent(operation, shape)];
    return {
      errors: errors.filter((error) => error !== null),
      cost,
      asksForPosition,
      asksForUnread,
      dependsOnVariables,
    };
  }

  /** The first limit that the operation passes. */
  private excess(operation: OperationDefinitionNode, shape: Shape): GraphQLError | null {
    const { MAX_ALIASES, MAX_ROOT_FIELDS, MAX_DEPTH, MAX_COST } = this.settings;
    const limits: [number, number, string][] = [
      [shape.aliases, MAX_ALIASES, `it has more than ${MAX_ALIASES} aliases`],
      [shape.fields, MAX_ROOT_FIELDS, `it has more than ${MAX_ROOT_FIELDS} root fields`],
      [shape.depth, MAX_DEPTH, `it is more than ${MAX_DEPTH} levels deep`],
      [shape.cost, MAX_COST, `it costs ${shape.cost}, at most ${MAX_COST} are allowed`],
    ];
    const passed = limits.find(([value, limit]) => value > limit);
    return passed ? tooLarge(passed[2], operation) : null;
  }

  private hidden({ introspection }: Shape): GraphQLError | null {
    const [node] = introspection;
    return node && !this.settings.INTROSPECTION ? invalid('Introspection is turned off.', node) : null;
  }
}

function fieldInEvent(
  { operation }: OperationDefinitionNode,
  { fieldOutsideEvents }: Shape,
): GraphQLError | null {
  if (operation !== 'subscription' || !fieldOutsideEvents) return null;
  const { name, node, kind } = fieldOutsideEvents;
  const isPage = kind === 'connection';
  const what = isPage ? 'connections cannot' : `this ${kind} cannot`;
  return invalid(
    `${name}: ${what} be selected in an event; fetch ${isPage ? 'them' : 'it'} with a query.`,
    node,
  );
}

function invalid(message: string, node: FieldNode): GraphQLError {
  return new GraphQLError(message, { nodes: node, extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } });
}
