-- How long a user whose request was taken back or declined waits before the next one for that room, in ms; NULL: not at all.
-- A plan that was made while nobody had to wait would read all rows: enable_seqscan.
CREATE OR REPLACE FUNCTION join_request_wait(p_room BIGINT, p_user BIGINT) RETURNS INT LANGUAGE plpgsql STABLE SET enable_seqscan = off AS $$
BEGIN
  RETURN (SELECT CASE WHEN x.ms > 0 THEN x.ms END FROM (
    -- After a step of the clock backwards, nobody waits longer than the longest pause.
    SELECT ceil(extract(epoch FROM least(p.until - clock_timestamp(), interval '24 hours')) * 1000)::int AS ms
    FROM join_request_pauses p WHERE p.room_id = p_room AND p.user_id = p_user) x);
END $$;
