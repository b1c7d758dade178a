-- Ends the live locations of a user who leaves a room. There is no event: who follows them reads them again when the member left.
CREATE OR REPLACE FUNCTION end_live_locations_of(p_room BIGINT, p_user BIGINT) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  UPDATE message_locations l SET ended_at = least(l.ends_at, clock_timestamp())
  WHERE l.room_id = p_room AND l.ends_at IS NOT NULL AND l.ended_at IS NULL
    AND (SELECT m.author_id FROM messages m WHERE m.room_id = p_room AND m.room_seq = l.room_seq) = p_user;
END $$;
