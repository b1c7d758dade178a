import { roomStates, type Status } from '../platform/database-codes.ts';
import { callFunction, type Sql, statement } from '../platform/db.ts';

/** What members of a role, or one member, may do in a room other than by default. */
export interface Override {
  /** A user, also one who has left; or the negative rank of a role. */
  readonly target: number;
  /** Bits of `permissionBits`. */
  readonly allow: number;
  /** None of `allow`. */
  readonly deny: number;
}

const set = statement(`
  SELECT status, room_seq AS "roomSeq", allow_bits AS allow, deny_bits AS deny
  FROM set_permission_override($1::bigint, $2::bigint, $3::bigint, $4::bigint, $5::bigint, $6::bigint)`);

/** A change of an override: bits that get an effect. All others keep theirs. */
export interface OverrideChange extends Override {
  readonly inherit: number;
}

/** What `set_permission_override` did, and the override after it. */
export interface OverrideOutcome extends Omit<Override, 'target'> {
  readonly status: Status;
  readonly roomSeq: number;
}

export function setOverride(
  sql: Sql,
  roomId: number,
  actorId: number,
  { target, allow, deny, inherit }: OverrideChange,
): Promise<OverrideOutcome> {
  const values = [roomId, actorId, target, allow, deny, inherit];
  return callFunction<OverrideOutcome>(sql, set, values);
}

// -- reading -----------------------------------------------------------------------------------

/** A page of the overrides of a room, roles first. */
export interface OverridesPage {
  readonly roomId: number;
  /** Only targets above this one; null from the start. */
  readonly after: number | null;
  readonly limit: number;
}

const pages = statement(`
  SELECT x.ord::int - 1 AS page, p.target, p.allow_bits AS allow, p.deny_bits AS deny
  FROM unnest($1::bigint[], $2::bigint[], $3::int[]) WITH ORDINALITY AS x(room_id, after, count, ord)
  CROSS JOIN LATERAL (
    SELECT * FROM permission_overrides o WHERE o.room_id = x.room_id AND o.target > x.after ORDER BY o.target LIMIT x.count
  ) p ORDER BY x.ord, p.target`);

/** Returns the rows of each page. One statement reads all pages. */
export async function listOverrides(sql: Sql, wanted: readonly OverridesPage[]): Promise<Override[][]> {
  const rows = await sql.rows<Override & { page: number }>(pages, [
    wanted.map(({ roomId }) => roomId),
    wanted.map(({ after }) => after ?? Number.MIN_SAFE_INTEGER),
    wanted.map(({ limit }) => limit),
  ]);
  const found: Override[][] = wanted.map(() => []);
  for (const { page, ...override } of rows) found[page]?.push(override);
  return found;
}

/** What decides about a member's permissions, from one snapshot. The overrides as far as they have an effect. */
export interface Grounds {
  readonly role: number;
  readonly isArchived: boolean;
  readonly isTimedOut: boolean;
  /** The bits that apply. */
  readonly permissions: number;
  readonly byDefault: number;
  readonly roleAllow: number;
  readonly roleDeny: number;
  readonly memberAllow: number;
  readonly memberDeny: number;
}

const grounds = statement(`
  SELECT m.role, h.state = ${roomStates.ARCHIVED} AS "isArchived", coalesce(m.timeout_until > clock_timestamp(), false) AS "isTimedOut",
    m.permission_bits AS permissions, default_permissions(r.kind, m.role) AS "byDefault",
    overridden_permissions(m.role, 0, coalesce(of_role.allow_bits, 0), 0) AS "roleAllow", coalesce(of_role.deny_bits, 0) AS "roleDeny",
    overridden_permissions(m.role, 0, coalesce(own.allow_bits, 0), 0) AS "memberAllow", coalesce(own.deny_bits, 0) AS "memberDeny"
  FROM memberships m JOIN rooms r ON r.id = m.room_id JOIN room_heads h ON h.room_id = m.room_id
  LEFT JOIN LATERAL (SELECT * FROM permission_overrides o WHERE o.room_id = m.room_id AND o.target = -m.role LIMIT 1) of_role ON true
  LEFT JOIN LATERAL (SELECT * FROM permission_overrides o WHERE o.room_id = m.room_id AND o.target = m.user_id LIMIT 1) own ON true
  WHERE m.room_id = $1::bigint AND m.user_id = $2::bigint AND NOT m.is_hidden`);

/** Returns null for a user who is not a member. */
export async function findGrounds(sql: Sql, roomId: number, userId: number): Promise<Grounds | null> {
  const [row] = await sql.rows<Grounds>(grounds, [roomId, userId]);
  return row ?? null;
}
