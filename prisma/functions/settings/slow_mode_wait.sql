-- How long slow mode makes a member wait for the next message, in ms; NULL: not at all. `p_now` is the time of the database.
-- A plan that was made while nobody had to wait would read all rows: enable_seqscan.
CREATE OR REPLACE FUNCTION slow_mode_wait(p_room BIGINT, p_user BIGINT, p_seconds INT, p_now TIMESTAMPTZ)
RETURNS INT LANGUAGE plpgsql STABLE SET enable_seqscan = off AS $$
DECLARE
  -- After a step of the clock backwards, nobody waits longer than p_seconds.
  v_posted TIMESTAMPTZ := (SELECT least(p_now, s.posted_at) FROM slow_mode_posts s WHERE s.room_id = p_room AND s.user_id = p_user);
BEGIN
  RETURN (SELECT CASE WHEN x.ms > 0 THEN x.ms END
    FROM (SELECT ceil(extract(epoch FROM v_posted + p_seconds * interval '1 second' - p_now) * 1000)::int AS ms) x);
END $$;
