-- Raises the read mark of a member in a thread, or sets whether the member follows it. NULL leaves a value as it is.
-- status: OK, SAME, NOT_FOUND, BEYOND (there is no such reply yet). The event of the own log names the thread by its root.
CREATE OR REPLACE FUNCTION set_thread_state(p_room BIGINT, p_root BIGINT, p_user BIGINT, p_read_seq BIGINT, p_follow BOOLEAN)
RETURNS TABLE (status TEXT, account_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  v_thread threads; old thread_members; v_is_member BOOLEAN;
BEGIN
  PERFORM lock_accounts(ARRAY[p_user]);
  SELECT true INTO v_is_member FROM memberships m JOIN room_heads h ON h.room_id = m.room_id
  WHERE m.room_id = p_room AND m.user_id = p_user AND NOT m.is_hidden AND h.state < 2;
  SELECT * INTO v_thread FROM threads t WHERE t.room_id = p_room AND t.root_seq = p_root;
  SELECT * INTO old FROM thread_members m WHERE m.room_id = p_room AND m.root_seq = p_root AND m.user_id = p_user;
  status := CASE WHEN v_is_member IS NULL OR v_thread.room_id IS NULL THEN 'NOT_FOUND' WHEN p_read_seq > v_thread.last_thread_seq THEN 'BEYOND'
    WHEN coalesce(p_read_seq, 0) <= coalesce(old.read_seq, 0) AND coalesce(p_follow = coalesce(old.is_following, false), true) THEN 'SAME' ELSE 'OK' END;
  IF status = 'OK' THEN
    INSERT INTO thread_members AS m (room_id, root_seq, user_id, is_following, read_seq)
    VALUES (p_room, p_root, p_user, coalesce(p_follow, false), coalesce(p_read_seq, 0))
    ON CONFLICT (room_id, root_seq, user_id) DO UPDATE SET is_following = coalesce(p_follow, m.is_following), read_seq = greatest(m.read_seq, excluded.read_seq);
    PERFORM append_account_events(ARRAY[p_user], 5::smallint, p_room, ARRAY[p_root]);
  END IF;
  SELECT a.last_account_seq INTO account_seq FROM account_heads a WHERE a.user_id = p_user;
  RETURN NEXT;
END $$;
