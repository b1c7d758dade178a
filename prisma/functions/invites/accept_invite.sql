-- Makes a user a member by an invite, and counts the use. Whoever is a member already uses nothing.
-- status: OK, SAME (a member already), NOT_FOUND (the invite is not open, or the user is a guest or deleted), NO_PLACE (the user is in p_max rooms)
CREATE OR REPLACE FUNCTION accept_invite(p_max INTEGER, p_invite BIGINT, p_user BIGINT)
RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_room BIGINT := (SELECT i.room_id FROM invites i WHERE i.id = p_invite);
  v_has_place BOOLEAN := have_places(ARRAY[p_user], v_room, p_max);
  head room_heads; invite invites;
BEGIN
  SELECT * INTO head FROM room_heads h WHERE h.room_id = v_room FOR NO KEY UPDATE;
  SELECT * INTO invite FROM invites i WHERE i.id = p_invite;
  room_seq := head.last_room_seq;
  status := CASE WHEN invite.id IS NULL OR head.state = 2 THEN 'NOT_FOUND'
    WHEN EXISTS (SELECT FROM memberships m WHERE m.room_id = v_room AND m.user_id = p_user) THEN 'SAME'
    WHEN NOT invite_is_open(invite) OR EXISTS (SELECT FROM users u WHERE u.id = p_user AND (u.guest_room_id IS NOT NULL OR u.deleted_at IS NOT NULL)) THEN 'NOT_FOUND'
    WHEN is_banned(v_room, p_user) THEN 'BANNED' WHEN NOT v_has_place THEN 'NO_PLACE' ELSE 'OK' END;
  IF status = 'OK' THEN
    room_seq := admit_members(v_room, p_user, ARRAY[p_user], invite.role, false, NULL);
    UPDATE invites i SET use_count = i.use_count + 1 WHERE i.id = p_invite;
  END IF;
  RETURN NEXT;
END $$;
