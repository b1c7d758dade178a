-- status: as join_room, or FULL
CREATE OR REPLACE FUNCTION join_room_within(p_max INTEGER, p_room BIGINT, p_actor BIGINT)
RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  IF NOT have_places(ARRAY[p_actor], p_room, p_max) THEN
    RETURN QUERY SELECT 'FULL', 0::bigint;
  ELSE
    RETURN QUERY SELECT * FROM join_room(p_room, p_actor);
  END IF;
END $$;
