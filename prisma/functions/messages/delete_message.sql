-- status: OK, NOT_FOUND, ARCHIVED, FORBIDDEN. Deleting what is deleted is OK without a new event.
CREATE OR REPLACE FUNCTION delete_message(p_room BIGINT, p_room_seq BIGINT, p_actor BIGINT)
RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  head room_heads; member memberships; author memberships; old messages; v_at TIMESTAMPTZ(3);
BEGIN
  PERFORM 1 FROM room_heads h WHERE h.room_id = p_room FOR NO KEY UPDATE;
  SELECT * INTO head FROM room_heads h WHERE h.room_id = p_room;
  SELECT * INTO member FROM memberships m WHERE m.room_id = p_room AND m.user_id = p_actor AND NOT m.is_hidden;
  SELECT * INTO old FROM messages m WHERE m.room_id = p_room AND m.room_seq = p_room_seq;
  SELECT * INTO author FROM memberships m WHERE m.room_id = p_room AND m.user_id = old.author_id;
  room_seq := head.last_room_seq;
  status := CASE
    WHEN member.room_id IS NULL OR old.room_id IS NULL OR head.state = 2 OR old.seq < member.visible_from_seq THEN 'NOT_FOUND'
    WHEN old.author_id <> p_actor AND (member.permission_bits & 16 = 0 OR coalesce(author.role, 0) >= member.role) THEN 'FORBIDDEN'
    WHEN old.text IS NULL THEN 'SAME'
    WHEN head.state = 1 THEN 'ARCHIVED'
    ELSE 'OK' END;
  IF status = 'OK' THEN
    v_at := greatest(clock_timestamp(), head.last_at);
    INSERT INTO message_revisions VALUES (p_room, p_room_seq, old.version, old.text, v_at, p_actor);
    UPDATE messages m SET text = NULL, version = m.version + 1, deleted_at = v_at
    WHERE m.room_id = p_room AND m.room_seq = p_room_seq;
    room_seq := append_room_event(p_room, 7::smallint, p_actor, p_room_seq, NULL);
  ELSIF status = 'SAME' THEN
    status := 'OK';
  END IF;
  RETURN NEXT;
END $$;
