-- The metadata of a message; an empty array for none.
CREATE OR REPLACE FUNCTION stored_metadata(p_room BIGINT, p_room_seq BIGINT) RETURNS JSONB LANGUAGE sql STABLE AS $$
  SELECT coalesce((SELECT d.entries FROM message_metadata d WHERE d.room_id = p_room AND d.room_seq = p_room_seq), '[]')
$$;
