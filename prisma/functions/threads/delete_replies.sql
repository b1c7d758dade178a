-- Counts deleted replies in their threads. The caller holds the locks of the rooms.
CREATE OR REPLACE FUNCTION delete_replies(p_rooms BIGINT[], p_roots BIGINT[], p_thread_seqs BIGINT[], p_facts JSONB[]) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM count_mentions(p_rooms, p_thread_seqs, p_facts, -1, p_roots);
  PERFORM add_to_tallies(array_agg(x.room_id), array_agg(thread_set(x.root_seq, 0)), array_agg(x.seq))
  FROM unnest(p_rooms, p_roots, p_thread_seqs) AS x(room_id, root_seq, seq);
  UPDATE threads t SET deleted_count = t.deleted_count + x.count, last_deleted_seq = greatest(t.last_deleted_seq, x.seq)
  FROM (SELECT x.room_id, x.root_seq, count(*) AS count, max(x.seq) AS seq FROM unnest(p_rooms, p_roots, p_thread_seqs) AS x(room_id, root_seq, seq)
    GROUP BY 1, 2) x WHERE t.room_id = x.room_id AND t.root_seq = x.root_seq;
END $$;
