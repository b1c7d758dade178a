import {
  type FieldNode,
  type GraphQLError,
  type GraphQLResolveInfo,
  locatedError,
  responsePathAsArray,
} from 'graphql';
import type { ResponseSize } from './response-size.ts';

/** A path in the response: a linked list that ends at the root. */
export type Path = GraphQLResolveInfo['path'];

/** The field errors of one execution, in the order in which they occurred. */
export class FieldErrors {
  readonly list: GraphQLError[] = [];
  /** There are more errors than a response may have: its data is discarded. */
  hasOverflowed = false;
  private readonly size: ResponseSize;
  private nulled: Set<Path | undefined> | null = null;

  constructor(size: ResponseSize) {
    this.size = size;
  }

  /** Records that the value at `path` became null because of `error`; without a path, all data did. */
  add(error: GraphQLError, path: Path | undefined): void {
    if (this.hasOverflowed) return;
    // The specification requires one error for each null, and no errors below a null.
    if (this.isBelowNull(path)) return;
    this.nulled ??= new Set();
    this.nulled.add(path);
    this.size.addError(error, path);
    if (!this.size.isExceeded) this.list.push(error);
  }

  /**
   * Handles a field or list item that failed.
   * @returns null, the value in its place
   * @throws GraphQLError with its path, if null is not allowed there
   */
  fail(thrown: unknown, isNonNull: boolean, nodes: readonly FieldNode[], path: Path): null {
    if (this.list.length >= this.size.maxErrors) this.hasOverflowed = true;
    // Locating an error reads the document up to the field.
    if (this.hasOverflowed) {
      if (isNonNull) throw thrown;
      return null;
    }
    const error = locatedError(thrown, nodes, responsePathAsArray(path));
    if (isNonNull) throw error;
    this.add(error, path);
    return null;
  }

  private isBelowNull(start: Path | undefined): boolean {
    if (!this.nulled) return false;
    for (let path = start; path; path = path.prev) if (this.nulled.has(path)) return true;
    return this.nulled.has(undefined);
  }
}
