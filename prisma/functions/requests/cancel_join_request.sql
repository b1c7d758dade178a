-- Takes back a request; the user can ask again after 10 minutes. status: OK, SAME (there is none), NOT_FOUND
CREATE OR REPLACE FUNCTION cancel_join_request(p_room BIGINT, p_user BIGINT)
RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  at room_and_actor := lock_room(p_room, p_user);
BEGIN
  room_seq := at.last_room_seq;
  status := CASE WHEN at.kind IS NULL THEN 'NOT_FOUND' WHEN has_join_request(p_room, p_user) THEN 'OK' ELSE 'SAME' END;
  IF status = 'OK' THEN
    room_seq := settle_join_request(p_room, p_user, 4);
    PERFORM pause_join_requests(p_room, p_user, 600);
  END IF;
  RETURN NEXT;
END $$;
