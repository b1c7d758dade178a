-- Takes an advisory lock for each of these users, by id: the second of two concurrent calls counts the rooms that the
-- first has added. Call it before any lock of a room.
CREATE OR REPLACE FUNCTION lock_places(p_users BIGINT[]) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('rooms of user ' || u.user_id, 0))
  FROM (SELECT DISTINCT u.user_id FROM unnest(p_users) AS u(user_id) ORDER BY u.user_id) AS u;
END $$;
