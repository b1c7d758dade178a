-- Why a message cannot have that location: LIMIT (its author shares 3 live ones in the room). NULL where it can.
-- p_before: new messages with live ones of the same author and room that are judged before it
CREATE OR REPLACE FUNCTION location_status(p_room BIGINT, p_author BIGINT, p_now TIMESTAMPTZ, p_before BIGINT) RETURNS TEXT LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN p_before + (SELECT count(*) FROM message_locations l
    WHERE l.room_id = p_room AND l.ends_at IS NOT NULL AND l.ended_at IS NULL AND l.ends_at > p_now
      AND (SELECT m.author_id FROM messages m WHERE m.room_id = p_room AND m.room_seq = l.room_seq
        AND (m.expires_at IS NULL OR m.expires_at > p_now)) = p_author) >= 3 THEN 'LIMIT' END
$$;
