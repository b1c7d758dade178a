-- Replaces the position of a live location by a newer one.
-- status: OK, NOT_FOUND, NOT_AUTHOR, NO_LOCATION (it has no live location), CLOSED (it has ended), TIMED_OUT, ARCHIVED
-- There is no event. The row is locked, so a position is stored before the end or refused; deleting the message deletes the row.
CREATE OR REPLACE FUNCTION move_live_location(p_room BIGINT, p_room_seq BIGINT, p_actor BIGINT, p_position JSONB) RETURNS TEXT LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  v_status TEXT; v_ends_at TIMESTAMPTZ; v_now TIMESTAMPTZ(3) := clock_timestamp();
BEGIN
  SELECT l.ends_at, CASE WHEN old.author_id <> p_actor THEN 'NOT_AUTHOR' WHEN l.ends_at IS NULL OR old.text IS NULL OR old.expires_at <= v_now THEN 'NO_LOCATION'
    ELSE nullif(post_status(m.role, m.is_hidden, m.permission_bits | 1, m.timeout_until, h.state, v_now), 'OK') END INTO v_ends_at, v_status
  FROM room_heads h CROSS JOIN LATERAL (SELECT * FROM messages old WHERE old.room_id = p_room AND old.room_seq = p_room_seq LIMIT 1) old
  CROSS JOIN LATERAL (SELECT * FROM memberships m WHERE m.room_id = p_room AND m.user_id = p_actor LIMIT 1) m
  LEFT JOIN LATERAL (SELECT * FROM message_locations l WHERE l.room_id = p_room AND l.room_seq = p_room_seq LIMIT 1) l ON true
  WHERE h.room_id = p_room AND NOT m.is_hidden AND h.state < 2 AND NOT coalesce(old.seq < m.visible_from_seq, old.room_seq < m.visible_from_room_seq);
  IF NOT FOUND THEN
    RETURN 'NOT_FOUND';
  END IF;
  IF v_status IS NULL THEN
    UPDATE message_locations l SET position = p_position || jsonb_build_object('at', timeout_ms(v_now))
    WHERE l.room_id = p_room AND l.room_seq = p_room_seq AND l.ended_at IS NULL AND l.ends_at > v_now;
    v_status := CASE WHEN FOUND THEN 'OK' ELSE 'CLOSED' END;
  END IF;
  RETURN v_status;
END $$;
