import {
  type GraphQLEnumType,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLNullableType,
  type GraphQLScalarType,
  getNullableType,
  isInputObjectType,
  isListType,
  isNonNullType,
} from 'graphql';

type Fields = Readonly<Record<string, unknown>>;

/** Returns the coerced value, or `REFUSED`: for every value that graphql-js refuses, and for some that it accepts. */
export type Coerce = (value: unknown) => unknown;
export const REFUSED = Symbol('refused');

/**
 * Coerces values of input types as `coerceInputValue` of graphql-js does, which visits every field that an input object
 * could have. These closures are made once for a type, and read only the fields that are given. They report no reasons: what
 * they refuse is left to graphql-js.
 */
export class InputCoercion {
  /** Of input objects, which may contain each other. */
  private readonly objects = new Map<GraphQLInputObjectType, Coerce>();

  of(type: GraphQLInputType): Coerce {
    const coerce = this.ofValues(getNullableType(type));
    const ofNull = isNonNullType(type) ? REFUSED : null;
    return (value) => {
      if (value === undefined) return REFUSED;
      return value === null ? ofNull : coerce(value);
    };
  }

  /** Of values that are neither null nor undefined. */
  private ofValues(type: GraphQLNullableType): Coerce {
    if (isListType(type)) return list(this.of(type.ofType as GraphQLInputType));
    return isInputObjectType(type) ? this.ofObjects(type) : leaf(type as GraphQLScalarType | GraphQLEnumType);
  }

  private ofObjects(type: GraphQLInputObjectType): Coerce {
    let coerce = this.objects.get(type);
    if (!coerce) {
      let made: Coerce | null = null;
      coerce = (value) => {
        made ??= this.objectOf(type);
        return made(value);
      };
      this.objects.set(type, coerce);
    }
    return coerce;
  }

  private objectOf(type: GraphQLInputObjectType): Coerce {
    if (type.isOneOf) return () => REFUSED;
    const all = Object.values(type.getFields());
    const fields = new Map(all.map((field) => [field.name, this.of(field.type)]));
    const defaults = all
      .filter(({ defaultValue }) => defaultValue !== undefined)
      .map(({ name, defaultValue }) => [name, defaultValue] as const);
    const required = all
      .filter((field) => isNonNullType(field.type) && field.defaultValue === undefined)
      .map(({ name }) => name);
    return (value) => {
      if (typeof value !== 'object' || Array.isArray(value)) return REFUSED;
      const coerced = coerceFields(value as Fields, fields);
      if (!coerced || required.some((name) => !(name in coerced))) return REFUSED;
      for (const [name, byDefault] of defaults) if (!(name in coerced)) coerced[name] = byDefault;
      return coerced;
    };
  }
}

/** Returns null if a field is unknown, or its value is refused. */
function coerceFields(value: Fields, fields: ReadonlyMap<string, Coerce>): Record<string, unknown> | null {
  const coerced: Record<string, unknown> = Object.create(null);
  for (const name of Object.keys(value)) {
    const coerce = fields.get(name);
    const result = coerce ? coerce(value[name]) : REFUSED;
    if (result === REFUSED) return null;
    coerced[name] = result;
  }
  return coerced;
}

function list(coerceItem: Coerce): Coerce {
  return (value) => {
    if (!Array.isArray(value)) return REFUSED;
    const items: unknown[] = value.map(coerceItem);
    return items.includes(REFUSED) ? REFUSED : items;
  };
}

function leaf(type: GraphQLScalarType | GraphQLEnumType): Coerce {
  return (value) => {
    try {
      const parsed = type.parseValue(value);
      return parsed === undefined ? REFUSED : parsed;
    } catch {
      return REFUSED; // graphql-js parses it again, and reports the reason
    }
  };
}
