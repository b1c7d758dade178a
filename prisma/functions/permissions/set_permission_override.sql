-- Sets what a role or a member may do in a room; p_target is a user, or the negative rank of a role. The bits of p_allow,
-- p_deny and p_inherit get that effect, all others keep theirs. The bits of all whom it concerns change with it.
-- status: OK, SAME, NOT_FOUND, DIRECT, FORBIDDEN, NO_MEMBER (and no override from before), RANK (the target is not below the
--         actor, or no member any more, and the actor no owner), ARCHIVED, NOT_HELD (the actor has none of a permission that
--         would change), GUEST_ROLE (guests never get it), LIMIT (1000 overrides of members)
CREATE OR REPLACE FUNCTION set_permission_override(p_room BIGINT, p_actor BIGINT, p_target BIGINT, p_allow BIGINT, p_deny BIGINT, p_inherit BIGINT)
RETURNS TABLE (status TEXT, room_seq BIGINT, allow_bits BIGINT, deny_bits BIGINT) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  at room_and_actor := lock_room(p_room, p_actor);
  v_member SMALLINT := (SELECT m.role FROM memberships m WHERE m.room_id = p_room AND m.user_id = p_target);
  v_role SMALLINT := CASE WHEN p_target < 0 THEN -p_target ELSE v_member END;
  old permission_overrides; v_allow BIGINT; v_deny BIGINT; v_changed BIGINT; v_facts JSONB;
BEGIN
  SELECT * INTO old FROM permission_overrides o WHERE o.room_id = p_room AND o.target = p_target;
  v_allow := (coalesce(old.allow_bits, 0) & ~ (p_deny | p_inherit)) | p_allow;
  v_deny := (coalesce(old.deny_bits, 0) & ~ (p_allow | p_inherit)) | p_deny;
  v_changed := (coalesce(old.allow_bits, 0) # v_allow) | (coalesce(old.deny_bits, 0) # v_deny);
  status := CASE WHEN at.kind IS NULL THEN 'NOT_FOUND' WHEN at.kind = 3 THEN 'DIRECT'
    WHEN coalesce(at.permission_bits, 0) & 4 = 0 THEN 'FORBIDDEN'
    WHEN v_role IS NULL AND old.target IS NULL THEN 'NO_MEMBER'
    WHEN v_role >= at.role OR v_role IS NULL AND at.role < 50 THEN 'RANK' WHEN at.state = 1 THEN 'ARCHIVED'
    WHEN (v_changed & ~ at.permission_bits) <> 0 THEN 'NOT_HELD'
    WHEN v_role IS NOT NULL AND overridden_permissions(v_role, 0, v_changed & v_allow, 0) <> (v_changed & v_allow) THEN 'GUEST_ROLE'
    WHEN v_changed = 0 THEN 'SAME'
    WHEN p_target > 0 AND old.target IS NULL
      AND (SELECT count(*) FROM permission_overrides o WHERE o.room_id = p_room AND o.target > 0) > 999 THEN 'LIMIT'
    ELSE 'OK' END;
  room_seq := at.last_room_seq; allow_bits := v_allow; deny_bits := v_deny;
  IF status = 'OK' THEN
    DELETE FROM permission_overrides o WHERE o.room_id = p_room AND o.target = p_target;
    INSERT INTO permission_overrides (room_id, target, allow_bits, deny_bits)
      SELECT p_room, p_target, v_allow, v_deny WHERE (v_allow | v_deny) <> 0;
    v_facts := change_permissions(p_room, at.kind, p_target, v_role);
    room_seq := append_room_event(p_room, 30::smallint, p_actor, p_target, v_facts || jsonb_build_object('allow', v_allow, 'deny', v_deny));
    PERFORM record_act(p_room, p_actor, 'permissions', p_target, NULL,
      -- Both, also one that is the same: the effect of a permission is in both.
      jsonb_build_object('allow', jsonb_build_array(coalesce(old.allow_bits, 0), v_allow), 'deny', jsonb_build_array(coalesce(old.deny_bits, 0), v_deny)));
  END IF;
  RETURN NEXT;
END $$;
