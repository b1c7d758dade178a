import { GraphQLError, type OperationDefinitionNode } from 'graphql';

/** Kinds of work that a document can cause before it is executed. */
export type Work = 'visits' | 'comparisons' | 'introspection';

/** Selections of all operations. A fragment counts wherever it is used. */
export const MAX_VISITS = 10_000;
/** Pairs of fields and fragments with the same response path: validation compares each pair. */
export const MAX_COMPARISONS = 10_000;
/** Fragment definitions, used or not: validation compares them in pairs. */
export const MAX_FRAGMENTS = 150;
/** The location of every error is found by reading the document from the start. */
export const MAX_LINES = 4_000;

const exhausted: Record<Work, string> = {
  visits: 'its fragments unfold to too many fields',
  comparisons: 'it repeats the same fields too often',
  introspection: 'its introspection answers too many fields',
};

/** The work budget of one document while it is measured, for all its operations together. */
export class WorkBudget {
  readonly spent: Record<Work, number> = { visits: 0, comparisons: 0, introspection: 0 };
  private readonly limits: Readonly<Record<Work, number>>;

  constructor(maxIntrospection: number) {
    this.limits = { visits: MAX_VISITS, comparisons: MAX_COMPARISONS, introspection: maxIntrospection };
  }

  /** @throws GraphQLError OPERATION_TOO_LARGE when the budget is used up */
  spend(work: Work, amount: number): void {
    this.spent[work] += amount;
    if (this.spent[work] > this.limits[work]) throw tooLarge(exhausted[work]);
  }
}

/** The error for a document, or one of its operations, that exceeds a limit. */
export function tooLarge(what: string, operation?: OperationDefinitionNode): GraphQLError {
  const message = `The operation is too large: ${what}.`;
  return new GraphQLError(message, { nodes: operation ?? null, extensions: { code: 'OPERATION_TOO_LARGE' } });
}
