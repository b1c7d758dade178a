import { builder } from './builder.ts';
import type { Connection } from './paging.ts';

const PageInfo = builder.objectRef<Connection<unknown>['pageInfo']>('PageInfo').implement({
  description: 'Where a page lies in its list.',
  fields: (t) => ({
    hasNextPage: t.exposeBoolean('hasNextPage', { description: 'Whether something follows the page.' }),
    hasPreviousPage: t.exposeBoolean('hasPreviousPage', {
      description: 'Whether something comes before the page.',
    }),
    startCursor: t.exposeString('startCursor', {
      nullable: true,
      description: 'The cursor of the first edge.',
    }),
    endCursor: t.exposeString('endCursor', { nullable: true, description: 'The cursor of the last edge.' }),
  }),
});

type Edge<Row> = Connection<Row>['edges'][number];

/**
 * A connection type and its edge type, `<prefix>Connection` and `<prefix>Edge`.
 * `type` is whatever the builder takes as the type of a node.
 */
export function connectionType<Row>(prefix: string, type: unknown, what: string) {
  const EdgeType = builder.objectRef<Edge<Row>>(`${prefix}Edge`).implement({
    description: `One of ${what}, and its place in the list.`,
    fields: (t) => ({
      cursor: t.exposeString('cursor', { description: 'The place in the list.' }),
      node: t.field({
        type: type as never,
        description: 'The thing itself.',
        resolve: (edge) => edge.node as never,
      }),
    }),
  });
  const ConnectionType = builder.objectRef<Connection<Row>>(`${prefix}Connection`).implement({
    description: `A page of ${what}.`,
    fields: (t) => ({
      edges: t.field({
        type: [EdgeType],
        description: 'The page, with cursors.',
        resolve: (page) => page.edges as Edge<Row>[],
      }),
      nodes: t.field({
        type: [type] as never,
        description: 'The page, without cursors.',
        resolve: (page) => page.edges.map((edge) => edge.node) as never,
      }),
      pageInfo: t.field({
        type: PageInfo,
        description: 'Where the page lies in the list.',
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
      a: t.int({ description: 'How many, from the start or from `after` on; 1 to 100.' }),
    })).a,
    after: builder.args((t) => ({ a: t.string({ description: 'Only what follows this cursor.' }) })).a,
  };
}

/** `first`, `after`, `last` and `before`. */
export function pageArgs() {
  return {
    ...forwardArgs(),
    last: builder.args((t) => ({
      a: t.int({ description: 'How many, from the end or from `before` back; 1 to 100.' }),
    })).a,
    before: builder.args((t) => ({ a: t.string({ description: 'Only what comes before this cursor.' }) })).a,
  };
}
