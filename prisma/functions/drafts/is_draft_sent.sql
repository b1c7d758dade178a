-- Whether the user's message with this key is stored: then its draft is over.
CREATE OR REPLACE FUNCTION is_draft_sent(p_room BIGINT, p_user BIGINT, p_key TEXT) RETURNS BOOLEAN LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM messages m WHERE m.room_id = p_room AND m.author_id = p_user AND m.idempotency_key = p_key COLLATE "C")
$$;
