-- status: OK, NOT_FOUND, FORBIDDEN, ARCHIVED, DIRECT. NULL keeps a value, '' clears the description, 0 the lifetime of new messages.
-- Every member of a direct room can set that lifetime, and nothing else.
CREATE OR REPLACE FUNCTION update_room(p_room BIGINT, p_actor BIGINT, p_name TEXT, p_description TEXT, p_message_lifetime INT DEFAULT NULL)
RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  at room_and_actor := lock_room(p_room, p_actor); v_is_direct BOOLEAN := at.kind = 3; v_is_changed BOOLEAN;
  old rooms; v_lifetime INT := (SELECT h.message_lifetime FROM room_heads h WHERE h.room_id = p_room);
BEGIN
  room_seq := at.last_room_seq;
  status := CASE WHEN at.kind IS NULL THEN 'NOT_FOUND' WHEN v_is_direct AND coalesce(p_name, p_description) IS NOT NULL THEN 'DIRECT'
    WHEN NOT v_is_direct AND coalesce(at.permission_bits, 0) & 8 = 0 THEN 'FORBIDDEN' WHEN at.state = 1 THEN 'ARCHIVED' ELSE 'OK' END;
  IF status = 'OK' THEN
    SELECT * INTO old FROM rooms r WHERE r.id = p_room;
    UPDATE rooms r SET name = coalesce(p_name, r.name), description = nullif(coalesce(p_description, r.description), '')
    WHERE r.id = p_room AND (r.name IS DISTINCT FROM coalesce(p_name, r.name)
      OR r.description IS DISTINCT FROM nullif(coalesce(p_description, r.description), ''));
    v_is_changed := FOUND;
    UPDATE room_heads h SET message_lifetime = nullif(p_message_lifetime, 0)
    WHERE h.room_id = p_room AND p_message_lifetime IS NOT NULL AND h.message_lifetime IS DISTINCT FROM nullif(p_message_lifetime, 0);
    IF FOUND OR v_is_changed THEN
      room_seq := append_room_event(p_room, 2::smallint, p_actor, NULL, NULL);
      IF NOT v_is_direct THEN
        PERFORM record_act(p_room, p_actor, 'room', NULL, NULL, audit_change('name', old.name, coalesce(p_name, old.name))
          || audit_change('description', old.description, nullif(coalesce(p_description, old.description), ''))
          || audit_change('messageLifetimeSeconds', v_lifetime, nullif(coalesce(p_message_lifetime, v_lifetime), 0)));
      END IF;
    END IF;
  END IF;
  RETURN NEXT;
END $$;
