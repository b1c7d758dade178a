-- Adds users to a room whose head the caller has locked. Members stay unchanged. Each new member causes a MemberJoined
-- in the room and, unless hidden, an access granted in the own log. Requests of new members count as accepted. Returns the last number.
CREATE OR REPLACE FUNCTION admit_members(p_room BIGINT, p_actor BIGINT, p_users BIGINT[], p_role SMALLINT, p_from_start BOOLEAN, p_hidden_from BIGINT)
RETURNS BIGINT LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  head room_heads; member memberships; v_user BIGINT; v_seq BIGINT;
  v_granted BIGINT[] := '{}'; v_seqs BIGINT[] := '{}'; v_asked BIGINT[] := '{}'; v_added INTEGER := 0;
  v_kind SMALLINT := (SELECT r.kind FROM rooms r WHERE r.id = p_room);
BEGIN
  SELECT * INTO head FROM room_heads WHERE room_id = p_room;
  -- Waits for a renaming that has begun, or the room would keep the old name: rename_user changes this row before it
  -- looks for memberships. FOR KEY SHARE would not wait for it.
  PERFORM 1 FROM users u WHERE u.id = ANY (p_users)
    AND NOT EXISTS (SELECT FROM memberships m WHERE m.room_id = p_room AND m.user_id = u.id) ORDER BY u.id FOR SHARE;
  v_seq := head.last_room_seq;
  FOR v_user IN SELECT DISTINCT u FROM unnest(p_users) AS u ORDER BY u LOOP
    CONTINUE WHEN EXISTS (SELECT FROM memberships WHERE room_id = p_room AND user_id = v_user);
    -- mentioned_seq: a message from an earlier membership may have mentioned the user.
    INSERT INTO memberships (room_id, user_id, role, permission_bits, timeout_until, from_room_seq, read_seq, delivered_seq, mentioned_seq, is_hidden, joined_at)
    VALUES (p_room, v_user, p_role, effective_permissions(p_room, v_kind, p_role, v_user),
      (SELECT f.until FROM former_timeouts f WHERE f.room_id = p_room AND f.user_id = v_user LIMIT 1), CASE WHEN p_from_start THEN 1 ELSE v_seq + 1 END,
      head.last_message_seq, head.last_message_seq, head.last_message_seq, p_hidden_from IS NOT NULL AND v_user <> p_hidden_from,
      greatest(clock_timestamp()::timestamptz(3), head.last_at))
    RETURNING * INTO member;
    v_seq := append_room_event(p_room, 8::smallint, p_actor, v_user, member_facts(member));
    v_added := v_added + 1;
    IF end_join_request(p_room, v_user) THEN
      v_asked := v_asked || v_user;
    END IF;
    IF NOT member.is_hidden THEN
      v_granted := v_granted || v_user; v_seqs := v_seqs || member.from_room_seq;
    END IF;
  END LOOP;
  UPDATE rooms SET member_count = member_count + v_added WHERE id = p_room AND v_added > 0;
  PERFORM append_account_events(v_granted, 1::smallint, p_room, v_seqs);
  IF cardinality(v_asked) > 0 THEN
    v_seq := tell_join_answers(p_room, v_asked, 2);
  END IF;
  RETURN v_seq;
END $$;
