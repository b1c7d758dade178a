/**
 * Maximum of different shared operations in the subscriptions of one user: every event is executed once for each.
 * Applications use a few.
 */
export const MAX_OPERATIONS_PER_USER = 50;

/** Counts the subscriptions of each user by their selection. */
export class OperationQuota {
  private readonly users = new Map<number, Map<string, number>>();

  /** Returns false, and does not count it, if the user has too many different ones. */
  add(userId: number, key: string): boolean {
    const counts = this.users.get(userId) ?? new Map<string, number>();
    const count = counts.get(key) ?? 0;
    if (count === 0 && counts.size >= MAX_OPERATIONS_PER_USER) return false;
    this.users.set(userId, counts.set(key, count + 1));
    return true;
  }

  delete(userId: number, key: string): void {
    const counts = this.users.get(userId);
    const count = counts?.get(key) ?? 0;
    if (count > 1) counts?.set(key, count - 1);
    else counts?.delete(key);
    if (counts?.size === 0) this.users.delete(userId);
  }
}
