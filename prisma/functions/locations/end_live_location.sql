-- Ends a live location: for its author, or with NULL because its time is over.
-- status: OK, SAME (it has ended), NOT_FOUND, NOT_AUTHOR, NO_LOCATION (it has no live location), AGAIN (its time is not over)
-- Time goes on in archived rooms, and there the author can end it, too.
CREATE OR REPLACE FUNCTION end_live_location(p_room BIGINT, p_room_seq BIGINT, p_actor BIGINT) RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  v RECORD; v_now TIMESTAMPTZ(3);
BEGIN
  PERFORM lock_rooms(ARRAY[p_room], false);
  v_now := clock_timestamp();
  SELECT h.last_room_seq, greatest(v_now, h.last_at) AS at, l.ends_at,
    CASE WHEN h.state = 2 OR old.room_id IS NULL OR p_actor IS NOT NULL
        AND (m.role IS NULL OR m.is_hidden OR coalesce(old.seq < m.visible_from_seq, old.room_seq < m.visible_from_room_seq)) THEN 'NOT_FOUND'
      WHEN old.author_id <> p_actor THEN 'NOT_AUTHOR'
      WHEN l.ends_at IS NULL OR old.text IS NULL OR old.expires_at <= v_now THEN 'NO_LOCATION'
      WHEN l.ended_at IS NOT NULL THEN 'SAME'
      WHEN p_actor IS NULL AND l.ends_at > v_now THEN 'AGAIN'
      ELSE 'OK' END AS status
  INTO v FROM room_heads h
  LEFT JOIN LATERAL (SELECT * FROM memberships m WHERE m.room_id = p_room AND m.user_id = p_actor LIMIT 1) m ON true
  LEFT JOIN LATERAL (SELECT * FROM messages old WHERE old.room_id = p_room AND old.room_seq = p_room_seq LIMIT 1) old ON true
  LEFT JOIN LATERAL (SELECT * FROM message_locations l WHERE l.room_id = p_room AND l.room_seq = p_room_seq LIMIT 1) l ON true
  WHERE h.room_id = p_room;
  status := coalesce(v.status, 'NOT_FOUND');
  room_seq := v.last_room_seq;
  IF status = 'OK' THEN
    UPDATE message_locations l SET ended_at = least(l.ends_at, v.at) WHERE l.room_id = p_room AND l.room_seq = p_room_seq;
    room_seq := append_room_event(p_room, 23::smallint, p_actor, p_room_seq, NULL);
  END IF;
  RETURN NEXT;
END $$;
