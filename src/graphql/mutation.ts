import type { FieldRef, InputFieldMap, InputShapeFromFields, ObjectRef } from '@pothos/core';
import type { GraphQLResolveInfo } from 'graphql';
import { type Context, Scope } from '../context.ts';
import { readPositionOf } from '../eventlog/streams/inbox-opening.ts';
import { type RefusalCode, refusalClasses } from '../platform/errors.ts';
import { builder } from './builder.ts';
import { withRefusals } from './with-refusals.ts';

const capitalised = (name: string) => name.charAt(0).toUpperCase() + name.slice(1);

type Types = (typeof builder)['$inferSchemaTypes'];

interface MutationOptions<Fields extends InputFieldMap, Success extends object> {
  readonly description: string;
  /** The fields of its one input object. Without them the mutation takes no argument. */
  readonly input?: (t: PothosSchemaTypes.InputFieldBuilder<Types, 'InputObject'>) => Fields;
  /** The success type; named `<Mutation>Success`. */
  readonly success: ObjectRef<Types, Success>;
  readonly refusals: readonly RefusalCode[];
  readonly resolve: (
    ctx: Context,
    input: InputShapeFromFields<Fields>,
    info: GraphQLResolveInfo,
  ) => Promise<Success>;
}

/** One mutation as all of them are: one input object, one result union, a nullable root so that one failure stays one. */
export function mutation<Fields extends InputFieldMap, Success extends object>(
  name: string,
  options: MutationOptions<Fields, Success>,
) {
  const Name = capitalised(name);
  const Input = options.input
    ? builder.inputType(`${Name}Input`, { description: `What ${name} needs.`, fields: options.input })
    : null;
  builder.mutationField(
    name,
    (t) =>
      t.field({
        type: options.success,
        nullable: true,
        description: options.description,
        args: Input
          ? { input: t.arg({ type: Input, required: true, description: `What ${name} needs.` }) }
          : {},
        errors: {
          types: options.refusals.map((code) => refusalClasses[code]) as never,
          directResult: true,
          union: { name: `${Name}Result`, description: `What became of ${name}.` },
        },
        resolve: (async (
          _root: unknown,
          args: { input?: unknown },
          ctx: Context,
          info: GraphQLResolveInfo,
        ) => {
          ctx.scope = new Scope();
          ctx.viewer = ctx.connection.viewer; // who signed in by the mutation before was the viewer of its answer alone
          return withRefusals(ctx, async () => {
            const success = await options.resolve(
              ctx,
              (args.input ?? {}) as InputShapeFromFields<Fields>,
              info,
            );
            if (ctx.asksForPosition) await takePosition(ctx, success);
            return success;
          });
        }) as never,
      } as never) as FieldRef<Types>,
  );
}

/** Where the viewer stands after the change, or who has just become the viewer by it. */
async function takePosition(ctx: Context, success: { viewer?: { userId: number } }): Promise<void> {
  const userId = ctx.viewer?.userId ?? success.viewer?.userId;
  if (userId !== undefined) ctx.position = await readPositionOf(ctx.node.db.read, userId);
}
