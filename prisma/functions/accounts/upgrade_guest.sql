-- Makes the account of a guest permanent. Its room, if the guest is still a member, gets a MemberUpdated.
-- status: OK, NO_USER (no guest), FORBIDDEN (the invitation p_ticket is not valid), SAME (the address belongs to an account)
-- With p_sends_mail the address is verified by a mail, as in create_account.
CREATE OR REPLACE FUNCTION upgrade_guest(p_user BIGINT, p_username TEXT, p_email TEXT, p_display_name TEXT, p_password_hash TEXT,
  p_ticket BYTEA, p_purposes TEXT[], p_sends_mail BOOLEAN DEFAULT false)
RETURNS TABLE (status TEXT, room_id BIGINT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  v_room BIGINT := (SELECT u.guest_room_id FROM users u WHERE u.id = p_user); member memberships;
BEGIN
  -- The head first, as everywhere.
  PERFORM 1 FROM room_heads h WHERE h.room_id = v_room FOR NO KEY UPDATE;
  PERFORM 1 FROM users u WHERE u.id = p_user AND u.guest_room_id IS NOT NULL AND u.suspended_at IS NULL AND u.deleted_at IS NULL FOR NO KEY UPDATE;
  status := CASE WHEN FOUND THEN 'OK' ELSE 'NO_USER' END;
  IF status = 'OK' AND NOT p_sends_mail AND NOT is_email_free(p_email) THEN
    status := 'SAME';
  END IF;
  IF status = 'OK' AND p_ticket IS NOT NULL THEN
    UPDATE one_time_tokens t SET used_at = now()
    WHERE t.hash = p_ticket AND t.purpose = ANY (p_purposes) AND t.used_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > now());
    status := CASE WHEN FOUND THEN 'OK' ELSE 'FORBIDDEN' END;
  END IF;
  IF status = 'OK' THEN
    UPDATE users u SET username = p_username, email = p_email, display_name = coalesce(p_display_name, u.display_name),
      password_hash = p_password_hash, guest_room_id = NULL WHERE u.id = p_user;
    IF p_sends_mail THEN
      PERFORM add_mail('verification-mail', json_build_object('userId', p_user), p_user::text);
    END IF;
    SELECT * INTO member FROM memberships m WHERE m.room_id = v_room AND m.user_id = p_user;
    IF FOUND THEN
      room_id := v_room;
      room_seq := append_room_event(v_room, 9::smallint, p_user, p_user, member_facts(member));
    END IF;
  END IF;
  RETURN NEXT;
END $$;
