-- Removes one earlier text of a message.
CREATE OR REPLACE FUNCTION remove_revision(p_room BIGINT, p_room_seq BIGINT, p_version INT) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  DELETE FROM message_revisions r WHERE r.room_id = p_room AND r.room_seq = p_room_seq AND r.version = p_version;
END $$;
