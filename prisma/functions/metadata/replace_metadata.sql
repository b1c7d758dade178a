-- Replaces the metadata of a message. An empty array removes it.
CREATE OR REPLACE FUNCTION replace_metadata(p_room BIGINT, p_room_seq BIGINT, p_entries JSONB) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  DELETE FROM message_metadata d WHERE d.room_id = p_room AND d.room_seq = p_room_seq;
  IF p_entries <> '[]' THEN
    INSERT INTO message_metadata (room_id, room_seq, entries) VALUES (p_room, p_room_seq, p_entries);
  END IF;
END $$;
