-- Ends the request of a user, with the events; the caller holds the lock of the room's head. Returns the last number of its log.
-- p_state is what the event of the own log has in place of a number: 1 waiting, 2 accepted, 3 declined, 4 taken back.
CREATE OR REPLACE FUNCTION settle_join_request(p_room BIGINT, p_user BIGINT, p_state BIGINT) RETURNS BIGINT LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM end_join_request(p_room, p_user);
  PERFORM append_account_events(ARRAY[p_user], 16::smallint, p_room, ARRAY[p_state]);
  RETURN tell_join_requests(p_room);
END $$;
