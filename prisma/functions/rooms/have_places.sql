-- Whether each of these users may join one more room. A user who is in p_room already needs no place.
-- Takes an advisory lock for each person, by id, and before any lock of a room: of two calls at once the second counts
-- what the first has added.
CREATE OR REPLACE FUNCTION have_places(p_users BIGINT[], p_room BIGINT, p_max INTEGER) RETURNS BOOLEAN LANGUAGE plpgsql VOLATILE AS $$
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
