import { builder } from './builder.ts';
import type { Connection } from './paging.ts';

const PageInfo = builder.objectRef<Connection<unknown>['pageInfo']>('PageInfo').implement({
  description: 'The place of a page in its list.',
  fields: (t) => ({
    hasNextPage: t.exposeBoolean('hasNextPage', {
      description: 'Whether the list has items after this page.',
    }),
    hasPreviousPage: t.exposeBoolean('hasPreviousPage', {
      description: 'Whether the list has items before this page.',
    }),
    startCursor: t.exposeString('startCursor', {
      nullable: true,
      description: 'The cursor of the first item. Null if the page is empty.',
    }),
    endCursor: t.exposeString('endCursor', {
      nullable: true,
      description: 'The cursor of the last item. Null if the page is empty.',
    }),
  }),
});

type Edge<Row> = Connection<Row>['edges'][number];

/**
 * Defines a connection type and its edge type, `<prefix>Connection` and `<prefix>Edge`. `type` is any type of a node
 * that the builder accepts.
 */
export function connectionType<Row>(prefix: string, type: unknown, what: string) {
  const EdgeType = builder.objectRef<Edge<Row>>(`${prefix}Edge`).implement({
    description: `An item of a page of ${what}, with its cursor.`,
    fields: (t) => ({
      cursor: t.exposeString('cursor', { description: 'The position of the item in the list.' }),
      node: t.field({
        type: type as never,
        description: 'The item.',
        resolve: (edge) => edge.node as never,
      }),
    }),
  });
  const ConnectionType = builder.objectRef<Connection<Row>>(`${prefix}Connection`).implement({
    description: `A page of ${what}.`,
    fields: (t) => ({
      edges: t.field({
        type: [EdgeType],
        description: 'The items of the page, each with its cursor.',
        resolve: (page) => page.edges as Edge<Row>[],
      }),
      nodes: t.field({
        type: [type] as never,
        description: 'The items of the page.',
        resolve: (page) => page.edges.map((edge) => edge.node) as never,
      }),
      pageInfo: t.field({
        type: PageInfo,
        description: 'The place of the page in the list.',
        resolve: (page) => page.pageInfo,
      }),
    }),
  });
  return { EdgeType, ConnectionType };
}

/** `first` and `after`. */
export function forwardArgs() {
  return {
    first: builder.args((t) => ({
      a: t.int({ description: 'How many items from the start of the list, or after `after`; 1 to 100.' }),
    })).a,
    after: builder.args((t) => ({ a: t.string({ description: 'Only items after this cursor.' }) })).a,
  };
}

/** `first`, `after`, `last` and `before`. */
export function pageArgs() {
  return {
    ...forwardArgs(),
    last: builder.args((t) => ({
      a: t.int({ description: 'How many items from the end of the list, or before `before`; 1 to 100.' }),
    })).a,
    before: builder.args((t) => ({ a: t.string({ description: 'Only items before this cursor.' }) })).a,
  };
}
