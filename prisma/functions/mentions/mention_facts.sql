-- Whom a message mentions, of these names: members but the author, those of a role with it; '' stands for all members, where the
-- author may mention them and send messages. NULL where it is nobody.
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
    AND (SELECT m.permission_bits & 128 = 0 OR m.permission_bits & 1 = 0 FROM memberships m WHERE m.room_id = p_room AND m.user_id = p_author) IS FALSE;
BEGIN
  IF NOT v_all AND cardinality(v_ids) = 0 THEN
    RETURN NULL;
  END IF;
  RETURN jsonb_strip_nulls(jsonb_build_object('userIds', v_ids, 'isEverybody', v_all, 'roles', v_roles));
END $$;
