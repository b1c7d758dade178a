-- Stores the permissions of all whom an override concerns; the caller holds the lock of the room's head. Returns them in the
-- form of the event: those of the target, and by user id those of members of the role who have an override of their own.
-- NULL where the target is no member.
CREATE OR REPLACE FUNCTION change_permissions(p_room BIGINT, p_room_kind SMALLINT, p_target BIGINT, p_role SMALLINT)
RETURNS JSONB LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_bits BIGINT := effective_permissions(p_room, p_room_kind, p_role, p_target); v_others JSONB;
BEGIN
  IF p_target > 0 THEN
    UPDATE memberships m SET permission_bits = v_bits WHERE m.room_id = p_room AND m.user_id = p_target;
    RETURN jsonb_build_object('permissions', CASE WHEN FOUND THEN v_bits END);
  END IF;
  SELECT coalesce(jsonb_object_agg(x.target, overridden_permissions(p_role, v_bits, x.allow_bits, x.deny_bits)), '{}') INTO v_others
  FROM (SELECT o.* FROM permission_overrides o
    CROSS JOIN LATERAL (SELECT FROM memberships m WHERE m.room_id = p_room AND m.user_id = o.target AND m.role = p_role LIMIT 1) m
    WHERE o.room_id = p_room AND o.target > 0) x;
  UPDATE memberships m SET permission_bits = coalesce((v_others ->> m.user_id::text)::bigint, v_bits)
  WHERE m.room_id = p_room AND m.role = p_role AND m.permission_bits <> coalesce((v_others ->> m.user_id::text)::bigint, v_bits);
  RETURN jsonb_build_object('permissions', v_bits, 'others', v_others);
END $$;
