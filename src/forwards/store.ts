import { statement } from '../platform/db.ts';

/** Where the text of a forwarded message comes from. The function `store_forwards` reads it. */
export interface Origin {
  readonly originRoomId: number;
  readonly originRoomSeq: number;
  /** When the origin was sent, in ms since 1970. */
  readonly sentAt: number;
}

/** The origins of forwarded messages. Others are missing. */
export const originsOfMessages = statement(`
  SELECT f.room_id AS "roomId", f.room_seq AS "roomSeq", f.origin_room_id AS "originRoomId", f.origin_room_seq AS "originRoomSeq",
    timeout_ms(f.sent_at) AS "sentAt"
  FROM unnest($1::bigint[], $2::bigint[]) AS x(room_id, room_seq)
  CROSS JOIN LATERAL (SELECT * FROM forwards f WHERE f.room_id = x.room_id AND f.room_seq = x.room_seq LIMIT 1) f`);
