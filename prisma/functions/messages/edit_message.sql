-- Only for nodes of the previous release; calls make_changes.
CREATE OR REPLACE FUNCTION edit_message(p_room BIGINT, p_room_seq BIGINT, p_actor BIGINT, p_text TEXT, p_expected_version INT)
RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE sql VOLATILE ROWS 1 AS $$
  SELECT CASE o.status WHEN 'SAME' THEN 'OK' WHEN 'FORBIDDEN' THEN 'NOT_PERMITTED' ELSE o.status END, o.room_seq
  FROM make_changes(false, p_edits => ARRAY[ROW(p_room, p_room_seq, p_actor, p_text, p_expected_version)::message_edit]) o
$$;
