-- Only for nodes of the previous release; calls make_changes.
CREATE OR REPLACE FUNCTION join_room_within(p_max INTEGER, p_room BIGINT, p_actor BIGINT)
RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE sql VOLATILE ROWS 1 AS $$
  SELECT CASE o.status WHEN 'SAME' THEN 'OK' WHEN 'NO_PLACE' THEN 'FULL' WHEN 'BANNED' THEN 'FORBIDDEN' ELSE o.status END, coalesce(o.room_seq, 0)
  FROM make_changes(false, p_joins => ARRAY[ROW(p_room, p_actor, p_max)::room_join]) o
$$;
