-- Takes the permission to write from the members of a direct room, or gives it back: an override of their role, by no user.
-- The caller holds the lock of the head. Returns the number of the event, NULL where nothing changes.
CREATE OR REPLACE FUNCTION close_direct_room(p_room BIGINT, p_is_closed BOOLEAN) RETURNS BIGINT LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_role SMALLINT := 20; v_facts JSONB;
BEGIN
  IF EXISTS (SELECT FROM permission_overrides o WHERE o.room_id = p_room AND o.target = -v_role) = p_is_closed THEN
    RETURN NULL;
  END IF;
  IF p_is_closed THEN
    INSERT INTO permission_overrides (room_id, target, allow_bits, deny_bits) VALUES (p_room, -v_role, 0, 1);
  ELSE
    DELETE FROM permission_overrides o WHERE o.room_id = p_room AND o.target = -v_role;
  END IF;
  v_facts := change_permissions(p_room, 3::smallint, -v_role, v_role);
  RETURN append_room_event(p_room, 30::smallint, NULL, -v_role, v_facts || jsonb_build_object('allow', 0, 'deny', p_is_closed::int));
END $$;
