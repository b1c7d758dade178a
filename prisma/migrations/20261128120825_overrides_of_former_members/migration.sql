-- A function may call one that is created after it.
SET LOCAL check_function_bodies = off;

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

-- Ends what an override allows a user who leaves the room; the caller holds the lock of the room's head. What it denies stays.
-- A plan that was made while there were no overrides would read all of them: enable_seqscan.
CREATE OR REPLACE FUNCTION end_allowances(p_room BIGINT, p_user BIGINT) RETURNS VOID LANGUAGE plpgsql VOLATILE SET enable_seqscan = off AS $$
BEGIN
  DELETE FROM permission_overrides o WHERE o.room_id = p_room AND o.target = p_user AND o.deny_bits = 0;
  UPDATE permission_overrides o SET allow_bits = 0 WHERE o.room_id = p_room AND o.target = p_user AND o.allow_bits <> 0;
END $$;

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
  END IF;
  RETURN NEXT;
END $$;

-- Removes one member from a room whose head the caller has locked. What was allowed to the member alone ends; what was denied
-- stays, because it would otherwise end with leaving and joining.
CREATE OR REPLACE FUNCTION dismiss_member(p_room BIGINT, p_actor BIGINT, p_user BIGINT, p_removed BOOLEAN)
RETURNS BIGINT LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_seq BIGINT;
BEGIN
  v_seq := append_room_event(p_room, 10::smallint, p_actor, p_user, jsonb_build_object('removed', p_removed));
  DELETE FROM memberships WHERE room_id = p_room AND user_id = p_user;
  UPDATE rooms SET member_count = member_count - 1 WHERE id = p_room;
  PERFORM append_account_events(ARRAY[p_user], 2::smallint, p_room, ARRAY[v_seq]);
  -- Behind the lock of the own log, which set_thread_state and save_draft hold.
  DELETE FROM thread_members WHERE room_id = p_room AND user_id = p_user;
  DELETE FROM drafts WHERE room_id = p_room AND user_id = p_user;
  PERFORM end_allowances(p_room, p_user);
  RETURN v_seq;
END $$;
