import type { RoomInfo } from '@parley/client';
import {
  type PermissionEffect,
  type PermissionOverride,
  PermissionOverrides,
  type RoomPermission,
  setPermissions,
} from '@parley/client/permissions';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { client } from '../platform/chat.ts';
import { useTexts } from './hooks.ts';
import { attempt } from './problems.tsx';

/** From the highest; owners may do everything. */
const ROLES = ['ADMIN', 'MODERATOR', 'MEMBER', 'GUEST'] as const;
type Role = (typeof ROLES)[number];
const EFFECTS: readonly PermissionEffect[] = ['INHERIT', 'ALLOW', 'DENY'];
/** The server never allows these to guests. */
const NEVER_FOR_GUESTS: readonly string[] = [
  'ADD_MEMBERS',
  'MANAGE_MEMBERS',
  'UPDATE_ROOM',
  'ARCHIVE_ROOM',
  'DELETE_ROOM',
  'TIMEOUT_MEMBERS',
  'BAN_MEMBERS',
  'VIEW_AUDIT_LOG',
];

/** What the roles below the viewer's may do in a room, for members who may change it. */
export function RoomPermissions({ room }: { room: RoomInfo }): JSX.Element | null {
  const t = useTexts();
  const mayChange =
    room.viewerPermissions.includes('MANAGE_MEMBERS') && room.kind !== 'DIRECT' && !room.isArchived;
  const overrides = useOverrides(room.id, mayChange);
  if (!mayChange || !overrides) return null;
  const own = ROLES.indexOf(room.membership?.role as Role);
  const roles = ROLES.slice(own + 1);
  const permissions = room.viewerPermissions as readonly RoomPermission[];
  return (
    <section class="permissions" aria-label={t.permissions}>
      <h3>{t.permissions}</h3>
      <p class="hint">{t.permissionsHint}</p>
      <section class="permission-table" aria-label={t.permissionsHint} tabIndex={0}>
        <table>
          <thead>
            <tr>
              <td />
              {roles.map((role) => (
                <th key={role} scope="col">
                  {t.roleNames[role]}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {permissions.map((permission) => (
              <tr key={permission}>
                <th scope="row">{t.permissionNames[permission]}</th>
                {roles.map((role) => (
                  <td key={role}>
                    <Effect roomId={room.id} role={role} permission={permission} overrides={overrides} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
}

/** Null until they are loaded, and where they are not needed. */
function useOverrides(roomId: string, isNeeded: boolean): readonly PermissionOverride[] | null {
  const [list, setList] = useState<readonly PermissionOverride[] | null>(null);
  useEffect(() => {
    if (!isNeeded) return undefined;
    const overrides = new PermissionOverrides(client, roomId);
    const update = () => setList(overrides.getSnapshot());
    update();
    const stop = overrides.subscribe(update);
    return () => {
      stop();
      overrides.close();
    };
  }, [roomId, isNeeded]);
  return list;
}

interface EffectProps {
  readonly roomId: string;
  readonly role: Role;
  readonly permission: RoomPermission;
  readonly overrides: readonly PermissionOverride[];
}

/** One cell: the effect of a permission for a role. */
function Effect({ roomId, role, permission, overrides }: EffectProps): JSX.Element {
  const t = useTexts();
  const set = (effect: PermissionEffect) =>
    attempt(() => setPermissions(client, roomId, { role }, [{ permission, effect }]));
  const effects = EFFECTS.filter(
    (effect) => effect !== 'ALLOW' || role !== 'GUEST' || !NEVER_FOR_GUESTS.includes(permission),
  );
  return (
    <select
      aria-label={`${t.permissionNames[permission]}: ${t.roleNames[role]}`}
      value={effectOf(overrides, role, permission)}
      onChange={(event) => set(event.currentTarget.value as PermissionEffect)}
    >
      {effects.map((effect) => (
        <option key={effect} value={effect}>
          {t.effects[effect]}
        </option>
      ))}
    </select>
  );
}

function effectOf(
  overrides: readonly PermissionOverride[],
  role: Role,
  permission: RoomPermission,
): PermissionEffect {
  const override = overrides.find((each) => each.role === role);
  if (override?.denied.includes(permission)) return 'DENY';
  return override?.allowed.includes(permission) ? 'ALLOW' : 'INHERIT';
}
