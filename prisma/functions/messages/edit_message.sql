-- An edit speaks to the room like a post: it needs the right to post.
-- status: OK, NOT_FOUND, ARCHIVED, NOT_AUTHOR, NOT_PERMITTED, TIMED_OUT, DELETED, VERSION (the version was passed by)
-- An edit that repeats what the same author already made of it is the state asked for: OK without a new event.
CREATE OR REPLACE FUNCTION edit_message(p_room BIGINT, p_room_seq BIGINT, p_actor BIGINT, p_text TEXT, p_expected_version INT)
RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  head room_heads; member memberships; old messages; v_at TIMESTAMPTZ(3);
BEGIN
  PERFORM 1 FROM room_heads h WHERE h.room_id = p_room FOR NO KEY UPDATE;
  SELECT * INTO head FROM room_heads h WHERE h.room_id = p_room;
  SELECT * INTO member FROM memberships m WHERE m.room_id = p_room AND m.user_id = p_actor AND NOT m.is_hidden;
  SELECT * INTO old FROM messages m WHERE m.room_id = p_room AND m.room_seq = p_room_seq;
  room_seq := head.last_room_seq;
  status := CASE
    WHEN member.room_id IS NULL OR old.room_id IS NULL OR head.state = 2 OR old.seq < member.visible_from_seq THEN 'NOT_FOUND'
    WHEN old.author_id <> p_actor THEN 'NOT_AUTHOR'
    WHEN head.state = 1 THEN 'ARCHIVED'
    WHEN old.text IS NULL THEN 'DELETED'
    WHEN member.permission_bits & 1 = 0 THEN 'NOT_PERMITTED'
    WHEN member.timeout_until > clock_timestamp() THEN 'TIMED_OUT'
    WHEN old.text = p_text AND (p_expected_version IS NULL OR p_expected_version IN (old.version, old.version - 1)) THEN 'SAME'
    WHEN p_expected_version <> old.version THEN 'VERSION'
    ELSE 'OK' END;
  IF status = 'OK' THEN
    v_at := greatest(clock_timestamp(), head.last_at);
    INSERT INTO message_revisions VALUES (p_room, p_room_seq, old.version, old.text, v_at, p_actor);
    UPDATE messages m SET text = p_text, version = m.version + 1, edited_at = v_at
    WHERE m.room_id = p_room AND m.room_seq = p_room_seq;
    room_seq := append_room_event(p_room, 6::smallint, p_actor, p_room_seq, NULL);
  ELSIF status = 'SAME' THEN
    status := 'OK';
  END IF;
  RETURN NEXT;
END $$;
