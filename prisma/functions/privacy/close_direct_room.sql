-- Takes the permission to write from the members of a direct room, or gives it back: an override of their role, by no user.
-- Live locations of both end. The caller holds the lock of the head. Returns the number of the event, NULL where nothing changes.
CREATE OR REPLACE FUNCTION close_direct_room(p_room BIGINT, p_is_closed BOOLEAN) RETURNS BIGINT LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_role SMALLINT := 20; v_facts JSONB;
BEGIN
  IF EXISTS (SELECT FROM permission_overrides o WHERE o.room_id = p_room AND o.target = -v_role) = p_is_closed THEN
    RETURN NULL;
  END IF;
  IF p_is_closed THEN
    INSERT INTO permission_overrides (room_id, target, allow_bits, deny_bits) VALUES (p_room, -v_role, 0, 1);
    PERFORM end_live_location(l.room_id, l.room_seq, m.author_id) FROM (
      SELECT * FROM message_locations l WHERE l.room_id = p_room AND l.ends_at IS NOT NULL AND l.ended_at IS NULL ORDER BY l.room_seq
    ) l CROSS JOIN LATERAL (SELECT m.author_id FROM messages m WHERE m.room_id = l.room_id AND m.room_seq = l.room_seq LIMIT 1) m;
  ELSE
    DELETE FROM permission_overrides o WHERE o.room_id = p_room AND o.target = -v_role;
  END IF;
  v_facts := change_permissions(p_room, 3::smallint, -v_role, v_role);
  RETURN append_room_event(p_room, 30::smallint, NULL, -v_role, v_facts || jsonb_build_object('allow', 0, 'deny', p_is_closed::int));
END $$;
