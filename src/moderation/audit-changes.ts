import { formatTime } from '../platform/times.ts';
import { roleOf } from '../rooms/members.ts';
import { permissionsIn } from '../rooms/permissions.ts';
import type { StoredChanges } from './store.ts';

/** A value before and after an act, as text; null for none. */
export interface AuditChange {
  readonly field: string;
  readonly before: string | null;
  readonly after: string | null;
}

type Value = string | number | null;

const asTime = (value: Value) => (value === null ? null : formatTime(new Date(value)));
const asText = (value: Value) => (value === null ? null : `${value}`);
const asRole = (value: Value) => (value === null ? null : roleOf(Number(value)));
const asName = (value: Value) => (value === null ? null : `${value}`.toUpperCase());

/** How the values of a field are shown, where they are not texts. */
const shown: Readonly<Record<string, (value: Value) => string | null>> = {
  until: asTime,
  expiresAt: asTime,
  role: asRole,
  posting: asName,
  joinPolicy: asName,
};

/** The changes of an entry, in the form of the API. */
export function changesIn(stored: StoredChanges | null): AuditChange[] {
  const { allow, deny, ...values } = stored ?? {};
  const fields = Object.entries(values).map(([field, [before, after]]) => {
    const show = shown[field] ?? asText;
    return { field, before: show(before), after: show(after) };
  });
  return allow && deny ? [...fields, ...effectsIn(allow, deny)] : fields;
}

/** One change for each permission whose effect is another than before. */
function effectsIn(allow: readonly Value[], deny: readonly Value[]): AuditChange[] {
  const [before, after] = [0, 1].map((at) => effectOf(Number(allow[at]), Number(deny[at]))) as [
    Effect,
    Effect,
  ];
  const names = new Set([...allow, ...deny].flatMap((bits) => permissionsIn(Number(bits))));
  return [...names]
    .map((field) => ({ field, before: before(field), after: after(field) }))
    .filter((change) => change.before !== change.after);
}

type Effect = (permission: string) => string;

function effectOf(allow: number, deny: number): Effect {
  const [allowed, denied] = [new Set<string>(permissionsIn(allow)), new Set<string>(permissionsIn(deny))];
  return (permission) => (denied.has(permission) ? 'DENY' : allowed.has(permission) ? 'ALLOW' : 'INHERIT');
}
