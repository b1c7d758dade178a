-- Erases what a room still stores of a deleted user who has left it: permissions, a timeout, and the wait of slow mode.
CREATE OR REPLACE FUNCTION forget_member(p_room BIGINT, p_user BIGINT) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  DELETE FROM permission_overrides o WHERE o.room_id = p_room AND o.target = p_user;
  DELETE FROM former_timeouts f WHERE f.room_id = p_room AND f.user_id = p_user;
  DELETE FROM slow_mode_posts s WHERE s.room_id = p_room AND s.user_id = p_user;
END $$;
