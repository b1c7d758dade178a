-- Puts messages into the sets of those that mention somebody, or takes them out. Set -1 has those that mention all members.
-- p_roots: of replies, whose numbers are those of their threads; NULL for the sets of the main timeline. Messages without a
-- number are in no set.
CREATE OR REPLACE FUNCTION count_mentions(p_rooms BIGINT[], p_seqs BIGINT[], p_facts JSONB[], p_by INT, p_roots BIGINT[] DEFAULT NULL) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_rooms BIGINT[]; v_subjects BIGINT[]; v_seqs BIGINT[];
BEGIN
  SELECT array_agg(x.room_id), array_agg(coalesce(thread_set(x.root_seq, u.id::bigint), u.id::bigint)), array_agg(x.seq) INTO v_rooms, v_subjects, v_seqs
  FROM unnest(p_rooms, p_seqs, p_facts, p_roots) AS x(room_id, seq, facts, root_seq)
  CROSS JOIN LATERAL (SELECT '-1' WHERE (x.facts ->> 'isEverybody')::boolean
    UNION ALL SELECT jsonb_array_elements_text(x.facts -> 'userIds') WHERE NOT (x.facts ->> 'isEverybody')::boolean) AS u(id)
  WHERE x.seq IS NOT NULL;
  IF v_rooms IS NULL THEN
    RETURN;
  END IF;
  IF p_by > 0 THEN
    PERFORM add_to_tallies(v_rooms, v_subjects, v_seqs);
  ELSE
    PERFORM remove_from_tallies(v_rooms, v_subjects, v_seqs);
  END IF;
END $$;
