import {
  type DocumentNode,
  type GraphQLArgument,
  type GraphQLCompositeType,
  GraphQLError,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredInputField,
  isUnionType,
  parse,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
  validate,
} from 'graphql';
import type { Random } from '../faults/random.ts';

export type Values = Readonly<Record<string, readonly unknown[]>>;

/** A valid operation with variables that may or may not fit. */
export interface Generated {
  readonly text: string;
  readonly document: DocumentNode;
  readonly variables: Record<string, unknown>;
}

interface Fragment {
  readonly name: string;
  readonly on: GraphQLCompositeType;
}

const MAX_DEPTH = 6;
const MAX_FIELDS = 60;
// Names that are properties of every object, or that promises and JSON look for.
const ALIASES = ['a', 'b', 'c', '__proto__', 'constructor', 'toString', 'then', 'toJSON', 'length', '_'];

/** Writes random valid documents. `values` are what arguments of a scalar type may be; ids among them should exist. */
export class DocumentWriter {
  private readonly schema: GraphQLSchema;
  private readonly random: Random;
  private readonly values: Values;
  private fragments: Fragment[] = [];
  private fragmentTexts: string[] = [];
  private definitions: string[] = [];
  private variables: Record<string, unknown> = {};
  private fieldsLeft = 0;
  private names = 0;

  constructor(schema: GraphQLSchema, random: Random, values: Values) {
    this.schema = schema;
    this.random = random;
    this.values = values;
  }

  /** A document that passes validation: what does not is written again. */
  write(operation: 'query' | 'mutation' | 'subscription'): Generated {
    for (;;) {
      const text = this.attempt(operation);
      const document = parse(text);
      if (this.isValid(document)) return { text, document, variables: this.variables };
    }
  }

  private isValid(document: DocumentNode): boolean {
    try {
      return validate(this.schema, document, undefined, { maxErrors: 1 }).length === 0;
    } catch (error) {
      // graphql-js evaluates conditions at the root of a subscription, and has no variables for them yet.
      if (error instanceof GraphQLError) return false;
      throw error;
    }
  }

  private attempt(operation: 'query' | 'mutation' | 'subscription'): string {
    this.fragments = [];
    this.fragmentTexts = [];
    this.definitions = [];
    this.variables = {};
    this.fieldsLeft = MAX_FIELDS;
    this.names = 0;
    const root = this.schema.getRootType(operation as never) as GraphQLObjectType;
    const body =
      operation === 'subscription'
        ? `{ ${this.field(root, this.random.pick(Object.values(root.getFields())), 0)} }`
        : this.selection(root, 0);
    const variables = this.definitions.length > 0 ? `(${this.definitions.join(', ')})` : '';
    return [`${operation} Op${variables} ${body}`, ...this.fragmentTexts].join('\n');
  }

  private selection(type: GraphQLCompositeType, depth: number): string {
    const items = [this.item(type, depth)];
    while (items.length < 6 && this.random.chance(0.65)) items.push(this.item(type, depth));
    return `{ ${items.join(' ')} }`;
  }

  private item(type: GraphQLCompositeType, depth: number): string {
    if (this.random.chance(0.15)) return `${this.alias()}__typename${this.directives()}`;
    if (this.random.chance(isUnionType(type) ? 0.9 : 0.25) && depth < MAX_DEPTH)
      return this.fragment(type, depth);
    const fields = isUnionType(type) ? [] : this.fieldsOf(type).filter((field) => this.fits(field, depth));
    if (fields.length === 0 || this.fieldsLeft <= 0) return '__typename';
    return this.field(type, this.random.pick(fields), depth);
  }

  private fieldsOf(
    type: Exclude<GraphQLCompositeType, { getTypes: unknown }>,
  ): GraphQLField<unknown, unknown>[] {
    const fields = Object.values(type.getFields()) as GraphQLField<unknown, unknown>[];
    const isQuery = type === this.schema.getQueryType();
    return isQuery && this.random.chance(0.1) ? [SchemaMetaFieldDef, TypeMetaFieldDef] : fields;
  }

  private fits(field: GraphQLField<unknown, unknown>, depth: number): boolean {
    return isLeafType(getNamedType(field.type)) || depth < MAX_DEPTH;
  }

  private field(_on: GraphQLCompositeType, field: GraphQLField<unknown, unknown>, depth: number): string {
    this.fieldsLeft--;
    const type = getNamedType(field.type);
    const below = isCompositeType(type) ? ` ${this.selection(type, depth + 1)}` : '';
    return `${this.alias()}${field.name}${this.args(field.args)}${this.directives()}${below}`;
  }

  private alias(): string {
    return this.random.chance(0.25) ? `${this.random.pick(ALIASES)}: ` : '';
  }

  private fragment(type: GraphQLCompositeType, depth: number): string {
    const on = this.random.pick(this.conditionsFor(type));
    if (this.random.chance(0.5)) {
      const condition = on === type && this.random.chance(0.3) ? '' : ` on ${on.name}`;
      return `...${condition}${this.directives()} ${this.selection(on, depth + 1)}`;
    }
    const known = this.fragments.filter((fragment) => fragment.on === on);
    const { name } =
      known.length > 0 && this.random.chance(0.6) ? this.random.pick(known) : this.define(on, depth);
    return `...${name}${this.directives()}`;
  }

  private define(on: GraphQLCompositeType, depth: number): Fragment {
    const text = this.selection(on, depth + 1);
    // Known only when it is complete: so no fragment contains itself.
    const fragment = { name: `F${++this.names}`, on };
    this.fragments.push(fragment);
    this.fragmentTexts.push(`fragment ${fragment.name} on ${on.name} ${text}`);
    return fragment;
  }

  /** The types that a value of this one may have as well. */
  private conditionsFor(type: GraphQLCompositeType): readonly GraphQLCompositeType[] {
    if (isAbstractType(type)) return [type, ...this.schema.getPossibleTypes(type)];
    return [type, ...(isObjectType(type) ? type.getInterfaces() : [])];
  }

  private directives(): string {
    if (!this.random.chance(0.15)) return '';
    const name = this.random.pick(['skip', 'include']);
    const value = this.random.chance(0.5) ? String(this.random.chance(0.5)) : this.condition();
    return ` @${name}(if: ${value})`;
  }

  private condition(): string {
    if (this.random.chance(0.9)) return this.variable('Boolean!', this.random.chance(0.5));
    // May be null although the argument must not be.
    return this.variable('Boolean = true', this.random.pick([true, false, null]));
  }

  private variable(definition: string, value: unknown): string {
    const name = `v${++this.names}`;
    this.definitions.push(`$${name}: ${definition}`);
    if (value !== undefined) this.variables[name] = value;
    return `$${name}`;
  }

  private args(args: readonly GraphQLArgument[]): string {
    const given = args.filter(({ type }) => isNonNullType(type) || this.random.chance(0.4));
    const texts = given.map(({ name, type }) => `${name}: ${this.input(type, 0)}`);
    return texts.length > 0 ? `(${texts.join(', ')})` : '';
  }

  private input(type: GraphQLInputType, depth: number): string {
    const value = this.value(type);
    if (this.random.chance(0.25))
      return this.variable(this.definition(type), this.random.chance(0.03) ? {} : value);
    return this.literal(type, value, depth);
  }

  private definition(type: GraphQLInputType): string {
    if (isNonNullType(type) || isInputObjectType(getNamedType(type)) || this.random.chance(0.7))
      return String(type);
    return `${String(type)} = ${this.literal(type, this.value(type), 1)}`;
  }

  private literal(type: GraphQLInputType, value: unknown, depth: number): string {
    if (value === null || value === undefined) return 'null';
    if (isNonNullType(type)) return this.literal(type.ofType, value, depth);
    if (isListType(type))
      return `[${(value as unknown[]).map((each) => this.inner(type.ofType, each, depth)).join(', ')}]`;
    if (isInputObjectType(type)) {
      const fields = Object.entries(value as object).map(
        ([name, each]) =>
          `${name}: ${this.inner(type.getFields()[name]?.type as GraphQLInputType, each, depth)}`,
      );
      return `{ ${fields.join(', ')} }`;
    }
    return isEnumType(type) ? (value as string) : JSON.stringify(value);
  }

  /** A part of a literal may be a variable. Defaults of variables have none. */
  private inner(type: GraphQLInputType, value: unknown, depth: number): string {
    if (depth === 0 && this.random.chance(0.15)) return this.variable(String(type), value);
    return this.literal(type, value, depth);
  }

  private value(type: GraphQLInputType): unknown {
    if (isNonNullType(type)) return this.value(type.ofType) ?? this.value(type);
    if (this.random.chance(0.08)) return null;
    if (isListType(type)) return Array.from({ length: this.random.below(4) }, () => this.value(type.ofType));
    if (isEnumType(type)) return this.random.pick(type.getValues()).name;
    if (isInputObjectType(type)) return this.inputObject(type.getFields());
    return this.random.pick(this.values[(type as { name: string }).name] ?? ['x']);
  }

  private inputObject(fields: Readonly<Record<string, { name: string; type: GraphQLInputType }>>): object {
    const given = Object.values(fields).filter(
      (field) => isRequiredInputField(field as never) || this.random.chance(0.5),
    );
    return Object.fromEntries(given.map(({ name, type }) => [name, this.value(type)]));
  }
}
