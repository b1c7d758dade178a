import SchemaBuilder, { BasePlugin, type PothosOutputFieldConfig, type SchemaTypes } from '@pothos/core';
import type { GraphQLFieldResolver } from 'graphql';
import { type RefusalCode, refusalClasses, refuse } from '../platform/errors.ts';

/**
 * Refuses U+0000, which PostgreSQL cannot store, and lone surrogates, which would be changed silently, in all arguments
 * of a field.
 * @throws Refusal with that code, naming the path
 */
function requireStorable(value: unknown, path: readonly string[], code: RefusalCode): void {
  if (typeof value === 'string') {
    if (value.includes('\0'))
      throw refuse(code, 'The text contains the character U+0000, which cannot be stored.', { path });
    if (!value.isWellFormed())
      throw refuse(code, 'The text contains an invalid Unicode character.', { path });
  } else if (Array.isArray(value)) {
    value.forEach((item, index) => requireStorable(item, [...path, String(index)], code));
  } else if (value !== null && typeof value === 'object' && !(value instanceof Date)) {
    for (const [key, item] of Object.entries(value)) requireStorable(item, [...path, key], code);
  }
}

// A mutation with only ids or a token has no ValidationError, but an error for unknown objects.
const CODES = ['VALIDATION', 'NOT_FOUND', 'INVALID_CREDENTIALS'] as const;

/** The code of the refusal: in a mutation, one that its result union has. */
function codeFor<Types extends SchemaTypes>({ pothosOptions }: PothosOutputFieldConfig<Types>): RefusalCode {
  const { errors } = pothosOptions as { errors?: { types?: readonly unknown[] } };
  const types = errors?.types;
  return (types && CODES.find((code) => types.includes(refusalClasses[code]))) ?? 'VALIDATION';
}

export const storableArguments = 'storableArguments' as const;

/** Pothos plugin that checks the arguments of every field. */
class StorableArguments<Types extends SchemaTypes> extends BasePlugin<Types> {
  override wrapResolve(
    resolver: GraphQLFieldResolver<unknown, Types['Context'], object>,
    field: PothosOutputFieldConfig<Types>,
  ) {
    return Object.keys(field.args).length ? checked(resolver, codeFor(field)) : resolver;
  }

  override wrapSubscribe(
    subscriber: GraphQLFieldResolver<unknown, Types['Context'], object> | undefined,
    field: PothosOutputFieldConfig<Types>,
  ) {
    return subscriber && Object.keys(field.args).length ? checked(subscriber, codeFor(field)) : subscriber;
  }
}

function checked<C>(
  resolver: GraphQLFieldResolver<unknown, C, object>,
  code: RefusalCode,
): GraphQLFieldResolver<unknown, C, object> {
  return (parent, args, ctx, info) => {
    requireStorable(args, [], code);
    return resolver(parent, args, ctx, info);
  };
}

SchemaBuilder.registerPlugin(storableArguments, StorableArguments);

declare global {
  export namespace PothosSchemaTypes {
    export interface Plugins<Types extends SchemaTypes> {
      storableArguments: StorableArguments<Types>;
    }
  }
}
