-- status: OK, NOT_FOUND, ARCHIVED, FORBIDDEN (only public rooms can be joined)
CREATE OR REPLACE FUNCTION join_room(p_room BIGINT, p_actor BIGINT)
RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  at room_and_actor := lock_room(p_room, p_actor);
BEGIN
  room_seq := at.last_room_seq;
  status := CASE WHEN at.kind IS NULL THEN 'NOT_FOUND' WHEN at.role IS NOT NULL THEN 'OK' WHEN at.state = 1 THEN 'ARCHIVED' ELSE 'OK' END;
  IF status = 'OK' AND at.role IS NULL THEN
    room_seq := admit_members(p_room, p_actor, ARRAY[p_actor], 20::smallint, false, NULL);
  END IF;
  RETURN NEXT;
END $$;
