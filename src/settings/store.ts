import type { Status } from '../platform/database-codes.ts';
import { type Sql, statement } from '../platform/db.ts';

/** Who sends messages in a room, as the function `posting_policy` names it. */
export type Posting = 'everyone' | 'moderators' | 'moderators_and_replies' | 'custom';

/** How users become members of a public room. */
export type Joining = 'open' | 'request' | 'invite';

/** The settings of a room, as `settings_facts` returns them. */
export interface Settings {
  /** Counts their changes. */
  readonly version: number;
  /** How long members wait between two messages; null: not at all. */
  readonly slowModeSeconds: number | null;
  readonly posting: Posting;
  readonly joinPolicy: Joining;
}

const byRooms = statement(`
  SELECT r.room_id AS "roomId", settings_facts(r.room_id) AS settings FROM unnest($1::bigint[]) AS r(room_id)`);

/** By room; rooms that do not exist are missing. */
export async function findSettings(sql: Sql, roomIds: readonly number[]): Promise<Map<number, Settings>> {
  const rows = await sql.rows<{ roomId: number; settings: Settings | null }>(byRooms, [roomIds]);
  return new Map(rows.flatMap(({ roomId, settings }) => (settings ? [[roomId, settings] as const] : [])));
}

const ends = statement(`
  SELECT r.room_id AS "roomId",
    n.now + slow_mode_wait(r.room_id, $2::bigint, h.slow_mode_seconds, n.now) * interval '1 millisecond' AS "endsAt"
  FROM unnest($1::bigint[]) AS r(room_id) CROSS JOIN (SELECT clock_timestamp() AS now OFFSET 0) n
  CROSS JOIN LATERAL (SELECT * FROM room_heads h WHERE h.room_id = r.room_id AND h.slow_mode_seconds IS NOT NULL LIMIT 1) h`);

/** When the wait of a user ends in rooms with slow mode. Rooms where the user does not wait have null, or are missing. */
export async function findWaitEnds(
  sql: Sql,
  userId: number,
  roomIds: readonly number[],
): Promise<Map<number, Date | null>> {
  const rows = await sql.rows<{ roomId: number; endsAt: Date | null }>(ends, [roomIds, userId]);
  return new Map(rows.map(({ roomId, endsAt }) => [roomId, endsAt]));
}

// -- changing ------------------------------------------------------------------------------------

/** New values of settings: those that change. */
export type SettingsChange = Partial<Omit<Settings, 'version'>>;

const update = statement(
  'SELECT status, room_seq AS "roomSeq" FROM update_room_settings($1::bigint, $2::bigint, $3::int, $4::jsonb)',
);

export async function updateSettings(
  sql: Sql,
  roomId: number,
  actorId: number,
  expectedVersion: number | null,
  change: SettingsChange,
): Promise<{ status: Status; roomSeq: number }> {
  const values = [roomId, actorId, expectedVersion, JSON.stringify(change)];
  const [row] = await sql.rows<{ status: Status; roomSeq: number }>(update, values);
  if (!row) throw new Error('a function of the write path returned nothing');
  return row;
}
