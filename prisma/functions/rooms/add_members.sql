-- status: OK, NOT_FOUND, DIRECT, ARCHIVED, FORBIDDEN, RANK (the role must be below that of the actor), NO_USER,
--         GUEST (a guest of another room, or another role for a guest), NOT_REACHABLE (one of them does not let the actor add them),
--         USER_BANNED
CREATE OR REPLACE FUNCTION add_members(p_room BIGINT, p_actor BIGINT, p_users BIGINT[], p_role SMALLINT)
RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  at room_and_actor := lock_room(p_room, p_actor);
  v_new BIGINT[] := ARRAY(SELECT u FROM unnest(p_users) AS u WHERE NOT EXISTS (SELECT FROM memberships m WHERE m.room_id = p_room AND m.user_id = u));
BEGIN
  room_seq := at.last_room_seq;
  status := CASE WHEN at.kind IS NULL THEN 'NOT_FOUND' WHEN at.kind = 3 THEN 'DIRECT'
    WHEN coalesce(at.permission_bits, 0) & 2 = 0 THEN 'FORBIDDEN' WHEN at.state = 1 THEN 'ARCHIVED'
    WHEN p_role >= at.role AND at.role < 50 THEN 'RANK'
    WHEN EXISTS (SELECT FROM unnest(p_users) AS u WHERE NOT EXISTS (SELECT FROM users WHERE id = u AND deleted_at IS NULL)) THEN 'NO_USER'
    WHEN are_guests_elsewhere(v_new, CASE WHEN p_role = 10 THEN p_room END) THEN 'GUEST'
    WHEN EXISTS (SELECT FROM unnest(p_users) AS u WHERE is_banned(p_room, u)) THEN 'USER_BANNED'
    WHEN refuse_contact(p_actor, v_new, false) THEN 'NOT_REACHABLE'
    ELSE 'OK' END;
  IF status = 'OK' THEN
    room_seq := admit_members(p_room, p_actor, p_users, p_role, false, NULL);
  END IF;
  RETURN NEXT;
END $$;
