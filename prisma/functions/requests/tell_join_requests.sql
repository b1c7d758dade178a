-- Appends the event that the requests of a room have changed; the caller holds the lock of its head. It names nobody, because all
-- members get it.
-- A plan that was made while there were no requests would read all of them: enable_seqscan.
CREATE OR REPLACE FUNCTION tell_join_requests(p_room BIGINT) RETURNS BIGINT LANGUAGE plpgsql VOLATILE SET enable_seqscan = off AS $$
BEGIN
  RETURN append_room_event(p_room, 34::smallint, NULL, NULL,
    jsonb_build_object('count', (SELECT count(*) FROM join_requests j WHERE j.room_id = p_room)));
END $$;
