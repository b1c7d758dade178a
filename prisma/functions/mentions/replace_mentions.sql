-- Stores whom edited messages mention now, in place of those that they did before. The caller holds the locks of the rooms.
CREATE OR REPLACE FUNCTION replace_mentions(p_rooms BIGINT[], p_room_seqs BIGINT[], p_seqs BIGINT[], p_facts JSONB[]) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  -- A join with a table that was empty when it was planned reads the whole index.
  DELETE FROM message_mentions s WHERE s.ctid = ANY (ARRAY(SELECT o.ctid FROM unnest(p_rooms, p_room_seqs) AS x(room_id, room_seq)
    CROSS JOIN LATERAL (SELECT o.ctid FROM message_mentions o WHERE o.room_id = x.room_id AND o.room_seq = x.room_seq OFFSET 0) o));
  PERFORM count_mentions(array_agg(x.room_id), array_agg(x.seq), array_agg(x.facts -> 'was'), -1)
  FROM unnest(p_rooms, p_seqs, p_facts) AS x(room_id, seq, facts) WHERE x.facts -> 'was' <> 'null' HAVING count(*) > 0;
  PERFORM store_mentions(array_agg(x.room_id), array_agg(x.room_seq), array_agg(x.seq), array_agg(x.facts -> 'now'))
  FROM unnest(p_rooms, p_room_seqs, p_seqs, p_facts) AS x(room_id, room_seq, seq, facts) WHERE x.facts -> 'now' <> 'null' HAVING count(*) > 0;
END $$;
