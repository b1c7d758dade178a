-- How many living replies above a read mark a user has not read, and how many of them mention the user. Own replies are never above
-- the own mark: each reply raises it, and it does not fall below one. Nobody without a mark was mentioned by name.
CREATE OR REPLACE FUNCTION thread_unread(p_thread threads, p_user BIGINT, p_read BIGINT, p_mentioned BIGINT)
RETURNS TABLE (replies BIGINT, mentions BIGINT) LANGUAGE sql STABLE ROWS 1 AS $$
  SELECT CASE WHEN p_thread.last_thread_seq <= p_read THEN 0 ELSE p_thread.last_thread_seq - p_read
      - CASE WHEN p_thread.last_deleted_seq <= p_read THEN 0 ELSE tally_above(p_thread.room_id, thread_set(p_thread.root_seq, 0), p_read) END END,
    CASE WHEN p_mentioned <= p_read THEN 0 ELSE tally_above(p_thread.room_id, thread_set(p_thread.root_seq, p_user), p_read) END
      + CASE WHEN p_thread.last_call_seq <= p_read THEN 0 ELSE tally_above(p_thread.room_id, thread_set(p_thread.root_seq, -1), p_read) END
$$;
