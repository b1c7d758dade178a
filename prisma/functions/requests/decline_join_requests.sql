-- Declines all requests of a room that is being deleted, and ends the pauses of users; the caller holds the lock of its head.
-- A plan that was made while there were no requests would read all of them: enable_seqscan.
CREATE OR REPLACE FUNCTION decline_join_requests(p_room BIGINT) RETURNS VOID LANGUAGE plpgsql VOLATILE SET enable_seqscan = off AS $$
DECLARE
  v_users BIGINT[] := ARRAY(SELECT j.user_id FROM join_requests j WHERE j.room_id = p_room ORDER BY j.user_id);
BEGIN
  PERFORM append_account_events(v_users, 16::smallint, p_room, array_fill(3::bigint, ARRAY[cardinality(v_users)]));
  DELETE FROM join_requests j WHERE j.room_id = p_room;
  DELETE FROM join_request_pauses p WHERE p.room_id = p_room;
END $$;
