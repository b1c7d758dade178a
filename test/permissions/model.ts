import {
  type Effect,
  type Effects,
  isBelow,
  NEVER_FOR_GUESTS,
  permissionsOf,
  type Role,
} from '../harness/permissions.ts';

/** A room with its members and overrides, as the rules say it should be. */
export class Model {
  /** By user id. */
  readonly members = new Map<string, Role>();
  /** By role or user id. */
  private readonly overrides = new Map<string, Effects>();

  override(target: string): Effects {
    return this.overrides.get(target) ?? {};
  }

  permissions(userId: string): string[] {
    const role = this.members.get(userId);
    return role ? permissionsOf(role, this.override(role), this.override(userId)) : [];
  }

  has(userId: string, permission: string): boolean {
    return this.permissions(userId).includes(permission);
  }

  /** Whether the actor may make these changes. */
  maySet(actor: string, target: string, changes: Effects): boolean {
    const [own, role] = [this.members.get(actor), this.roleOf(target)];
    if (!own || !this.has(actor, 'MANAGE_MEMBERS')) return false;
    const mayReach =
      role === null ? own === 'OWNER' && Object.keys(this.override(target)).length > 0 : isBelow(role, own);
    if (!mayReach) return false;
    const changed = Object.entries(changes).filter(
      ([permission, effect]) => (this.override(target)[permission] ?? 'INHERIT') !== effect,
    );
    return changed.every(
      ([permission, effect]) =>
        this.has(actor, permission) &&
        !(role === 'GUEST' && effect === 'ALLOW' && NEVER_FOR_GUESTS.has(permission)),
    );
  }

  /** What was allowed to the member alone ends. */
  leave(userId: string): void {
    this.members.delete(userId);
    const effects = Object.entries(this.override(userId));
    this.overrides.set(userId, Object.fromEntries(effects.filter(([, effect]) => effect === 'DENY')));
  }

  set(target: string, changes: Effects): void {
    const effects = Object.entries({ ...this.override(target), ...changes });
    const stored = effects.filter(([, effect]: [string, Effect]) => effect !== 'INHERIT');
    this.overrides.set(target, Object.fromEntries(stored));
  }

  /** The target's role; null for a user who is not a member. */
  private roleOf(target: string): Role | null {
    return target.startsWith('user_') ? (this.members.get(target) ?? null) : (target as Role);
  }
}
