-- Asks for membership in a public room whose members decide who joins.
-- status: OK, SAME (a member, or has asked), NOT_FOUND, BANNED, ARCHIVED, OPEN (everybody can join), NOT_OPEN (only by invites),
--         PAUSED (for retry_after_ms, because an earlier request was taken back or declined), LIMIT (20 requests of the user),
--         QUEUE_FULL (1000 requests for the room)
-- A plan that was made while there were no requests would read all of them: enable_seqscan.
CREATE OR REPLACE FUNCTION request_to_join(p_room BIGINT, p_user BIGINT, p_text TEXT)
RETURNS TABLE (status TEXT, room_seq BIGINT, retry_after_ms INT) LANGUAGE plpgsql VOLATILE SET enable_seqscan = off AS $$
DECLARE
  at room_and_actor; v_policy SMALLINT;
BEGIN
  -- The second of two requests of a user at once counts the first.
  PERFORM lock_places(ARRAY[p_user]);
  at := lock_room(p_room, p_user);
  v_policy := (SELECT h.join_policy FROM room_heads h WHERE h.room_id = p_room);
  room_seq := at.last_room_seq;
  retry_after_ms := join_request_wait(p_room, p_user);
  status := CASE WHEN at.kind IS NULL THEN 'NOT_FOUND'
    WHEN at.role IS NOT NULL OR has_join_request(p_room, p_user) THEN 'SAME'
    WHEN is_banned(p_room, p_user) THEN 'BANNED'
    WHEN at.state = 1 THEN 'ARCHIVED' WHEN v_policy = 1 THEN 'OPEN' WHEN v_policy = 3 THEN 'NOT_OPEN'
    WHEN retry_after_ms IS NOT NULL THEN 'PAUSED'
    WHEN (SELECT count(*) FROM join_requests j WHERE j.user_id = p_user) > 19 THEN 'LIMIT'
    WHEN (SELECT count(*) FROM join_requests j WHERE j.room_id = p_room) > 999 THEN 'QUEUE_FULL' ELSE 'OK' END;
  IF status = 'OK' THEN
    INSERT INTO join_requests (room_id, user_id, text, created_at) VALUES (p_room, p_user, p_text, clock_timestamp());
    PERFORM append_account_events(ARRAY[p_user], 16::smallint, p_room, ARRAY[1::bigint]);
    room_seq := tell_join_requests(p_room);
  END IF;
  RETURN NEXT;
END $$;
