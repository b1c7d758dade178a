-- Appends one event to a room's log. The caller holds the lock of the head.
CREATE OR REPLACE FUNCTION append_room_event(p_room BIGINT, p_kind SMALLINT, p_actor BIGINT, p_subject BIGINT, p_facts JSONB)
RETURNS BIGINT LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  head room_heads;
BEGIN
  UPDATE room_heads SET last_room_seq = last_room_seq + 1,
    last_stamp = pg_current_xact_id()::text::bigint,
    top_stamp = greatest(pg_current_xact_id()::text::bigint, top_stamp),
    last_at = greatest(clock_timestamp()::timestamptz(3), last_at)
  WHERE room_id = p_room RETURNING * INTO head;
  INSERT INTO room_events (room_id, room_seq, kind, actor_id, subject, message_seq, stamp, created_at, facts)
  VALUES (p_room, head.last_room_seq, p_kind, p_actor, p_subject, head.last_message_seq, head.last_stamp, head.last_at, p_facts);
  RETURN head.last_room_seq;
END $$;
