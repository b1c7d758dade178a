-- Only for nodes of the previous release; calls post_one.
CREATE OR REPLACE FUNCTION post_message(p_room BIGINT, p_author BIGINT, p_key TEXT, p_fingerprint UUID, p_text TEXT, p_reply_to BIGINT)
RETURNS TABLE (status SMALLINT, room_seq BIGINT, seq BIGINT, created_at TIMESTAMPTZ, username TEXT, display_name TEXT)
LANGUAGE sql VOLATILE ROWS 1 AS $$
  SELECT old_post_status(o.status), o.room_seq, o.message_seq, o.created_at, o.username, o.display_name
  FROM post_one(ROW(p_room, p_author, p_key, p_fingerprint, p_text, p_reply_to)::new_message) o
$$;
