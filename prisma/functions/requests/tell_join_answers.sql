-- Appends the events of requests that have ended: to the own logs of the users, and to the room, whose head the caller has locked.
-- Returns the last number of its log.
-- p_state is what the events of the own logs have in place of a number: 1 waiting, 2 accepted, 3 declined, 4 taken back.
CREATE OR REPLACE FUNCTION tell_join_answers(p_room BIGINT, p_users BIGINT[], p_state BIGINT) RETURNS BIGINT LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM append_account_events(p_users, 16::smallint, p_room, array_fill(p_state, ARRAY[cardinality(p_users)]));
  RETURN tell_join_requests(p_room);
END $$;
