-- status: OK, NOT_FOUND, FORBIDDEN, ARCHIVED, DIRECT. NULL keeps a value, '' clears the description.
CREATE OR REPLACE FUNCTION update_room(p_room BIGINT, p_actor BIGINT, p_name TEXT, p_description TEXT)
RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  at room_and_actor := lock_room(p_room, p_actor);
BEGIN
  room_seq := at.last_room_seq;
  status := CASE WHEN at.kind IS NULL THEN 'NOT_FOUND' WHEN at.kind = 3 THEN 'DIRECT'
    WHEN coalesce(at.permission_bits, 0) & 8 = 0 THEN 'FORBIDDEN' WHEN at.state = 1 THEN 'ARCHIVED' ELSE 'OK' END;
  IF status = 'OK' THEN
    UPDATE rooms r SET name = coalesce(p_name, r.name), description = nullif(coalesce(p_description, r.description), '')
    WHERE r.id = p_room AND (r.name IS DISTINCT FROM coalesce(p_name, r.name)
      OR r.description IS DISTINCT FROM nullif(coalesce(p_description, r.description), ''));
    IF FOUND THEN
      room_seq := append_room_event(p_room, 2::smallint, p_actor, NULL, NULL);
    END IF;
  END IF;
  RETURN NEXT;
END $$;
