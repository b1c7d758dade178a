-- Stores whom messages mention: rows for those who show it, and tallies for those who count it. A message that mentions all
-- members counts once for each. The caller holds the locks of the rooms.
CREATE OR REPLACE FUNCTION store_mentions(p_rooms BIGINT[], p_room_seqs BIGINT[], p_seqs BIGINT[], p_facts JSONB[]) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  INSERT INTO message_mentions (room_id, room_seq, user_id)
  SELECT x.room_id, x.room_seq, u.id::bigint FROM unnest(p_rooms, p_room_seqs, p_facts) AS x(room_id, room_seq, facts)
  CROSS JOIN LATERAL (SELECT jsonb_array_elements_text(x.facts -> 'userIds') UNION ALL SELECT '0' WHERE (x.facts ->> 'isEverybody')::boolean
    UNION ALL SELECT '-' || jsonb_array_elements_text(x.facts -> 'roles')) AS u(id);
  UPDATE room_heads h SET last_call_seq = greatest(h.last_call_seq, x.seq)
  FROM (SELECT x.room_id, max(x.seq) AS seq FROM unnest(p_rooms, p_seqs, p_facts) AS x(room_id, seq, facts)
    WHERE (x.facts ->> 'isEverybody')::boolean GROUP BY x.room_id) x WHERE h.room_id = x.room_id;
  UPDATE memberships m SET mentioned_seq = greatest(m.mentioned_seq, x.seq)
  FROM (SELECT x.room_id, u.id::bigint AS user_id, max(x.seq) AS seq FROM unnest(p_rooms, p_seqs, p_facts) AS x(room_id, seq, facts)
    CROSS JOIN LATERAL jsonb_array_elements_text(x.facts -> 'userIds') AS u(id) GROUP BY 1, 2) x
  WHERE m.room_id = x.room_id AND m.user_id = x.user_id;
  PERFORM count_mentions(p_rooms, p_seqs, p_facts, 1);
END $$;
