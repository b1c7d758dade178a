-- A function may call one that is created after it.
SET LOCAL check_function_bodies = off;

-- Whom a message mentions, of these names: members but the author, those of a role with it; '' stands for all members, where the
-- author may mention them and send messages. NULL where it is nobody.
CREATE OR REPLACE FUNCTION mention_facts(p_room BIGINT, p_author BIGINT, p_names TEXT[]) RETURNS JSONB LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_roles INT[] := mentioned_roles(p_room, p_author, p_names);
  v_ids BIGINT[] := ARRAY(SELECT w.id FROM unnest(p_names) AS n(name)
    CROSS JOIN LATERAL (SELECT w.id FROM users w WHERE lower(w.username COLLATE "C") = n.name COLLATE "C" AND w.deleted_at IS NULL LIMIT 1) w
    CROSS JOIN LATERAL (SELECT FROM memberships m WHERE m.room_id = p_room AND m.user_id = w.id LIMIT 1) m
    WHERE w.id <> p_author
    UNION SELECT m.user_id FROM unnest(v_roles) AS r(role)
    CROSS JOIN LATERAL (SELECT m.user_id FROM memberships m WHERE m.room_id = p_room AND m.role = r.role AND m.role > 20 OFFSET 0) m
    WHERE m.user_id <> p_author ORDER BY 1);
  v_all BOOLEAN := '' = ANY (p_names)
    AND (SELECT m.permission_bits & 128 = 0 OR m.permission_bits & 1 = 0 FROM memberships m WHERE m.room_id = p_room AND m.user_id = p_author) IS FALSE;
BEGIN
  IF NOT v_all AND cardinality(v_ids) = 0 THEN
    RETURN NULL;
  END IF;
  RETURN jsonb_strip_nulls(jsonb_build_object('userIds', v_ids, 'isEverybody', v_all, 'roles', v_roles));
END $$;

-- Takes the permission to write from the members of a direct room, or gives it back: an override of their role, by no user.
-- Live locations of both end. The caller holds the lock of the head. Returns the number of the event, NULL where nothing changes.
CREATE OR REPLACE FUNCTION close_direct_room(p_room BIGINT, p_is_closed BOOLEAN) RETURNS BIGINT LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_role SMALLINT := 20; v_facts JSONB;
BEGIN
  IF EXISTS (SELECT FROM permission_overrides o WHERE o.room_id = p_room AND o.target = -v_role) = p_is_closed THEN
    RETURN NULL;
  END IF;
  IF p_is_closed THEN
    INSERT INTO permission_overrides (room_id, target, allow_bits, deny_bits) VALUES (p_room, -v_role, 0, 1);
    PERFORM end_live_location(l.room_id, l.room_seq, m.author_id) FROM (
      SELECT * FROM message_locations l WHERE l.room_id = p_room AND l.ends_at IS NOT NULL AND l.ended_at IS NULL ORDER BY l.room_seq
    ) l CROSS JOIN LATERAL (SELECT m.author_id FROM messages m WHERE m.room_id = l.room_id AND m.room_seq = l.room_seq LIMIT 1) m;
  ELSE
    DELETE FROM permission_overrides o WHERE o.room_id = p_room AND o.target = -v_role;
  END IF;
  v_facts := change_permissions(p_room, 3::smallint, -v_role, v_role);
  RETURN append_room_event(p_room, 30::smallint, NULL, -v_role, v_facts || jsonb_build_object('allow', 0, 'deny', p_is_closed::int));
END $$;

-- Sets who sends messages in a room, as overrides of members and guests; the caller holds the lock of the room's head. Each
-- override that changes has an event. After a refusal, none has changed. status: OK, also where nothing changes, or a refusal of
-- set_permission_override
CREATE OR REPLACE FUNCTION set_posting_policy(p_room BIGINT, p_actor BIGINT, p_policy TEXT) RETURNS TEXT LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  -- 1 is to send, 8192 to react and 16384 to reply in threads without it.
  v_allow BIGINT := CASE p_policy WHEN 'everyone' THEN 0 WHEN 'moderators' THEN 8192 ELSE 24576 END;
  v_deny BIGINT := CASE p_policy WHEN 'everyone' THEN 0 ELSE 1 END;
  v_role BIGINT; v_status TEXT;
BEGIN
  FOREACH v_role IN ARRAY ARRAY[10, 20] LOOP
    v_status := (SELECT o.status FROM set_permission_override(p_room, p_actor, -v_role, v_allow, v_deny, 24577 - v_allow - v_deny) o);
    IF v_status NOT IN ('OK', 'SAME') THEN
      RAISE EXCEPTION 'refused' USING ERRCODE = 'PA001';
    END IF;
  END LOOP;
  RETURN 'OK';
EXCEPTION WHEN SQLSTATE 'PA001' THEN
  RETURN v_status;
END $$;

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

-- Whoever could not send messages could neither react nor reply in threads. The permissions to do that without sending are new, so
-- overrides from before deny them, too. Roles below the moderators' never had them by default.
UPDATE permission_overrides o SET deny_bits = o.deny_bits | (24576 & ~ o.allow_bits)
WHERE o.deny_bits & 1 <> 0 AND (o.target > 0 OR o.target IN (-30, -40));
UPDATE memberships m SET permission_bits = effective_permissions(m.room_id, r.kind, m.role, m.user_id)
FROM permission_overrides o, rooms r
WHERE o.room_id = m.room_id AND r.id = m.room_id AND o.deny_bits & 24576 <> 0 AND (o.target = m.user_id OR o.target = -m.role) AND m.role < 50;
