import {
  defaultTypeResolver,
  type FieldNode,
  type GraphQLAbstractType,
  GraphQLError,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  isObjectType,
} from 'graphql';
import { inspect } from 'graphql/jsutils/inspect.js';
import type { Path } from './field-errors.ts';
import { executeFields, type SelectionPlan } from './fields.ts';
import { type Complete, isThenable, type Run } from './run.ts';

// Converts values to response data, by type. The messages of errors are those of graphql-js.

export function nullable(complete: Complete): Complete {
  return (run, info, path, value) => {
    if (value instanceof Error) throw value;
    return value === null || value === undefined ? null : complete(run, info, path, value);
  };
}

export function nonNull(complete: Complete): Complete {
  return (run, info, path, value) => {
    if (value instanceof Error) throw value;
    if (value === null || value === undefined)
      throw new Error(`Cannot return null for non-nullable field ${nameOf(info)}.`);
    return complete(run, info, path, value);
  };
}

export function leaf(type: GraphQLLeafType): Complete {
  return ({ size }, _info, _path, value) => {
    const serialized = type.serialize(value);
    if (typeof serialized === 'string') size.add(serialized.length);
    if (serialized !== null && serialized !== undefined) return serialized;
    const call = `${inspect(type)}.serialize(${inspect(value)})`;
    throw new Error(`Expected \`${call}\` to return non-nullable value, returned: ${inspect(serialized)}`);
  };
}

export function list(completeItem: Complete, isItemNonNull: boolean): Complete {
  const item: Complete = (run, info, path, value) => {
    const failed = (thrown: unknown) => run.errors.fail(thrown, isItemNonNull, info.fieldNodes, path);
    try {
      const completed = isThenable(value)
        ? Promise.resolve(value.then((settled) => completeItem(run, info, path, settled)))
        : completeItem(run, info, path, value);
      return completed instanceof Promise ? completed.then(undefined, failed) : completed;
    } catch (thrown) {
      return failed(thrown);
    }
  };
  return (run, info, path, value) => {
    if (!isIterable(value))
      throw new GraphQLError(`Expected Iterable, but did not find one for field "${nameOf(info)}".`);
    return completeItems(run, info, path, value, item);
  };
}

function completeItems(
  run: Run,
  info: GraphQLResolveInfo,
  path: Path,
  values: Iterable<unknown>,
  completeItem: Complete,
): unknown[] | Promise<unknown[]> {
  const items: unknown[] = [];
  let isPending = false;
  try {
    for (const value of values) {
      const item = completeItem(run, info, { prev: path, key: items.length, typename: undefined }, value);
      if (item instanceof Promise) isPending = true;
      items.push(item);
    }
  } catch (error) {
    // The pending items may fail as well, and no other code handles that.
    if (isPending) Promise.all(items).catch(() => undefined);
    throw error;
  }
  return isPending ? Promise.all(items) : items;
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return (
    typeof value === 'object' &&
    typeof (value as Partial<Iterable<unknown>> | null)?.[Symbol.iterator] === 'function'
  );
}

/** `selection` is called when an object occurs, because most types of an abstract type never do. */
export function object(type: GraphQLObjectType, selection: () => SelectionPlan): Complete {
  return (run, info, path, value) => {
    const selected = selection();
    if (!type.isTypeOf) return executeFields(run, selected, value, path);
    const judge = (isOfType: unknown) => {
      if (!isOfType) throw wrongType(type, value, info.fieldNodes);
      return executeFields(run, selected, value, path);
    };
    const isOfType = type.isTypeOf(value, run.contextValue, info);
    return isThenable(isOfType) ? Promise.resolve(isOfType.then(judge)) : judge(isOfType);
  };
}

function wrongType({ name }: GraphQLObjectType, value: unknown, nodes: readonly FieldNode[]): GraphQLError {
  return new GraphQLError(`Expected value of type "${name}" but got: ${inspect(value)}.`, { nodes });
}

/** Completes a value of an interface or union as a value of its object type. */
export function abstract(
  type: GraphQLAbstractType,
  completeAs: (type: GraphQLObjectType) => Complete,
): Complete {
  const resolveType = type.resolveType ?? defaultTypeResolver;
  const known = new Map<unknown, Complete>();
  return (run, info, path, value) => {
    const completeNamed = (name: unknown) => {
      let complete = known.get(name);
      if (!complete) known.set(name, (complete = completeAs(runtimeType(run, info, type, name, value))));
      return complete(run, info, path, value);
    };
    const name = resolveType(value, run.contextValue, info, type);
    return isThenable(name) ? Promise.resolve(name.then(completeNamed)) : completeNamed(name);
  };
}

/** @throws GraphQLError if the name is not a possible type of the abstract type */
function runtimeType(
  { schema }: Run,
  info: GraphQLResolveInfo,
  abstractType: GraphQLAbstractType,
  name: unknown,
  value: unknown,
): GraphQLObjectType {
  const expected = `Abstract type "${abstractType.name}"`;
  const must = `${expected} must resolve to an Object type at runtime for field "${nameOf(info)}"`;
  const at = { nodes: info.fieldNodes };
  if (name === null || name === undefined)
    throw new GraphQLError(
      `${must}. Either the "${abstractType.name}" type should provide a "resolveType" function or each possible type should provide an "isTypeOf" function.`,
      at,
    );
  if (isObjectType(name))
    throw new GraphQLError(
      'Support for returning GraphQLObjectType from resolveType was removed in graphql-js@16.0.0 please return type name instead.',
    );
  if (typeof name !== 'string')
    throw new GraphQLError(`${must} with value ${inspect(value)}, received "${inspect(name)}".`);
  const type = schema.getType(name);
  if (!type)
    throw new GraphQLError(
      `${expected} was resolved to a type "${name}" that does not exist inside the schema.`,
      at,
    );
  if (!isObjectType(type))
    throw new GraphQLError(`${expected} was resolved to a non-object type "${name}".`, at);
  if (!schema.isSubType(abstractType, type))
    throw new GraphQLError(
      `Runtime Object type "${type.name}" is not a possible type for "${abstractType.name}".`,
      at,
    );
  return type;
}

function nameOf({ parentType, fieldName }: GraphQLResolveInfo): string {
  return `${parentType.name}.${fieldName}`;
}
