-- Ends the request of a user, with the events; the caller holds the lock of the room's head. Returns the last number of its log.
-- p_state is that of tell_join_answers.
CREATE OR REPLACE FUNCTION settle_join_request(p_room BIGINT, p_user BIGINT, p_state BIGINT) RETURNS BIGINT LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM end_join_request(p_room, p_user);
  RETURN tell_join_answers(p_room, ARRAY[p_user], p_state);
END $$;
