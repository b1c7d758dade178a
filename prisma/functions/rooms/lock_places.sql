-- Takes an advisory lock for each of these users, by id: of two calls at once the second counts the rooms that the first
-- has added. Taken before any lock of a room.
CREATE OR REPLACE FUNCTION lock_places(p_users BIGINT[]) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_user BIGINT;
BEGIN
  FOR v_user IN SELECT DISTINCT u FROM unnest(p_users) AS u ORDER BY u LOOP
    PERFORM pg_advisory_xact_lock(hashtextextended('rooms of user ' || v_user, 0));
  END LOOP;
END $$;
