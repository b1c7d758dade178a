import type { EphemeralItem } from '../eventlog/kinds.ts';
import type { EphemeralKind } from '../eventlog/registry.ts';
import { builder } from '../graphql/builder.ts';
import { memberView } from './access.ts';
import { Room } from './schema.ts';

type Shown = EphemeralItem['ephemeral'];
interface Item<Of extends Shown> extends EphemeralItem {
  readonly ephemeral: Of;
}

const itemType = <Of extends Shown>(name: string) => builder.objectRef<Item<Of>>(name);

/** The kinds and types of what a room stream carries beside the log, in the order of their definition. */
export const ephemeralTypes: { readonly kind: EphemeralKind; readonly type: unknown }[] = [];

/** Defines the GraphQL type of a kind of item beside the log; the caller adds its own fields. */
export function ephemeralType<Of extends Shown>(kind: EphemeralKind<Of>) {
  const type = itemType<Of>(kind.name);
  type.implement({ description: kind.description });
  builder.objectField(type, 'room', (t) =>
    t.field({
      type: Room,
      description: 'The room.',
      resolve: ({ ephemeral }) => memberView(ephemeral.roomId),
    }),
  );
  ephemeralTypes.push({ kind, type });
  return type;
}
