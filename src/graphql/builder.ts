import SchemaBuilder from '@pothos/core';
import ErrorsPlugin from '@pothos/plugin-errors';
import PrismaPlugin from '@pothos/plugin-prisma';
import ScopeAuthPlugin from '@pothos/plugin-scope-auth';
import type { Context, SignedIn } from '../context.ts';
import type PrismaTypes from '../generated/pothos.ts';
import { getDatamodel } from '../generated/pothos.ts';
import { unauthenticated } from '../platform/errors.ts';
import { storableArguments } from './storable-arguments.ts';

/** The Pothos builder. Each concept defines its own types; this folder contains the types that all concepts share. */
export const builder = new SchemaBuilder<{
  PrismaTypes: PrismaTypes;
  Context: Context;
  DefaultFieldNullability: false;
  AuthScopes: { signedIn: boolean };
  AuthContexts: { signedIn: SignedIn };
  Scalars: {
    ID: { Input: string; Output: string };
    DateTime: { Input: Date; Output: Date };
    Cursor: { Input: string; Output: string };
  };
}>({
  // The errors plugin comes first, so that it turns errors of the other plugins into members of the result union.
  plugins: [ErrorsPlugin, ScopeAuthPlugin, storableArguments, PrismaPlugin],
  defaultFieldNullability: false,
  prisma: { client: (ctx) => ctx.node.db.prisma, dmmf: getDatamodel(), onUnusedQuery: null },
  errors: { defaultTypes: [] },
  scopeAuth: {
    authorizeOnSubscribe: true,
    authScopes: (ctx) => ({ signedIn: ctx.viewer !== null }),
    unauthorizedError: () => unauthenticated(),
  },
});
