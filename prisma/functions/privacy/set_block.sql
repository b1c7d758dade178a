-- Blocks a user for another one, or ends that. In the direct room of the two, nobody can write while one of them blocks the
-- other. status: OK, SAME, NOT_FOUND (there is no such user), LIMIT (1000 blocked users)
CREATE OR REPLACE FUNCTION set_block(p_user BIGINT, p_other BIGINT, p_is_blocked BOOLEAN)
RETURNS TABLE (status TEXT, account_seq BIGINT, room_id BIGINT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  v_room BIGINT;
BEGIN
  PERFORM lock_places(ARRAY[p_user, p_other]);
  v_room := (SELECT r.id FROM rooms r WHERE r.direct_key = concat_ws(',', least(p_user, p_other), greatest(p_user, p_other)));
  PERFORM 1 FROM room_heads h WHERE h.room_id = v_room FOR NO KEY UPDATE;
  PERFORM lock_accounts(ARRAY[p_user]);
  status := CASE WHEN has_blocked(p_user, p_other) = p_is_blocked THEN 'SAME'
    WHEN NOT p_is_blocked THEN 'OK'
    WHEN NOT EXISTS (SELECT FROM users u WHERE u.id = p_other AND u.deleted_at IS NULL) THEN 'NOT_FOUND'
    WHEN (SELECT count(*) FROM user_blocks b WHERE b.user_id = p_user) > 999 THEN 'LIMIT'
    ELSE 'OK' END;
  IF status = 'OK' THEN
    PERFORM append_account_events(ARRAY[p_user], 13::smallint, NULL, ARRAY[p_other]);
  END IF;
  SELECT a.last_account_seq INTO account_seq FROM account_heads a WHERE a.user_id = p_user;
  IF status = 'OK' AND p_is_blocked THEN
    INSERT INTO user_blocks (user_id, blocked_id, block_seq, blocked_at) VALUES (p_user, p_other, account_seq, clock_timestamp());
  ELSIF status = 'OK' THEN
    DELETE FROM user_blocks b WHERE b.user_id = p_user AND b.blocked_id = p_other;
  END IF;
  IF status = 'OK' AND v_room IS NOT NULL THEN
    room_id := v_room;
    room_seq := close_direct_room(v_room, has_blocked(p_user, p_other) OR has_blocked(p_other, p_user));
  END IF;
  RETURN NEXT;
END $$;
