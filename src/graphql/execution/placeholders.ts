import type { GraphQLField } from 'graphql';

/**
 * How a field's value follows from the viewer: what all viewers share is read first, what the returned function makes
 * of it for one viewer needs nothing else. It must not throw.
 */
export type PrepareForViewer = (
  source: unknown,
  context: unknown,
) => ((viewer: unknown) => unknown) | Promise<(viewer: unknown) => unknown>;

/** Where shared execution leaves values open. Without one, fields are resolved for the viewer of the context. */
export interface Placeholders {
  /**
   * Returns what stands in the response until `show` is asked for the value of a viewer. `complete` turns that into
   * response data, equal values into equal data; it throws what the field would fail with.
   */
  add(show: (viewer: unknown) => unknown, complete: (value: unknown) => unknown): string;
}

export function forViewerOf({ extensions }: GraphQLField<unknown, unknown>): PrepareForViewer | null {
  return (extensions['forViewer'] as PrepareForViewer | undefined) ?? null;
}
