import type { StoredRights } from '../eventlog/kinds.ts';
import type { EventFacts, RoomEventKind } from '../eventlog/registry.ts';

/** An override as of its event, and the permissions that follow from it. All numbers are bits. */
export interface OverrideFacts {
  readonly allow: number;
  readonly deny: number;
  /** Of the role, or of the member; null if the user is not a member. */
  readonly permissions: number | null;
  /** Of an override of a role: of members with an override of their own, by user id. */
  readonly others?: Readonly<Record<string, number>>;
}

/** The user of an override; null for that of a role, whose target is negative. */
export const userOf = (target: number): number | null => (target > 0 ? target : null);

/** The permissions of one user after the event; null if it does not change them. */
function permissionsAfter({ role }: StoredRights, { subject, facts }: EventFacts, userId: number) {
  const { permissions, others } = facts as OverrideFacts;
  if (subject === -role) return others?.[userId] ?? permissions;
  return subject === userId ? permissions : null;
}

export const permissionsChanged: RoomEventKind = {
  number: 30,
  name: 'PermissionsChanged',
  description: 'The `actor` changed what members of a role, or one member, may do in the room.',
  fields: ['override'],
  clientRule: 'take the fields of `room`',
  affects: 'rights',
  subject: null,
  usersNamedIn: ({ subject }) => [userOf(subject ?? 0)],
  rightsAfter: (rights, event, userId) => {
    const permissions = rights && permissionsAfter(rights, event, userId);
    return rights && permissions !== null ? { ...rights, permissions } : rights;
  },
};

export const permissionEventKinds: readonly RoomEventKind[] = [permissionsChanged];
