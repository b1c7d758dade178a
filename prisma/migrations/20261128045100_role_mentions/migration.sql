-- A function may call one that is created after it.
SET LOCAL check_function_bodies = off;

-- Whom a message mentions, of these names: members but the author, those of a role with it; '' stands for all members, where the
-- author may mention them. NULL where it is nobody.
CREATE OR REPLACE FUNCTION mention_facts(p_room BIGINT, p_author BIGINT, p_names TEXT[]) RETURNS JSONB LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_roles INT[] := mentioned_roles(p_room, p_author, p_names);
  v_ids BIGINT[] := ARRAY(SELECT w.id FROM unnest(p_names) AS n(name)
    CROSS JOIN LATERAL (SELECT w.id FROM users w WHERE lower(w.username COLLATE "C") = n.name COLLATE "C" AND w.deleted_at IS NULL LIMIT 1) w
    CROSS JOIN LATERAL (SELECT FROM memberships m WHERE m.room_id = p_room AND m.user_id = w.id LIMIT 1) m
    WHERE w.id <> p_author
    UNION SELECT m.user_id FROM unnest(v_roles) AS r(role)
    CROSS JOIN LATERAL (SELECT m.user_id FROM memberships m WHERE m.room_id = p_room AND m.role = r.role AND m.role > 20 OFFSET 0) m
    WHERE m.user_id <> p_author ORDER BY 1);
  v_all BOOLEAN := '' = ANY (p_names)
    AND (SELECT m.permission_bits & 128 = 0 FROM memberships m WHERE m.room_id = p_room AND m.user_id = p_author) IS FALSE;
BEGIN
  IF NOT v_all AND cardinality(v_ids) = 0 THEN
    RETURN NULL;
  END IF;
  RETURN jsonb_strip_nulls(jsonb_build_object('userIds', v_ids, 'isEverybody', v_all, 'roles', v_roles));
END $$;

-- The roles that a message mentions, of these names: a role is '@' and its rank. A role of more than 50 members mentions nobody.
CREATE OR REPLACE FUNCTION mentioned_roles(p_room BIGINT, p_author BIGINT, p_names TEXT[]) RETURNS INT[] LANGUAGE sql STABLE AS $$
  SELECT array_agg(r.role) FROM (SELECT ltrim(n.name, '@')::int AS role FROM unnest(p_names) AS n(name) WHERE n.name LIKE '@%') r
  CROSS JOIN LATERAL (SELECT count(*) AS members, count(*) FILTER (WHERE m.user_id <> p_author) AS others
    FROM (SELECT m.user_id FROM memberships m WHERE m.room_id = p_room AND m.role = r.role AND m.role > 20 LIMIT 51) m) m
  WHERE m.members <= 50 AND m.others > 0
$$;

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

-- Members of a role: few of many have one above member.
CREATE INDEX memberships_ranks_idx ON memberships (room_id, role) WHERE role > 20;
