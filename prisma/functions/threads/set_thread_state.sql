-- Raises the read mark of a member in a thread, or lowers it, or sets whether the member follows it. NULL leaves a value as it is.
-- A mark does not fall below the last own reply, so own replies are never counted as unread.
-- status: OK, SAME, NOT_FOUND, BEYOND (there is no such reply yet), TOO_FAR (a mark falls by 10000 replies at most). The event of the own log names the thread by its root.
CREATE OR REPLACE FUNCTION set_thread_state(p_room BIGINT, p_root BIGINT, p_user BIGINT, p_read_seq BIGINT, p_follow BOOLEAN,
  p_is_lowering BOOLEAN DEFAULT false)
RETURNS TABLE (status TEXT, account_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  v_thread threads; old thread_members; v_is_member BOOLEAN; v_read_seq BIGINT := p_read_seq; v_is_too_far BOOLEAN;
BEGIN
  IF p_is_lowering THEN
    -- Otherwise an own reply could come between the reading of the last one and the new mark.
    PERFORM 1 FROM room_heads h WHERE h.room_id = p_room FOR NO KEY UPDATE;
  END IF;
  PERFORM lock_accounts(ARRAY[p_user]);
  SELECT true INTO v_is_member FROM memberships m JOIN room_heads h ON h.room_id = m.room_id
  WHERE m.room_id = p_room AND m.user_id = p_user AND NOT m.is_hidden AND h.state < 2;
  SELECT * INTO v_thread FROM threads t WHERE t.room_id = p_room AND t.root_seq = p_root;
  SELECT * INTO old FROM thread_members m WHERE m.room_id = p_room AND m.root_seq = p_root AND m.user_id = p_user;
  v_is_too_far := p_is_lowering AND p_read_seq < v_thread.last_thread_seq - 10000;
  IF p_is_lowering AND v_is_member AND old.is_participant AND NOT v_is_too_far THEN
    v_read_seq := greatest(v_read_seq, (SELECT r.thread_seq FROM thread_replies r
      CROSS JOIN LATERAL (SELECT FROM messages m WHERE m.room_id = r.room_id AND m.room_seq = r.room_seq AND m.author_id = p_user LIMIT 1) m
      WHERE r.room_id = p_room AND r.root_seq = p_root AND r.thread_seq > v_read_seq ORDER BY r.thread_seq DESC LIMIT 1));
  END IF;
  status := CASE WHEN v_is_member IS NULL OR v_thread.room_id IS NULL THEN 'NOT_FOUND' WHEN v_read_seq > v_thread.last_thread_seq THEN 'BEYOND' WHEN v_is_too_far THEN 'TOO_FAR'
    WHEN CASE WHEN p_is_lowering THEN v_read_seq >= coalesce(old.read_seq, 0) ELSE coalesce(v_read_seq, 0) <= coalesce(old.read_seq, 0) END AND coalesce(p_follow = coalesce(old.is_following, false), true) THEN 'SAME' ELSE 'OK' END;
  IF status = 'OK' THEN
    INSERT INTO thread_members AS m (room_id, root_seq, user_id, is_following, read_seq)
    VALUES (p_room, p_root, p_user, coalesce(p_follow, false), coalesce(v_read_seq, 0))
    ON CONFLICT (room_id, root_seq, user_id) DO UPDATE SET is_following = coalesce(p_follow, m.is_following), read_seq = CASE WHEN p_is_lowering THEN excluded.read_seq ELSE greatest(m.read_seq, excluded.read_seq) END;
    PERFORM append_account_events(ARRAY[p_user], 5::smallint, p_room, ARRAY[p_root]);
  END IF;
  SELECT a.last_account_seq INTO account_seq FROM account_heads a WHERE a.user_id = p_user;
  RETURN NEXT;
END $$;
