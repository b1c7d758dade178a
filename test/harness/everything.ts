import {
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isLeafType,
  isNonNullType,
  isObjectType,
} from 'graphql';

/** The alias of a field. Short, because a document has a limit: `MmbrLft_room`. */
export const aliasOf = (type: string, field: string) => `${type.replace(/[aeiou]/g, '')}_${field}`;

/**
 * A selection of every field that a type offers, to a depth, as far as it needs no arguments and `fits`. Below a type of
 * several object types fields get aliases, because those of one name may have different types.
 */
export function everything(
  schema: GraphQLSchema,
  typeName: string,
  depth: number,
  fits: (owner: string, field: GraphQLField<unknown, unknown>) => boolean = () => true,
): string {
  const types = (output: GraphQLOutputType): readonly GraphQLObjectType[] => {
    const type = getNamedType(output);
    if (isAbstractType(type)) return schema.getPossibleTypes(type);
    return isObjectType(type) ? [type] : [];
  };
  const select = (output: GraphQLOutputType, left: number): string => {
    const objects = types(output);
    const parts = objects.map((type) => {
      const fields = Object.values(type.getFields()).flatMap((field) => {
        const selected = fieldOf(type, field, left);
        if (selected === null) return [];
        return objects.length > 1 ? `${aliasOf(type.name, field.name)}: ${selected}` : selected;
      });
      const selected = ['__typename', ...fields].join(' ');
      return objects.length > 1 ? `... on ${type.name} { ${selected} }` : selected;
    });
    return `{ ${parts.join(' ')} }`;
  };
  const fieldOf = (
    owner: GraphQLObjectType,
    field: GraphQLField<unknown, unknown>,
    left: number,
  ): string | null => {
    if (field.args.some((arg) => isNonNullType(arg.type)) || !fits(owner.name, field)) return null;
    if (isLeafType(getNamedType(field.type))) return field.name;
    return left > 1 ? `${field.name} ${select(field.type, left - 1)}` : null;
  };
  return select(schema.getType(typeName) as GraphQLOutputType, depth);
}
