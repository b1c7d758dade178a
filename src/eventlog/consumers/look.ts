import { type Sql, statement } from '../../platform/db.ts';
import { parseSnapshot } from '../log.ts';
import { type Position, PositionLost } from './positions.ts';

/** Rooms that one look finds, at most. */
export const ROOMS_PER_LOOK = 200;

/** A moment of the database. */
export interface Moment {
  readonly snapshot: string;
  readonly at: Date;
}

/** What a look has found: the rooms that moved since the position, in order. */
export interface Look extends Moment {
  readonly epoch: number;
  readonly rooms: readonly { readonly roomId: number; readonly head: number }[];
}

const readMoment = statement('SELECT pg_current_snapshot()::text AS snapshot, clock_timestamp() AS at');

/** The present. If its snapshot is one that a look knows, nothing was written since. */
export async function readPresent(sql: Sql): Promise<Moment | undefined> {
  const [moment] = await sql.rows<Moment>(readMoment, []);
  return moment;
}

// Snapshot and rooms in one statement, hence of one moment.
const findMoved = statement(`
  WITH moved AS MATERIALIZED (
    SELECT h.room_id, h.last_room_seq FROM room_heads h
    WHERE h.room_id >= $4::bigint AND (h.last_stamp >= $1::bigint OR h.last_stamp = ANY ($2::bigint[]))
      AND NOT EXISTS (SELECT FROM consumer_rooms r WHERE r.consumer = $3 AND r.room_id = h.room_id)
    ORDER BY h.room_id LIMIT $5::int)
  SELECT pg_current_snapshot()::text AS snapshot, clock_timestamp() AS at, current_epoch() AS epoch,
    coalesce((SELECT json_agg(json_build_object('roomId', room_id, 'head', last_room_seq) ORDER BY room_id) FROM moved), '[]') AS rooms`);

/**
 * Finds the rooms that moved since the snapshot of the position, from its room on, but for those that are set aside. The
 * head of a room with new events has a stamp that the snapshot does not see.
 */
export async function lookForRooms(
  sql: Sql,
  consumer: string,
  { seen, roomId }: Pick<Position, 'seen' | 'roomId'>,
): Promise<Look> {
  const { xmax, xip } = parseSnapshot(seen);
  const [look] = await sql.rows<Look>(findMoved, [xmax, xip, consumer, roomId, ROOMS_PER_LOOK]);
  if (!look) throw new PositionLost('the look for rooms returned nothing');
  return look;
}
