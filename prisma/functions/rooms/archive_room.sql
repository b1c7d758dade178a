-- status: OK, NOT_FOUND, FORBIDDEN
CREATE OR REPLACE FUNCTION archive_room(p_room BIGINT, p_actor BIGINT)
RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  at room_and_actor := lock_room(p_room, p_actor);
BEGIN
  room_seq := at.last_room_seq;
  status := CASE WHEN at.kind IS NULL THEN 'NOT_FOUND' WHEN coalesce(at.permission_bits, 0) & 32 = 0 THEN 'FORBIDDEN' ELSE 'OK' END;
  IF status = 'OK' AND at.state = 0 THEN
    UPDATE rooms SET archived_at = clock_timestamp() WHERE id = p_room;
    UPDATE room_heads SET state = 1 WHERE room_id = p_room;
    room_seq := append_room_event(p_room, 3::smallint, p_actor, NULL, NULL);
    PERFORM record_act(p_room, p_actor, 'archive', NULL, NULL, NULL);
  END IF;
  RETURN NEXT;
END $$;
