import type { GraphQLField } from 'graphql';
import type { Viewpoint } from '../context.ts';

/** The extensions of a field that shows what the viewer has not read. A stream that selects such a field keeps count. */
export function unreadField<Source, Value>(show: (source: Source) => (viewer: Viewpoint) => Value) {
  return { forViewer: show, countsUnread: true };
}

export function countsUnread({ extensions }: GraphQLField<unknown, unknown>): boolean {
  return extensions['countsUnread'] === true;
}
