/**
 * Different selections in the subscriptions of one person, variables that decide what is shown included: every event is
 * executed once for each. Applications use a few.
 */
export const MAX_SELECTIONS_PER_USER = 50;

/** Counts the subscriptions of each person by what they select. */
export class SelectionQuota {
  private readonly users = new Map<number, Map<string, number>>();

  /** False where the person has too many different ones; then it is not counted. */
  add(userId: number, selection: string): boolean {
    const counts = this.users.get(userId) ?? new Map<string, number>();
    const count = counts.get(selection) ?? 0;
    if (count === 0 && counts.size >= MAX_SELECTIONS_PER_USER) return false;
    this.users.set(userId, counts.set(selection, count + 1));
    return true;
  }

  delete(userId: number, selection: string): void {
    const counts = this.users.get(userId);
    const count = counts?.get(selection) ?? 0;
    if (count > 1) counts?.set(selection, count - 1);
    else counts?.delete(selection);
    if (counts?.size === 0) this.users.delete(userId);
  }
}
