import {
  type ArgumentNode,
  type FieldNode,
  type GraphQLField,
  type GraphQLNamedType,
  getNullableType,
  isListType,
  Kind,
  type OperationDefinitionNode,
  type ValueNode,
} from 'graphql';
import { MAX_PAGE } from '../../graphql/paging.ts';
import { isConnection, isObjectList, pricingOf } from '../../graphql/pricing.ts';

export type Variables = Readonly<Record<string, unknown>> | null | undefined;

/** For lists that declare no usual size; a test finds them. */
const DEFAULT_SIZE = 20;

export interface ListSize {
  readonly size: number;
  readonly isFromVariable: boolean;
}

/** Estimates the maximum number of items in the lists of one operation, from its arguments and variables. */
export class ListSizes {
  private readonly operation: OperationDefinitionNode | null;
  private readonly variables: Variables;
  private isFromVariable = false;

  constructor(operation: OperationDefinitionNode | null, variables: Variables) {
    this.operation = operation;
    this.variables = variables;
  }

  of(node: FieldNode, field: GraphQLField<unknown, unknown>, owner: GraphQLNamedType | undefined): ListSize {
    this.isFromVariable = false;
    const size = this.sizeOf(node, field, owner);
    return { size, isFromVariable: this.isFromVariable };
  }

  private sizeOf(
    node: FieldNode,
    field: GraphQLField<unknown, unknown>,
    owner: GraphQLNamedType | undefined,
  ): number {
    const usual = pricingOf(field).list?.usualSize ?? DEFAULT_SIZE;
    if (isConnection(field)) return this.pageSize(node.arguments ?? []) ?? usual;
    // The lists of a connection are its page, which the connection itself counts.
    if (!isObjectList(field) || owner?.name.endsWith('Connection')) return 1;
    return this.listArgument(node, field) ?? usual;
  }

  private pageSize(given: readonly ArgumentNode[]): number | undefined {
    const sizes = given
      .filter(({ name }) => name.value === 'first' || name.value === 'last')
      .map(({ value }) => this.read(value))
      .filter((size) => size !== undefined && size !== null);
    if (sizes.length === 0) return undefined;
    // Pages around an anchor have a size on both sides. An invalid size is refused later; here it counts as the
    // largest.
    return sizes.reduce<number>((sum, size) => sum + pageSizeOf(size), 0);
  }

  /** `nodes(ids: [...])` returns one item per id. */
  private listArgument(node: FieldNode, field: GraphQLField<unknown, unknown>): number | undefined {
    for (const { name, value } of node.arguments ?? []) {
      const argument = field.args.find((each) => each.name === name.value);
      if (!argument || !isListType(getNullableType(argument.type))) continue;
      const list = this.read(value);
      return Array.isArray(list) ? list.length : 1;
    }
    return undefined;
  }

  /** The value of an argument as far as sizes need it: numbers, lists by their length, null. */
  private read(node: ValueNode): unknown {
    if (node.kind === Kind.INT) return Number(node.value);
    if (node.kind === Kind.LIST) return node.values;
    if (node.kind === Kind.NULL) return null;
    if (node.kind !== Kind.VARIABLE) return Number.NaN;
    this.isFromVariable = true;
    return this.valueOf(node.name.value);
  }

  private valueOf(name: string): unknown {
    const given = this.variables && Object.hasOwn(this.variables, name) ? this.variables[name] : undefined;
    if (given !== undefined) return given;
    const fallback = this.operation?.variableDefinitions?.find(
      ({ variable }) => variable.name.value === name,
    )?.defaultValue;
    return fallback && this.read(fallback);
  }
}

function pageSizeOf(size: unknown): number {
  return typeof size === 'number' && size >= 0 ? Math.min(size, MAX_PAGE) : MAX_PAGE;
}
