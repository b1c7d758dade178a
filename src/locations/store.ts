import type { MessageKey } from '../graphql/ids.ts';
import type { Status } from '../platform/database-codes.ts';
import { callFunction, type Sql, statement } from '../platform/db.ts';

/** Where something is, in degrees. */
export interface Point {
  readonly latitude: number;
  readonly longitude: number;
  readonly accuracyMeters: number | null;
}

/** A position of a live location. */
export interface Position extends Point {
  /** In degrees, clockwise from north. */
  readonly heading: number | null;
  readonly speedMetersPerSecond: number | null;
}

/** The location of a message. Times are in ms since 1970. */
export interface LocationRow extends MessageKey, Point {
  readonly label: string | null;
  /** Null if it is not live. */
  readonly endsAt: number | null;
  readonly endedAt: number | null;
  /** The last that its author has sent. */
  readonly position: (Position & { readonly at: number }) | null;
}

const columns = `l.room_id AS "roomId", l.room_seq AS "roomSeq", l.latitude, l.longitude, l.accuracy_meters AS "accuracyMeters", l.label,
  timeout_ms(l.ends_at) AS "endsAt", timeout_ms(l.ended_at) AS "endedAt", l.position`;

/** The locations of many messages. Messages without one are missing. */
export const locationsOfMessages = statement(`
  SELECT ${columns} FROM unnest($1::bigint[], $2::bigint[]) AS x(room_id, room_seq)
  CROSS JOIN LATERAL (SELECT * FROM message_locations l WHERE l.room_id = x.room_id AND l.room_seq = x.room_seq LIMIT 1) l`);

// Written so that the partial index of live locations is used.
const liveInRoom = statement(`
  SELECT ${columns} FROM message_locations l
  CROSS JOIN LATERAL (SELECT FROM messages m WHERE m.room_id = l.room_id AND m.room_seq = l.room_seq
    AND (m.expires_at IS NULL OR m.expires_at > clock_timestamp()) LIMIT 1) m
  WHERE l.room_id = $1::bigint AND l.ends_at IS NOT NULL AND l.ended_at IS NULL AND l.ends_at > clock_timestamp()
  ORDER BY l.room_seq DESC LIMIT $2::int`);

/** The live locations of a room that have not ended, the newest first. */
export function listLive(sql: Sql, roomId: number, limit: number): Promise<LocationRow[]> {
  return sql.rows(liveInRoom, [roomId, limit]);
}

const move = statement('SELECT move_live_location($1::bigint, $2::bigint, $3::bigint, $4::jsonb) AS status');

export async function moveLive(
  sql: Sql,
  { roomId, roomSeq }: MessageKey,
  actorId: number,
  position: Position,
): Promise<Status> {
  const values = [roomId, roomSeq, actorId, JSON.stringify(position)];
  return (await callFunction<{ status: Status }>(sql, move, values)).status;
}

const end = statement(
  'SELECT status, room_seq AS "roomSeq" FROM end_live_location($1::bigint, $2::bigint, $3::bigint)',
);

interface Ended {
  readonly status: Status;
  readonly roomSeq: number;
}

/** Ends a live location: for its author, or at `endsAt` if the actor is null. */
export function endLive(sql: Sql, { roomId, roomSeq }: MessageKey, actorId: number | null): Promise<Ended> {
  return callFunction<Ended>(sql, end, [roomId, roomSeq, actorId]);
}
