-- Sets until when a member may not send messages; NULL ends it. A timeout that is over counts as none.
-- status: OK, SAME, NOT_FOUND, DIRECT, FORBIDDEN, NO_MEMBER, RANK, ARCHIVED, TOO_FAR (it would end in the past, or more than 28 days from now)
CREATE OR REPLACE FUNCTION time_out_member(p_room BIGINT, p_actor BIGINT, p_user BIGINT, p_until TIMESTAMPTZ, p_reason TEXT)
RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  at room_and_actor := lock_room(p_room, p_actor); v_now TIMESTAMPTZ(3) := clock_timestamp(); member memberships; v_before TIMESTAMPTZ(3);
BEGIN
  SELECT * INTO member FROM memberships m WHERE m.room_id = p_room AND m.user_id = p_user;
  v_before := CASE WHEN member.timeout_until > v_now THEN member.timeout_until END;
  room_seq := at.last_room_seq;
  status := CASE WHEN at.kind IS NULL THEN 'NOT_FOUND' WHEN at.kind = 3 THEN 'DIRECT'
    WHEN coalesce(at.permission_bits, 0) & 512 = 0 THEN 'FORBIDDEN' WHEN member.user_id IS NULL THEN 'NO_MEMBER'
    WHEN member.role >= at.role THEN 'RANK' WHEN at.state = 1 THEN 'ARCHIVED'
    WHEN p_until <= v_now OR p_until > v_now + interval '28 days' THEN 'TOO_FAR'
    WHEN p_until IS NOT DISTINCT FROM v_before THEN 'SAME' ELSE 'OK' END;
  IF status = 'OK' THEN
    UPDATE memberships m SET timeout_until = p_until WHERE m.room_id = p_room AND m.user_id = p_user;
    room_seq := append_room_event(p_room, 31::smallint, p_actor, p_user, jsonb_build_object('until', timeout_ms(p_until)));
    PERFORM record_act(p_room, p_actor, 'timeout', p_user, p_reason, audit_change('until', timeout_ms(v_before), timeout_ms(p_until)));
  END IF;
  RETURN NEXT;
END $$;
