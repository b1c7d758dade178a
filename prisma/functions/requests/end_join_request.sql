-- Removes the request of a user, if there is one; the caller holds the lock of the room's head.
-- A plan that was made while there were no requests would read all of them: enable_seqscan.
CREATE OR REPLACE FUNCTION end_join_request(p_room BIGINT, p_user BIGINT) RETURNS BOOLEAN LANGUAGE plpgsql VOLATILE SET enable_seqscan = off AS $$
BEGIN
  DELETE FROM join_requests j WHERE j.room_id = p_room AND j.user_id = p_user;
  RETURN FOUND;
END $$;
