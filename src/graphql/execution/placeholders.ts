import type { GraphQLField } from 'graphql';

/**
 * Prepares a field whose value depends on the viewer: it reads the data that all viewers share, and returns a function
 * of the viewer that reads nothing else. The function must not throw.
 */
export type PrepareForViewer = (
  source: unknown,
  context: unknown,
) => ((viewer: unknown) => unknown) | Promise<(viewer: unknown) => unknown>;

/** Collects placeholders of shared execution. Without it, fields are resolved for the viewer of the context. */
export interface Placeholders {
  /**
   * Returns the placeholder in the response. `show` later returns the value of a viewer; `complete` converts it to
   * response data, equal values to equal data, and throws if the field fails.
   */
  add(show: (viewer: unknown) => unknown, complete: (value: unknown) => unknown): string;
}

export function forViewerOf({ extensions }: GraphQLField<unknown, unknown>): PrepareForViewer | null {
  return (extensions['forViewer'] as PrepareForViewer | undefined) ?? null;
}
