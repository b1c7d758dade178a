import type { FieldRef, InputFieldMap, InputShapeFromFields, ObjectRef } from '@pothos/core';
import type { GraphQLResolveInfo } from 'graphql';
import { type Context, notForGuests, Scope } from '../context.ts';
import { readPositionOf } from '../eventlog/streams/inbox-position.ts';
import { type RefusalCode, refusalClasses } from '../platform/errors.ts';
import { builder } from './builder.ts';
import { withRefusals } from './with-refusals.ts';

const capitalised = (name: string) => name.charAt(0).toUpperCase() + name.slice(1);

type Types = (typeof builder)['$inferSchemaTypes'];

/** Refusals of an ordinary change in a room. */
export const changeRefusals = [
  'VALIDATION',
  'PERMISSION_DENIED',
  'NOT_FOUND',
  'CONFLICT',
  'RATE_LIMITED',
  'UNAVAILABLE',
] as const satisfies readonly RefusalCode[];

/** The description of `roomSeq` in a success. */
export const ROOM_SEQ =
  "The number of the event in the room's log that contains this change. A stream that has delivered it has delivered the change.";

interface MutationOptions<Fields extends InputFieldMap, Success extends object> {
  readonly description: string;
  /** The fields of its input object. Without them the mutation has no argument. */
  readonly input?: (t: PothosSchemaTypes.InputFieldBuilder<Types, 'InputObject'>) => Fields;
  /** The success type; named `<Mutation>Success`. */
  readonly success: ObjectRef<Types, Success>;
  readonly refusals: readonly RefusalCode[];
  /** Guests may call it, because it changes only their room or account. Without it, guests are refused. */
  readonly forGuests?: true;
  readonly resolve: (
    ctx: Context,
    input: InputShapeFromFields<Fields>,
    info: GraphQLResolveInfo,
  ) => Promise<Success>;
}

/** Defines a mutation: one input object, one result union, and a nullable root field so that one failure does not hide the others. */
export function mutation<Fields extends InputFieldMap, Success extends object>(
  name: string,
  options: MutationOptions<Fields, Success>,
) {
  const Name = capitalised(name);
  const Input = options.input
    ? builder.inputType(`${Name}Input`, { description: `Input of ${name}.`, fields: options.input })
    : null;
  builder.mutationField(
    name,
    (t) =>
      t.field({
        type: options.success,
        nullable: true,
        description: options.description,
        extensions: { forGuests: options.forGuests ?? false },
        args: Input
          ? { input: t.arg({ type: Input, required: true, description: `Input of ${name}.` }) }
          : {},
        errors: {
          types: options.refusals.map((code) => refusalClasses[code]) as never,
          directResult: true,
          union: {
            name: `${Name}Result`,
            description: `Result of ${name}: ${Name}Success, or the reason why it was refused.`,
          },
        },
        resolve: (async (
          _root: unknown,
          args: { input?: unknown },
          ctx: Context,
          info: GraphQLResolveInfo,
        ) => {
          ctx.scope = new Scope();
          ctx.viewer = ctx.connection.viewer; // A login must not leak into the next mutation.
          return withRefusals(ctx, async () => {
            if (ctx.viewer?.isGuest && !options.forGuests) throw notForGuests();
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

/** Reads the viewer's position in the inbox after the change; after a login, that of the new viewer. */
async function takePosition(ctx: Context, success: { viewer?: { userId: number } }): Promise<void> {
  const userId = ctx.viewer?.userId ?? success.viewer?.userId;
  if (userId !== undefined) ctx.position = await readPositionOf(ctx.node.db.read, userId);
}
