-- Creates a guest, who is a member of the room of an invite and of no other, with a session, and counts the use.
-- status: OK, NOT_FOUND (the invite is not open)
CREATE OR REPLACE FUNCTION join_as_guest(p_invite BIGINT, p_username TEXT, p_display_name TEXT, p_refresh_hash BYTEA, p_days INTEGER,
  p_device_name TEXT DEFAULT NULL, p_user_agent TEXT DEFAULT NULL)
RETURNS TABLE (status TEXT, room_seq BIGINT, user_id BIGINT, session_id BIGINT, created_at TIMESTAMPTZ) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  invite invites; v_user BIGINT; v_session BIGINT;
BEGIN
  PERFORM 1 FROM room_heads h WHERE h.room_id = (SELECT i.room_id FROM invites i WHERE i.id = p_invite) FOR NO KEY UPDATE;
  SELECT * INTO invite FROM invites i WHERE i.id = p_invite;
  status := CASE WHEN invite.id IS NULL OR NOT invite_is_open(invite) THEN 'NOT_FOUND' ELSE 'OK' END;
  IF status = 'OK' THEN
    INSERT INTO users (username, display_name, guest_room_id) VALUES (p_username, p_display_name, invite.room_id) RETURNING id INTO v_user;
    INSERT INTO sessions (user_id, expires_at, device_name, user_agent)
      VALUES (v_user, now() + make_interval(days => p_days), p_device_name, p_user_agent) RETURNING id, sessions.created_at INTO v_session, created_at;
    INSERT INTO refresh_tokens (hash, session_id) VALUES (p_refresh_hash, v_session);
    room_seq := admit_members(invite.room_id, v_user, ARRAY[v_user], 10::smallint, false, NULL);
    UPDATE invites i SET use_count = i.use_count + 1 WHERE i.id = p_invite;
    user_id := v_user; session_id := v_session;
  END IF;
  RETURN NEXT;
END $$;
