-- Whom a message mentions, as mention_facts returned it.
CREATE OR REPLACE FUNCTION stored_mentions(p_room BIGINT, p_room_seq BIGINT) RETURNS JSONB LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN count(*) > 0 THEN jsonb_build_object(
    'userIds', coalesce(jsonb_agg(s.user_id ORDER BY s.user_id) FILTER (WHERE s.user_id > 0), '[]'), 'isEverybody', bool_or(s.user_id = 0)) END
  -- OFFSET keeps the order of users out of this query: for it, a plan made for an empty table reads the index by users.
  FROM (SELECT s.user_id FROM message_mentions s WHERE s.room_id = p_room AND s.room_seq = p_room_seq OFFSET 0) s
$$;
