-- status: OK, NOT_FOUND, DIRECT, ARCHIVED, FORBIDDEN, RANK, NO_MEMBER, LAST_OWNER, GUEST (guests have no other role),
--         MORE_RIGHTS (in the lower role, the actor could do what the actor cannot do now)
-- An owner may make other owners; anybody may step down, but the last owner.
CREATE OR REPLACE FUNCTION change_member_role(p_room BIGINT, p_actor BIGINT, p_user BIGINT, p_role SMALLINT)
RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  at room_and_actor := lock_room(p_room, p_actor); member memberships;
  v_permissions BIGINT := effective_permissions(p_room, at.kind, p_role, p_user);
BEGIN
  SELECT * INTO member FROM memberships WHERE room_id = p_room AND user_id = p_user;
  room_seq := at.last_room_seq;
  status := CASE WHEN at.kind IS NULL THEN 'NOT_FOUND' WHEN at.kind = 3 THEN 'DIRECT' WHEN at.role IS NULL THEN 'FORBIDDEN'
    WHEN p_user = p_actor AND p_role < at.role AND at.role = 50
      AND (SELECT count(*) FROM memberships WHERE room_id = p_room AND role = 50) = 1 THEN 'LAST_OWNER'
    WHEN p_user = p_actor AND p_role < at.role AND (v_permissions & ~ at.permission_bits) <> 0 THEN 'MORE_RIGHTS'
    WHEN p_user = p_actor AND p_role <= at.role THEN 'OK'
    WHEN at.permission_bits & 4 = 0 THEN 'FORBIDDEN'
    WHEN member.user_id IS NULL THEN 'NO_MEMBER'
    WHEN member.role = p_role THEN 'OK'
    WHEN are_guests_elsewhere(ARRAY[p_user], NULL) THEN 'GUEST'
    WHEN member.role >= at.role OR (p_role >= at.role AND at.role < 50) THEN 'RANK'
    ELSE 'OK' END;
  IF status = 'OK' AND at.state = 1 AND member.role <> p_role THEN
    status := 'ARCHIVED';
  END IF;
  IF status = 'OK' AND member.role <> p_role THEN
    PERFORM record_act(p_room, p_actor, 'role', p_user, NULL, audit_change('role', member.role, p_role));
    UPDATE memberships SET role = p_role, permission_bits = v_permissions
    WHERE room_id = p_room AND user_id = p_user RETURNING * INTO member;
    room_seq := append_room_event(p_room, 9::smallint, p_actor, p_user, member_facts(member));
  END IF;
  RETURN NEXT;
END $$;
