-- Closes a poll: for a user, or with NULL because its time is over.
-- status: OK, SAME (it is closed), NOT_FOUND, DELETED, NO_POLL, FORBIDDEN, ARCHIVED, AGAIN (its time is not over)
-- Who may delete the message may close its poll. Time goes on in archived rooms.
CREATE OR REPLACE FUNCTION close_poll(p_room BIGINT, p_room_seq BIGINT, p_actor BIGINT) RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  v RECORD; v_now TIMESTAMPTZ(3);
BEGIN
  PERFORM lock_rooms(ARRAY[p_room], false);
  v_now := clock_timestamp();
  SELECT h.last_room_seq, greatest(v_now, h.last_at) AS at, p.closes_at,
    CASE WHEN h.state = 2 OR old.room_id IS NULL OR p_actor IS NOT NULL
        AND (m.role IS NULL OR m.is_hidden OR coalesce(old.seq < m.visible_from_seq, old.room_seq < m.visible_from_room_seq)) THEN 'NOT_FOUND'
      WHEN old.text IS NULL OR old.expires_at <= v_now THEN 'DELETED'
      WHEN p.room_id IS NULL THEN 'NO_POLL'
      WHEN old.author_id <> p_actor AND (m.permission_bits & 16 = 0 OR coalesce(am.role, 0) >= m.role) THEN 'FORBIDDEN'
      WHEN p.closed_at IS NOT NULL THEN 'SAME'
      WHEN p_actor IS NULL AND (p.closes_at > v_now) IS NOT FALSE THEN 'AGAIN'
      WHEN p_actor IS NOT NULL AND h.state = 1 THEN 'ARCHIVED'
      ELSE 'OK' END AS status
  INTO v FROM room_heads h
  LEFT JOIN LATERAL (SELECT * FROM memberships m WHERE m.room_id = p_room AND m.user_id = p_actor LIMIT 1) m ON true
  LEFT JOIN LATERAL (SELECT * FROM messages old WHERE old.room_id = p_room AND old.room_seq = p_room_seq LIMIT 1) old ON true
  LEFT JOIN LATERAL (SELECT * FROM memberships am WHERE am.room_id = p_room AND am.user_id = old.author_id LIMIT 1) am ON true
  LEFT JOIN LATERAL (SELECT * FROM polls p WHERE p.room_id = p_room AND p.room_seq = p_room_seq LIMIT 1) p ON true
  WHERE h.room_id = p_room;
  status := coalesce(v.status, 'NOT_FOUND');
  room_seq := v.last_room_seq;
  IF status = 'OK' THEN
    UPDATE polls p SET closed_at = least(p.closes_at, v.at) WHERE p.room_id = p_room AND p.room_seq = p_room_seq;
    room_seq := append_room_event(p_room, 22::smallint, p_actor, p_room_seq, NULL);
  END IF;
  RETURN NEXT;
END $$;
