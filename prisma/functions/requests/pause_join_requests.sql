-- Keeps a user from asking for the same room again, for a number of seconds; the caller holds the lock of the room's head.
CREATE OR REPLACE FUNCTION pause_join_requests(p_room BIGINT, p_user BIGINT, p_seconds INT) RETURNS VOID LANGUAGE sql VOLATILE AS $$
  INSERT INTO join_request_pauses (room_id, user_id, until) VALUES (p_room, p_user, clock_timestamp() + p_seconds * interval '1 second')
  ON CONFLICT (room_id, user_id) DO UPDATE SET until = excluded.until
$$;
