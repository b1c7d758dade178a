-- Adds a message to those that a user has saved, or removes it.
-- status: OK, SAME, NOT_FOUND (it is not saved, and the user may not see it), DELETED, LIMIT (1000 saved messages)
-- A message that was deleted, or that the user may no longer see, stays saved until the user removes it.
CREATE OR REPLACE FUNCTION save_message(p_user BIGINT, p_room BIGINT, p_room_seq BIGINT, p_is_saved BOOLEAN)
RETURNS TABLE (status TEXT, account_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  member memberships; message messages; v_is_known BOOLEAN;
BEGIN
  PERFORM lock_accounts(ARRAY[p_user]);
  v_is_known := EXISTS (SELECT FROM saved_messages s WHERE s.user_id = p_user AND s.room_id = p_room AND s.room_seq = p_room_seq);
  IF v_is_known THEN
    status := CASE WHEN p_is_saved THEN 'SAME' ELSE 'OK' END;
  ELSE
    SELECT * INTO member FROM memberships m WHERE m.room_id = p_room AND m.user_id = p_user AND NOT m.is_hidden
      AND EXISTS (SELECT FROM room_heads h WHERE h.room_id = p_room AND h.state < 2);
    SELECT * INTO message FROM messages m WHERE m.room_id = p_room AND m.room_seq = p_room_seq;
    status := CASE WHEN member.user_id IS NULL OR message.room_id IS NULL OR message.seq < member.visible_from_seq THEN 'NOT_FOUND'
      WHEN NOT p_is_saved THEN 'SAME'
      WHEN message.text IS NULL OR message.expires_at <= clock_timestamp() THEN 'DELETED'
      WHEN (SELECT count(*) FROM saved_messages s WHERE s.user_id = p_user) > 999 THEN 'LIMIT'
      ELSE 'OK' END;
  END IF;
  IF status = 'OK' THEN
    PERFORM append_account_events(ARRAY[p_user], 10::smallint, p_room, ARRAY[p_room_seq]);
  END IF;
  SELECT a.last_account_seq INTO account_seq FROM account_heads a WHERE a.user_id = p_user;
  IF status = 'OK' AND p_is_saved THEN
    INSERT INTO saved_messages (user_id, room_id, room_seq, save_seq, saved_at) VALUES (p_user, p_room, p_room_seq, account_seq, clock_timestamp());
  ELSIF status = 'OK' THEN
    DELETE FROM saved_messages s WHERE s.user_id = p_user AND s.room_id = p_room AND s.room_seq = p_room_seq;
  END IF;
  RETURN NEXT;
END $$;
