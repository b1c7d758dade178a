-- Gives a thread a title; NULL removes it. The author of its root may while the author may post, and members who may change the room.
-- status: OK, SAME, NOT_FOUND, ARCHIVED, FORBIDDEN
CREATE OR REPLACE FUNCTION rename_thread(p_room BIGINT, p_root BIGINT, p_actor BIGINT, p_title TEXT)
RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  at room_and_actor := lock_room(p_room, p_actor); v_thread threads; v_author BIGINT; member memberships;
  v_may_rename BOOLEAN;
BEGIN
  room_seq := at.last_room_seq;
  SELECT * INTO v_thread FROM threads t WHERE t.room_id = p_room AND t.root_seq = p_root;
  SELECT o.author_id INTO v_author FROM messages o WHERE o.room_id = p_room AND o.room_seq = p_root;
  SELECT * INTO member FROM memberships m WHERE m.room_id = p_room AND m.user_id = p_actor;
  v_may_rename := NOT at.permission_bits & 8 = 0 OR v_author = p_actor AND post_status(member.role, member.is_hidden, member.permission_bits,
    member.timeout_until, at.state, clock_timestamp()) = 'OK';
  status := CASE WHEN at.kind IS NULL OR at.permission_bits IS NULL OR v_thread.room_id IS NULL THEN 'NOT_FOUND' WHEN at.state = 1 THEN 'ARCHIVED'
    WHEN v_may_rename IS NOT TRUE THEN 'FORBIDDEN' WHEN v_thread.title IS NOT DISTINCT FROM p_title THEN 'SAME' ELSE 'OK' END;
  IF status = 'OK' THEN
    UPDATE threads t SET title = p_title WHERE t.room_id = p_room AND t.root_seq = p_root;
    room_seq := append_room_event(p_room, 12::smallint, p_actor, p_root, NULL);
  END IF;
  RETURN NEXT;
END $$;
