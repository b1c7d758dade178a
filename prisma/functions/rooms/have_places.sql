-- Whether each of these users may join one more room. A user who is already in p_room needs no place.
CREATE OR REPLACE FUNCTION have_places(p_users BIGINT[], p_room BIGINT, p_max INTEGER) RETURNS BOOLEAN LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM lock_places(p_users);
  RETURN NOT EXISTS (
    SELECT FROM unnest(p_users) AS u
    WHERE NOT EXISTS (SELECT FROM memberships m WHERE m.room_id = p_room AND m.user_id = u) AND (SELECT c.rooms FROM rooms_of(u, p_max) AS c) >= p_max);
END $$;
