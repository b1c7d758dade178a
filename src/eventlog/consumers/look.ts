import { type Sql, statement } from '../../platform/db.ts';
import { parseSnapshot } from '../log.ts';
import { type Position, PositionLost } from './positions.ts';

/** Maximum of rooms that one look finds. */
export const ROOMS_PER_LOOK = 200;

/** A state of the database. */
export interface Moment {
  readonly snapshot: string;
  readonly at: Date;
}

/** The result of a look: the rooms with events since the position, in order. */
export interface Look extends Moment {
  readonly epoch: number;
  readonly rooms: readonly { readonly roomId: number; readonly head: number }[];
}

const readMoment = statement('SELECT pg_current_snapshot()::text AS snapshot, clock_timestamp() AS at');

/** Reads the current moment. If a look already knows its snapshot, nothing was written since. */
export async function readPresent(sql: Sql): Promise<Moment | undefined> {
  const [moment] = await sql.rows<Moment>(readMoment, []);
  return moment;
}

// Snapshot and rooms come from one statement, so they are from one moment.
const findMoved = statement(`
  WITH moved AS MATERIALIZED (
    SELECT h.room_id, h.last_room_seq FROM room_heads h
    WHERE h.room_id >= $4::bigint AND (h.last_stamp >= $1::bigint OR h.last_stamp = ANY ($2::bigint[]))
      AND NOT EXISTS (SELECT FROM consumer_rooms r WHERE r.consumer = $3 AND r.room_id = h.room_id)
    ORDER BY h.room_id LIMIT $5::int)
  SELECT pg_current_snapshot()::text AS snapshot, clock_timestamp() AS at, current_epoch() AS epoch,
    coalesce((SELECT json_agg(json_build_object('roomId', room_id, 'head', last_room_seq) ORDER BY room_id) FROM moved), '[]') AS rooms`);

/**
 * Finds the rooms with events since the snapshot of the position, from its room on, without those that are set aside.
 * The head of a room with new events has a transaction number that the snapshot does not see.
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
