import { brandWithType } from '@pothos/core';
import type { Context } from '../context.ts';
import { ValidationError } from '../platform/errors.ts';
import { builder } from './builder.ts';
import { decodeId, encodeId, type NodeType } from './ids.ts';
import { withRefusals } from './with-refusals.ts';

export const Node = builder.interfaceRef<object>('Node').implement({
  description: 'An object with a global id.',
  fields: (t) => ({
    id: t.field({
      type: 'ID',
      description: 'The global id: opaque, unique across all types, and it never changes.',
      resolve: () => '',
    }),
  }),
});

type FindNode = (ctx: Context, keys: readonly [number, number?]) => Promise<object | null>;
const finders = new Map<NodeType, FindNode>();

/**
 * Registers how a node of that type is found by its id. An object that the viewer may not see is null, as if it did not
 * exist.
 */
export function findableNode(type: NodeType, find: FindNode): void {
  finders.set(type, find);
}

/** Returns the node, or null if there is none that the viewer may see. */
async function findNode(ctx: Context, id: string): Promise<object | null> {
  const decoded = decodeId(id);
  const row =
    decoded && (await withRefusals(ctx, async () => finders.get(decoded.type)?.(ctx, decoded.keys) ?? null));
  if (row) brandWithType(row, decoded.type as never);
  return row;
}

export const globalId = encodeId;

builder.queryFields((t) => ({
  node: t.field({
    type: Node,
    nullable: true,
    description: 'The object with this global id. Null if it does not exist or the viewer may not see it.',
    args: { id: t.arg.id({ required: true, description: 'A global id.' }) },
    resolve: (_root, { id }, ctx) => findNode(ctx, id),
  }),
  nodes: t.field({
    type: [Node],
    nullable: { list: false, items: true },
    description: 'The objects with these global ids, in the order of the ids; at most 100.',
    args: { ids: t.arg.idList({ required: true, description: 'Global ids.' }) },
    resolve: (_root, { ids }, ctx) => {
      if (ids.length > 100)
        throw new ValidationError('VALIDATION', 'At most 100 ids at once.', { path: ['ids'] });
      return Promise.all(ids.map((id) => findNode(ctx, id)));
    },
  }),
}));
