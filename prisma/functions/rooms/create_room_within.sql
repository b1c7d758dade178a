-- status: as create_room, or FULL (the actor is in p_max rooms), GUEST. A replay needs no place.
CREATE OR REPLACE FUNCTION create_room_within(p_max INTEGER, p_actor BIGINT, p_kind SMALLINT, p_name TEXT, p_description TEXT, p_key TEXT, p_fingerprint UUID)
RETURNS TABLE (status TEXT, room_id BIGINT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  IF are_guests_elsewhere(ARRAY[p_actor], NULL) THEN
    RETURN QUERY SELECT 'GUEST', 0::bigint, 0::bigint;
  ELSIF NOT have_places(ARRAY[p_actor], NULL, p_max) AND NOT EXISTS (
    SELECT FROM creation_keys k WHERE k.author_id = p_actor AND k.operation = 'createRoom' AND k.key = p_key COLLATE "C")
  THEN
    RETURN QUERY SELECT 'FULL', 0::bigint, 0::bigint;
  ELSE
    RETURN QUERY SELECT * FROM create_room(p_actor, p_kind, p_name, p_description, p_key, p_fingerprint);
  END IF;
END $$;
