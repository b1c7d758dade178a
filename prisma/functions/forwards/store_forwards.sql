-- Stores where the texts of forwarded messages come from.
CREATE OR REPLACE FUNCTION store_forwards(p_parts message_part[]) RETURNS VOID LANGUAGE sql VOLATILE AS $$
  INSERT INTO forwards (room_id, room_seq, origin_room_id, origin_room_seq, sent_at)
  SELECT p.room_id, p.room_seq, (p.content ->> 'originRoomId')::bigint, (p.content ->> 'originRoomSeq')::bigint, to_timestamp((p.content ->> 'sentAt')::numeric / 1000)
  FROM unnest(p_parts) AS p WHERE p.name = 'forward'
$$;
