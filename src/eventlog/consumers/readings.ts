import { type Sql, statement } from '../../platform/db.ts';
import { type Snapshot, saw } from '../log.ts';
import type { ConsumedEvent } from './consumer.ts';
import type { RoomPosition, Skip } from './positions.ts';

/** The range of a room to read. */
export interface ReadRequest {
  readonly roomId: number;
  /** Null if the position is older than the rest of the log. */
  readonly after: number | null;
  readonly until: number;
  /** The last number of the room. */
  readonly head: number;
}

/** The result of reading a room. */
export interface Reading {
  readonly roomId: number;
  /** The number before the first event. */
  readonly after: number;
  readonly events: readonly ConsumedEvent[];
  /** Set if the log was trimmed between the position and the first event. */
  readonly trimmed: Skip | null;
  /** Whether the reading reached the goal. */
  readonly isFinished: boolean;
}

interface Row extends ConsumedEvent {
  readonly stamp: number;
}

const read = statement(`
  SELECT e.* FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) WITH ORDINALITY AS x(room_id, after, until, ord)
  CROSS JOIN LATERAL (
    SELECT room_id AS "roomId", room_seq AS "roomSeq", kind, actor_id AS "actorId", subject, message_seq AS "messageSeq",
      created_at AS "createdAt", facts, stamp
    FROM room_events r WHERE r.room_id = x.room_id AND r.room_seq > coalesce(x.after, 0) AND r.room_seq <= x.until
    ORDER BY r.room_seq LIMIT $4::int
  ) e ORDER BY x.ord, e."roomSeq"`);

/**
 * Reads events of several rooms, at most `limit` of each. With a goal, it stops in each room before the first event
 * that the goal did not see.
 */
export async function readRooms(
  sql: Sql,
  requests: readonly ReadRequest[],
  limit: number,
  goal: Snapshot | null,
): Promise<Reading[]> {
  const values = [
    requests.map(({ roomId }) => roomId),
    requests.map(({ after }) => after),
    requests.map(({ until }) => until),
    limit,
  ];
  const byRoom = new Map<number, Row[]>();
  for (const row of await sql.rows<Row>(read, values)) {
    const known = byRoom.get(row.roomId);
    if (known) known.push(row);
    else byRoom.set(row.roomId, [row]);
  }
  return requests.map((request) => readingOf(request, byRoom.get(request.roomId) ?? [], goal));
}

function readingOf(
  { roomId, after, until, head }: ReadRequest,
  rows: readonly Row[],
  goal: Snapshot | null,
): Reading {
  const cut = goal ? rows.findIndex(({ stamp }) => !saw(goal, stamp)) : -1;
  const taken = cut < 0 ? rows : rows.slice(0, cut);
  const first = rows[0] ? rows[0].roomSeq - 1 : (after ?? until);
  const last = taken.at(-1)?.roomSeq ?? first;
  return {
    roomId,
    after: first,
    events: taken,
    trimmed: first === after ? null : { roomId, afterSeq: after, untilSeq: first },
    isFinished: cut >= 0 || last >= head,
  };
}

/** The position of a round after a reading. */
export function placeAfter({ roomId, after, events, isFinished }: Reading): RoomPosition {
  if (isFinished) return { roomId: roomId + 1, roomSeq: 0 };
  return { roomId, roomSeq: events.at(-1)?.roomSeq ?? after };
}
