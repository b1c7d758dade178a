-- Counts in their threads whom replies mention. A reply that mentions all members counts once for each, and makes nobody follow. The
-- caller holds the locks of the rooms.
CREATE OR REPLACE FUNCTION store_reply_mentions(p_rooms BIGINT[], p_roots BIGINT[], p_thread_seqs BIGINT[], p_facts JSONB[]) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  UPDATE threads t SET last_call_seq = greatest(t.last_call_seq, x.seq)
  FROM (SELECT x.room_id, x.root_seq, max(x.seq) AS seq FROM unnest(p_rooms, p_roots, p_thread_seqs, p_facts) AS x(room_id, root_seq, seq, facts)
    WHERE (x.facts ->> 'isEverybody')::boolean GROUP BY 1, 2) x WHERE t.room_id = x.room_id AND t.root_seq = x.root_seq;
  INSERT INTO thread_members AS m (room_id, root_seq, user_id, is_following, mentioned_seq)
  SELECT x.room_id, x.root_seq, u.id::bigint, true, max(x.seq) FROM unnest(p_rooms, p_roots, p_thread_seqs, p_facts) AS x(room_id, root_seq, seq, facts)
  CROSS JOIN LATERAL jsonb_array_elements_text(x.facts -> 'userIds') AS u(id) GROUP BY 1, 2, 3
  ON CONFLICT (room_id, root_seq, user_id) DO UPDATE SET is_following = true, mentioned_seq = greatest(m.mentioned_seq, excluded.mentioned_seq);
  PERFORM count_mentions(p_rooms, p_thread_seqs, p_facts, 1, p_roots);
END $$;
