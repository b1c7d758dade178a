-- How many rooms a person may be in. The functions here count first and then call those that do the work.

-- Whether each of these people may be in one more room than now; whoever is in p_room already needs no place.
-- Takes an advisory lock for each person, by id, and before any lock of a room: of two calls at once the second counts
-- what the first has added.
CREATE FUNCTION have_places(p_users BIGINT[], p_room BIGINT, p_max INTEGER) RETURNS BOOLEAN LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_user BIGINT;
BEGIN
  FOR v_user IN SELECT DISTINCT u FROM unnest(p_users) AS u ORDER BY u LOOP
    PERFORM pg_advisory_xact_lock(hashtextextended('rooms of user ' || v_user, 0));
  END LOOP;
  RETURN NOT EXISTS (
    SELECT FROM unnest(p_users) AS u
    WHERE NOT EXISTS (SELECT FROM memberships m WHERE m.room_id = p_room AND m.user_id = u)
      AND (SELECT count(*) FROM (SELECT FROM memberships m WHERE m.user_id = u LIMIT p_max) AS counted) >= p_max);
END $$;

-- status: as create_room, or FULL (the actor is in p_max rooms). A replay needs no place.
CREATE FUNCTION create_room_within(p_max INTEGER, p_actor BIGINT, p_kind SMALLINT, p_name TEXT, p_description TEXT, p_key TEXT, p_fingerprint UUID)
RETURNS TABLE (status TEXT, room_id BIGINT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  IF NOT have_places(ARRAY[p_actor], NULL, p_max) AND NOT EXISTS (
    SELECT FROM creation_keys k WHERE k.author_id = p_actor AND k.operation = 'createRoom' AND k.key = p_key COLLATE "C")
  THEN
    RETURN QUERY SELECT 'FULL', 0::bigint, 0::bigint;
  ELSE
    RETURN QUERY SELECT * FROM create_room(p_actor, p_kind, p_name, p_description, p_key, p_fingerprint);
  END IF;
END $$;

-- status: as open_direct_room, FULL, or OTHERS_FULL (one of the others is in p_max_others rooms)
CREATE FUNCTION open_direct_room_within(p_max INTEGER, p_max_others INTEGER, p_actor BIGINT, p_users BIGINT[])
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

-- status: as join_room, or FULL
CREATE FUNCTION join_room_within(p_max INTEGER, p_room BIGINT, p_actor BIGINT)
RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  IF NOT have_places(ARRAY[p_actor], p_room, p_max) THEN
    RETURN QUERY SELECT 'FULL', 0::bigint;
  ELSE
    RETURN QUERY SELECT * FROM join_room(p_room, p_actor);
  END IF;
END $$;

-- status: as add_members, or OTHERS_FULL
CREATE FUNCTION add_members_within(p_max_others INTEGER, p_room BIGINT, p_actor BIGINT, p_users BIGINT[], p_role SMALLINT)
RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  IF NOT have_places(p_users, p_room, p_max_others) THEN
    RETURN QUERY SELECT 'OTHERS_FULL', 0::bigint;
  ELSE
    RETURN QUERY SELECT * FROM add_members(p_room, p_actor, p_users, p_role);
  END IF;
END $$;
