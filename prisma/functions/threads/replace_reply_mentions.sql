-- Counts in their threads whom edited replies mention now, in place of those that they did before. The caller holds the locks of
-- the rooms.
CREATE OR REPLACE FUNCTION replace_reply_mentions(p_rooms BIGINT[], p_roots BIGINT[], p_thread_seqs BIGINT[], p_facts JSONB[]) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM count_mentions(array_agg(x.room_id), array_agg(x.seq), array_agg(x.facts -> 'was'), -1, array_agg(x.root_seq))
  FROM unnest(p_rooms, p_roots, p_thread_seqs, p_facts) AS x(room_id, root_seq, seq, facts) WHERE x.facts -> 'was' <> 'null' HAVING count(*) > 0;
  PERFORM store_reply_mentions(array_agg(x.room_id), array_agg(x.root_seq), array_agg(x.seq), array_agg(x.facts -> 'now'))
  FROM unnest(p_rooms, p_roots, p_thread_seqs, p_facts) AS x(room_id, root_seq, seq, facts) WHERE x.facts -> 'now' <> 'null' HAVING count(*) > 0;
END $$;
