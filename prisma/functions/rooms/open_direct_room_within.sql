-- status: as open_direct_room, FULL, or OTHERS_FULL (one of the others is in p_max_others rooms)
CREATE OR REPLACE FUNCTION open_direct_room_within(p_max INTEGER, p_max_others INTEGER, p_actor BIGINT, p_users BIGINT[])
RETURNS TABLE (status TEXT, room_id BIGINT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_users BIGINT[] := (SELECT array_agg(DISTINCT u ORDER BY u) FROM unnest(p_users || p_actor) AS u);
  v_room BIGINT;
BEGIN
  PERFORM have_places(v_users, NULL, p_max); -- all locks in one order
  SELECT r.id INTO v_room FROM rooms r WHERE r.direct_key = array_to_string(v_users, ',');
  IF NOT have_places(ARRAY[p_actor], v_room, p_max) THEN
    RETURN QUERY SELECT 'FULL', 0::bigint, 0::bigint;
  ELSIF NOT have_places(array_remove(v_users, p_actor), v_room, p_max_others) THEN
    RETURN QUERY SELECT 'OTHERS_FULL', 0::bigint, 0::bigint;
  ELSE
    RETURN QUERY SELECT * FROM open_direct_room(p_actor, p_users);
  END IF;
END $$;
