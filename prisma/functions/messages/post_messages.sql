-- Only for nodes of the previous release; calls make_changes.
CREATE OR REPLACE FUNCTION post_messages(p_room BIGINT[], p_author BIGINT[], p_key TEXT[], p_fingerprint UUID[], p_text TEXT[], p_reply_to BIGINT[],
  p_skip_locked BOOLEAN DEFAULT false)
RETURNS TABLE (ord INT, status SMALLINT, room_seq BIGINT, seq BIGINT, created_at TIMESTAMPTZ, username TEXT, display_name TEXT)
LANGUAGE sql VOLATILE ROWS 256 AS $$
  SELECT o.ord, old_post_status(o.status), o.room_seq, o.message_seq, o.created_at, o.username, o.display_name
  FROM make_changes(p_skip_locked, p_posts => ARRAY(SELECT ROW(u.room_id, u.author_id, u.key, u.fingerprint, u.text, u.reply_to)::new_message
    FROM unnest(p_room, p_author, p_key, p_fingerprint, p_text, p_reply_to)
      WITH ORDINALITY AS u(room_id, author_id, key, fingerprint, text, reply_to, ord) ORDER BY u.ord)) o
  ORDER BY o.ord
$$;
