-- Keeps the timeout of a member who leaves, for when the user returns; the caller holds the lock of the room's head.
-- A plan that was made while there were none would read all of them: enable_seqscan.
CREATE OR REPLACE FUNCTION keep_timeout(p_room BIGINT, p_user BIGINT) RETURNS VOID LANGUAGE plpgsql VOLATILE SET enable_seqscan = off AS $$
BEGIN
  DELETE FROM former_timeouts f WHERE f.room_id = p_room AND f.user_id = p_user;
  INSERT INTO former_timeouts (room_id, user_id, until)
  SELECT m.room_id, m.user_id, m.timeout_until FROM memberships m
  WHERE m.room_id = p_room AND m.user_id = p_user AND m.timeout_until > clock_timestamp();
END $$;
