-- Ends the ban of a user. status: OK, SAME (there is none), NOT_FOUND, DIRECT, FORBIDDEN
CREATE OR REPLACE FUNCTION unban_user(p_room BIGINT, p_actor BIGINT, p_user BIGINT, p_reason TEXT)
RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  at room_and_actor := lock_room(p_room, p_actor);
BEGIN
  room_seq := at.last_room_seq;
  status := CASE WHEN at.kind IS NULL THEN 'NOT_FOUND' WHEN at.kind = 3 THEN 'DIRECT'
    WHEN coalesce(at.permission_bits, 0) & 1024 = 0 THEN 'FORBIDDEN' WHEN NOT is_banned(p_room, p_user) THEN 'SAME' ELSE 'OK' END;
  IF status = 'OK' THEN
    DELETE FROM bans b WHERE b.room_id = p_room AND b.user_id = p_user;
    PERFORM record_act(p_room, p_actor, 'unban', p_user, p_reason, NULL);
  END IF;
  RETURN NEXT;
END $$;
