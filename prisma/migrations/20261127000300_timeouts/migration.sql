-- Timeouts are judged alike by posting, by editing, and by what clients are told of it.

-- The end of a timeout in ms since 1970, as nodes and the log have it; NULL without one.
CREATE FUNCTION timeout_ms(p_until TIMESTAMPTZ) RETURNS BIGINT LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN p_until > '9999-01-01Z' THEN 253370764800000 ELSE (extract(epoch FROM p_until) * 1000)::bigint END
$$;

CREATE OR REPLACE FUNCTION member_facts(p_member memberships) RETURNS JSONB LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('role', p_member.role, 'permissions', p_member.permission_bits, 'timeoutUntil', timeout_ms(p_member.timeout_until),
    'readSeq', p_member.read_seq, 'deliveredSeq', p_member.delivered_seq,
    'joinedAt', to_char(p_member.joined_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
$$;

-- rooms_seen_by with the timeout. Nodes of the release before still call that one: another row type would fail their
-- prepared statements.
CREATE FUNCTION seen_rooms(p_viewer BIGINT, p_rooms BIGINT[])
RETURNS TABLE (
  "id" BIGINT, "kind" SMALLINT, "name" TEXT, "description" TEXT, "memberCount" INTEGER, "isArchived" BOOLEAN, "isDeleted" BOOLEAN,
  "lastRoomSeq" BIGINT, "lastMessageSeq" BIGINT,
  "roomId" BIGINT, "userId" BIGINT, "role" SMALLINT, "permissions" INTEGER, "joinedAt" TIMESTAMPTZ, "readSeq" BIGINT,
  "deliveredSeq" BIGINT, "fromRoomSeq" BIGINT, "visibleFromRoomSeq" BIGINT, "visibleFromSeq" BIGINT, "isHidden" BOOLEAN,
  "timeoutUntil" BIGINT, "hasEdge" BOOLEAN
) LANGUAGE sql STABLE AS $$
  SELECT r.id, r.kind, r.name, r.description, r.member_count, r.archived_at IS NOT NULL, r.deleted_at IS NOT NULL,
    h.last_room_seq, h.last_message_seq,
    m.room_id, m.user_id, m.role, m.permission_bits, m.joined_at, m.read_seq,
    m.delivered_seq, m.from_room_seq, m.visible_from_room_seq, m.visible_from_seq, m.is_hidden,
    timeout_ms(m.timeout_until), EXISTS (SELECT FROM memberships e WHERE e.room_id = r.id AND e.visible_from_seq > 0)
  FROM rooms r JOIN room_heads h ON h.room_id = r.id
  LEFT JOIN memberships m ON m.room_id = r.id AND m.user_id = p_viewer
  WHERE r.id = ANY (p_rooms)
$$;

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
