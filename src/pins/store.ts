import type { MessageKey } from '../graphql/ids.ts';
import { type Sql, statement } from '../platform/db.ts';

export interface PinRow extends MessageKey {
  /** The number of the event that pinned it. */
  readonly pinSeq: number;
  readonly pinnedBy: number;
  /** In ms since 1970. */
  readonly pinnedAt: number;
}

const columns = `p.room_id AS "roomId", p.room_seq AS "roomSeq", p.pin_seq AS "pinSeq", p.pinned_by AS "pinnedBy",
  timeout_ms(p.pinned_at) AS "pinnedAt"`;

/** The pins of many messages. Messages without one are missing. */
export const pinsOfMessages = statement(`
  SELECT ${columns} FROM unnest($1::bigint[], $2::bigint[]) AS x(room_id, room_seq)
  CROSS JOIN LATERAL (SELECT * FROM pins p WHERE p.room_id = x.room_id AND p.room_seq = x.room_seq LIMIT 1) p`);

const ofRooms = statement(`
  SELECT ${columns}, m.seq FROM unnest($1::bigint[]) AS x(room_id)
  CROSS JOIN LATERAL (SELECT * FROM pins p WHERE p.room_id = x.room_id OFFSET 0) p
  CROSS JOIN LATERAL (SELECT m.seq FROM messages m WHERE m.room_id = p.room_id AND m.room_seq = p.room_seq LIMIT 1) m
  ORDER BY p.room_id, p.pin_seq DESC`);

/** A pin, with the number of its message in the main timeline. */
export type RoomPin = PinRow & { readonly seq: number | null };

/** All pins of many rooms, the newest of each room first. The limit of pins bounds them. */
export function findRoomPins(sql: Sql, roomIds: readonly number[]): Promise<RoomPin[]> {
  return sql.rows(ofRooms, [roomIds]);
}
