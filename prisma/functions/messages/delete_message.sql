-- Only for nodes of the previous release; calls make_changes.
CREATE OR REPLACE FUNCTION delete_message(p_room BIGINT, p_room_seq BIGINT, p_actor BIGINT)
RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE sql VOLATILE ROWS 1 AS $$
  SELECT CASE o.status WHEN 'SAME' THEN 'OK' ELSE o.status END, o.room_seq
  FROM make_changes(false, p_deletions => ARRAY[ROW(p_room, p_room_seq, p_actor)::message_deletion]) o
$$;
