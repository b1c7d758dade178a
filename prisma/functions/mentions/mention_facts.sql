-- Whom a message mentions, of these names: members but the author; '' stands for all members, where the author may mention them.
-- NULL where it is nobody.
CREATE OR REPLACE FUNCTION mention_facts(p_room BIGINT, p_author BIGINT, p_names TEXT[]) RETURNS JSONB LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_ids BIGINT[] := ARRAY(SELECT w.id FROM unnest(p_names) AS n(name)
    CROSS JOIN LATERAL (SELECT w.id FROM users w WHERE lower(w.username COLLATE "C") = n.name COLLATE "C" AND w.deleted_at IS NULL LIMIT 1) w
    CROSS JOIN LATERAL (SELECT FROM memberships m WHERE m.room_id = p_room AND m.user_id = w.id LIMIT 1) m
    WHERE w.id <> p_author ORDER BY w.id);
  v_all BOOLEAN := '' = ANY (p_names)
    AND (SELECT m.permission_bits & 128 = 0 FROM memberships m WHERE m.room_id = p_room AND m.user_id = p_author) IS FALSE;
BEGIN
  RETURN CASE WHEN v_all OR cardinality(v_ids) > 0 THEN jsonb_build_object('userIds', v_ids, 'isEverybody', v_all) END;
END $$;
