-- status: OK, NOT_FOUND, DIRECT, FORBIDDEN, RANK. Removing a user who is not a member is OK.
CREATE OR REPLACE FUNCTION remove_member(p_room BIGINT, p_actor BIGINT, p_user BIGINT, p_reason TEXT DEFAULT NULL)
RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  at room_and_actor := lock_room(p_room, p_actor);
  v_rank SMALLINT := (SELECT role FROM memberships WHERE room_id = p_room AND user_id = p_user);
BEGIN
  room_seq := at.last_room_seq;
  status := CASE WHEN at.kind IS NULL THEN 'NOT_FOUND' WHEN at.kind = 3 THEN 'DIRECT'
    WHEN coalesce(at.permission_bits, 0) & 4 = 0 THEN 'FORBIDDEN' WHEN v_rank >= at.role THEN 'RANK' ELSE 'OK' END;
  IF status = 'OK' AND v_rank IS NOT NULL THEN
    room_seq := dismiss_member(p_room, p_actor, p_user, true);
    PERFORM record_act(p_room, p_actor, 'remove', p_user, p_reason, NULL);
  END IF;
  RETURN NEXT;
END $$;
