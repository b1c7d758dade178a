-- A function may call one that is created after it.
SET LOCAL check_function_bodies = off;

-- Whether one of these users is a guest of another room than p_room.
CREATE OR REPLACE FUNCTION are_guests_elsewhere(p_users BIGINT[], p_room BIGINT) RETURNS BOOLEAN LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM users u WHERE u.id = ANY (p_users) AND u.guest_room_id IS DISTINCT FROM p_room AND u.guest_room_id IS NOT NULL)
$$;

-- Erases the account of a guest that was not used since a time: it leaves its room, its sessions end, its messages stay.
-- status: OK, SAME (it is no guest any more, or was used meanwhile)
CREATE OR REPLACE FUNCTION remove_guest(p_user BIGINT, p_before TIMESTAMPTZ)
RETURNS TABLE (status TEXT, room_id BIGINT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  v_room BIGINT := (SELECT u.guest_room_id FROM users u WHERE u.id = p_user);
BEGIN
  PERFORM 1 FROM room_heads h WHERE h.room_id = v_room FOR NO KEY UPDATE;
  UPDATE users u SET deleted_at = clock_timestamp() WHERE u.id = p_user AND u.guest_room_id IS NOT NULL AND u.deleted_at IS NULL
    AND u.created_at < p_before AND NOT EXISTS (SELECT FROM sessions s WHERE s.user_id = p_user AND s.last_used_at >= p_before);
  status := CASE WHEN FOUND THEN 'OK' ELSE 'SAME' END;
  IF status = 'OK' THEN
    UPDATE sessions s SET revoked_at = clock_timestamp() WHERE s.user_id = p_user AND s.revoked_at IS NULL;
    IF EXISTS (SELECT FROM memberships m WHERE m.room_id = v_room AND m.user_id = p_user) THEN
      room_id := v_room;
      room_seq := dismiss_member(v_room, p_user, p_user, false);
    END IF;
  END IF;
  RETURN NEXT;
END $$;

-- Whether two users are members of one room. For guests, who are in one room at most.
CREATE OR REPLACE FUNCTION shares_room(p_viewer BIGINT, p_user BIGINT) RETURNS BOOLEAN LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM memberships a
    CROSS JOIN LATERAL (SELECT FROM memberships b WHERE b.room_id = a.room_id AND b.user_id = p_user AND NOT b.is_hidden LIMIT 1) b
    WHERE a.user_id = p_viewer AND NOT a.is_hidden)
$$;

-- Guests who have not used their account since a time.
CREATE OR REPLACE FUNCTION unused_guests(p_before TIMESTAMPTZ, p_limit INTEGER) RETURNS SETOF BIGINT LANGUAGE sql STABLE AS $$
  SELECT u.id FROM users u WHERE u.guest_room_id IS NOT NULL AND u.deleted_at IS NULL AND u.created_at < p_before
    AND NOT EXISTS (SELECT FROM sessions s WHERE s.user_id = u.id AND s.last_used_at >= p_before)
  ORDER BY u.id LIMIT p_limit
$$;

-- Makes the account of a guest permanent. Its room, if the guest is still a member, gets a MemberUpdated.
-- status: OK, NO_USER (no guest), FORBIDDEN (the invitation p_ticket is not valid)
CREATE OR REPLACE FUNCTION upgrade_guest(p_user BIGINT, p_username TEXT, p_email TEXT, p_display_name TEXT, p_password_hash TEXT,
  p_ticket BYTEA, p_purposes TEXT[])
RETURNS TABLE (status TEXT, room_id BIGINT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  v_room BIGINT := (SELECT u.guest_room_id FROM users u WHERE u.id = p_user); member memberships;
BEGIN
  -- The head first, as everywhere.
  PERFORM 1 FROM room_heads h WHERE h.room_id = v_room FOR NO KEY UPDATE;
  PERFORM 1 FROM users u WHERE u.id = p_user AND u.guest_room_id IS NOT NULL AND u.suspended_at IS NULL AND u.deleted_at IS NULL FOR NO KEY UPDATE;
  status := CASE WHEN FOUND THEN 'OK' ELSE 'NO_USER' END;
  IF status = 'OK' AND p_ticket IS NOT NULL THEN
    UPDATE one_time_tokens t SET used_at = now()
    WHERE t.hash = p_ticket AND t.purpose = ANY (p_purposes) AND t.used_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > now());
    status := CASE WHEN FOUND THEN 'OK' ELSE 'FORBIDDEN' END;
  END IF;
  IF status = 'OK' THEN
    UPDATE users u SET username = p_username, email = p_email, display_name = coalesce(p_display_name, u.display_name),
      password_hash = p_password_hash, guest_room_id = NULL WHERE u.id = p_user;
    SELECT * INTO member FROM memberships m WHERE m.room_id = v_room AND m.user_id = p_user;
    IF FOUND THEN
      room_id := v_room;
      room_seq := append_room_event(v_room, 9::smallint, p_user, p_user, member_facts(member));
    END IF;
  END IF;
  RETURN NEXT;
END $$;

-- Makes a user a member by an invite, and counts the use. Whoever is a member already uses nothing.
-- status: OK, SAME (a member already), NOT_FOUND (the invite is not open, or the user is a guest), NO_PLACE (the user is in p_max rooms)
CREATE OR REPLACE FUNCTION accept_invite(p_max INTEGER, p_invite BIGINT, p_user BIGINT)
RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_room BIGINT := (SELECT i.room_id FROM invites i WHERE i.id = p_invite);
  v_has_place BOOLEAN := have_places(ARRAY[p_user], v_room, p_max);
  head room_heads; invite invites;
BEGIN
  SELECT * INTO head FROM room_heads h WHERE h.room_id = v_room FOR NO KEY UPDATE;
  SELECT * INTO invite FROM invites i WHERE i.id = p_invite;
  room_seq := head.last_room_seq;
  status := CASE WHEN invite.id IS NULL OR head.state = 2 THEN 'NOT_FOUND'
    WHEN EXISTS (SELECT FROM memberships m WHERE m.room_id = v_room AND m.user_id = p_user) THEN 'SAME'
    WHEN NOT invite_is_open(invite) OR EXISTS (SELECT FROM users u WHERE u.id = p_user AND u.guest_room_id IS NOT NULL) THEN 'NOT_FOUND'
    WHEN NOT v_has_place THEN 'NO_PLACE' ELSE 'OK' END;
  IF status = 'OK' THEN
    room_seq := admit_members(v_room, p_user, ARRAY[p_user], invite.role, false, NULL);
    UPDATE invites i SET use_count = i.use_count + 1 WHERE i.id = p_invite;
  END IF;
  RETURN NEXT;
END $$;

-- Creates an invite. All changes of the invites of a room happen under the lock of its head.
-- status: OK, NOT_FOUND, DIRECT, FORBIDDEN, ARCHIVED, RANK (the role must be below that of the actor), LIMIT (100 open invites)
CREATE OR REPLACE FUNCTION create_invite(p_room BIGINT, p_actor BIGINT, p_code_hash BYTEA, p_role SMALLINT, p_expires_at TIMESTAMPTZ, p_max_uses INTEGER)
RETURNS TABLE (status TEXT, invite_id BIGINT) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  at room_and_actor := lock_room(p_room, p_actor);
BEGIN
  status := CASE WHEN at.kind IS NULL THEN 'NOT_FOUND' WHEN at.kind = 3 THEN 'DIRECT'
    WHEN coalesce(at.permission_bits, 0) & 2 = 0 THEN 'FORBIDDEN' WHEN at.state = 1 THEN 'ARCHIVED' WHEN p_role >= at.role THEN 'RANK'
    WHEN (SELECT count(*) FROM invites i WHERE i.room_id = p_room AND invite_is_open(i)) > 99 THEN 'LIMIT'
    ELSE 'OK' END;
  IF status = 'OK' THEN
    INSERT INTO invites (room_id, code_hash, role, created_by, expires_at, max_uses)
    VALUES (p_room, p_code_hash, p_role, p_actor, p_expires_at, p_max_uses) RETURNING id INTO invite_id;
  END IF;
  RETURN NEXT;
END $$;

-- Whether an invite can be used now. It works while its creator could create it, and while its room is open.
CREATE OR REPLACE FUNCTION invite_is_open(p_invite invites) RETURNS BOOLEAN LANGUAGE sql STABLE AS $$
  SELECT p_invite.revoked_at IS NULL AND (p_invite.expires_at IS NULL OR p_invite.expires_at > clock_timestamp())
    AND (p_invite.max_uses IS NULL OR p_invite.use_count < p_invite.max_uses)
    AND EXISTS (SELECT FROM room_heads h WHERE h.room_id = p_invite.room_id AND h.state = 0)
    AND EXISTS (SELECT FROM memberships m WHERE m.room_id = p_invite.room_id AND m.user_id = p_invite.created_by
      AND NOT (m.permission_bits & 2 = 0) AND m.role > p_invite.role)
    AND EXISTS (SELECT FROM users u WHERE u.id = p_invite.created_by AND u.suspended_at IS NULL AND u.deleted_at IS NULL)
$$;

-- Creates a guest, who is a member of the room of an invite and of no other, with a session, and counts the use.
-- status: OK, NOT_FOUND (the invite is not open)
CREATE OR REPLACE FUNCTION join_as_guest(p_invite BIGINT, p_username TEXT, p_display_name TEXT, p_refresh_hash BYTEA, p_days INTEGER)
RETURNS TABLE (status TEXT, room_seq BIGINT, user_id BIGINT, session_id BIGINT, created_at TIMESTAMPTZ) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  invite invites; v_user BIGINT; v_session BIGINT;
BEGIN
  PERFORM 1 FROM room_heads h WHERE h.room_id = (SELECT i.room_id FROM invites i WHERE i.id = p_invite) FOR NO KEY UPDATE;
  SELECT * INTO invite FROM invites i WHERE i.id = p_invite;
  status := CASE WHEN invite.id IS NULL OR NOT invite_is_open(invite) THEN 'NOT_FOUND' ELSE 'OK' END;
  IF status = 'OK' THEN
    INSERT INTO users (username, display_name, guest_room_id) VALUES (p_username, p_display_name, invite.room_id) RETURNING id INTO v_user;
    INSERT INTO sessions (user_id, expires_at) VALUES (v_user, now() + make_interval(days => p_days)) RETURNING id, sessions.created_at INTO v_session, created_at;
    INSERT INTO refresh_tokens (hash, session_id) VALUES (p_refresh_hash, v_session);
    room_seq := admit_members(invite.room_id, v_user, ARRAY[v_user], 10::smallint, false, NULL);
    UPDATE invites i SET use_count = i.use_count + 1 WHERE i.id = p_invite;
    user_id := v_user; session_id := v_session;
  END IF;
  RETURN NEXT;
END $$;

-- Ends an invite. status: OK, SAME (revoked before), NOT_FOUND, RANK (its role is not below that of the actor, who did not create it)
CREATE OR REPLACE FUNCTION revoke_invite(p_invite BIGINT, p_actor BIGINT) RETURNS TABLE (status TEXT) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  at room_and_actor := lock_room((SELECT i.room_id FROM invites i WHERE i.id = p_invite), p_actor);
  invite invites;
BEGIN
  SELECT * INTO invite FROM invites i WHERE i.id = p_invite;
  status := CASE WHEN at.kind IS NULL OR coalesce(at.permission_bits, 0) & 2 = 0 THEN 'NOT_FOUND'
    WHEN invite.role >= at.role AND invite.created_by <> p_actor THEN 'RANK' WHEN invite.revoked_at IS NOT NULL THEN 'SAME' ELSE 'OK' END;
  IF status = 'OK' THEN
    UPDATE invites i SET revoked_at = clock_timestamp() WHERE i.id = p_invite;
  END IF;
  RETURN NEXT;
END $$;

-- status: OK, NOT_FOUND, DIRECT, ARCHIVED, FORBIDDEN, RANK (the role must be below that of the actor), NO_USER,
--         GUEST (a guest of another room, or another role for a guest)
CREATE OR REPLACE FUNCTION add_members(p_room BIGINT, p_actor BIGINT, p_users BIGINT[], p_role SMALLINT)
RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  at room_and_actor := lock_room(p_room, p_actor);
BEGIN
  room_seq := at.last_room_seq;
  status := CASE WHEN at.kind IS NULL THEN 'NOT_FOUND' WHEN at.kind = 3 THEN 'DIRECT'
    WHEN coalesce(at.permission_bits, 0) & 2 = 0 THEN 'FORBIDDEN' WHEN at.state = 1 THEN 'ARCHIVED'
    WHEN p_role >= at.role AND at.role < 50 THEN 'RANK'
    WHEN EXISTS (SELECT FROM unnest(p_users) AS u WHERE NOT EXISTS (SELECT FROM users WHERE id = u AND deleted_at IS NULL)) THEN 'NO_USER'
    WHEN are_guests_elsewhere(ARRAY(SELECT u FROM unnest(p_users) AS u
      WHERE NOT EXISTS (SELECT FROM memberships m WHERE m.room_id = p_room AND m.user_id = u)), CASE WHEN p_role = 10 THEN p_room END) THEN 'GUEST'
    ELSE 'OK' END;
  IF status = 'OK' THEN
    room_seq := admit_members(p_room, p_actor, p_users, p_role, false, NULL);
  END IF;
  RETURN NEXT;
END $$;

-- Makes users members of public rooms. The caller holds the locks of the rooms, of the users' places and of their own logs;
-- rooms in p_busy are locked by somebody else.
-- status: OK, SAME (a member already), BUSY, NO_PLACE (the user is in max_rooms rooms), NOT_FOUND, ARCHIVED, FULL,
--         AGAIN (the same join is earlier in this batch: send it again)
-- Every lookup is a LATERAL with a limit: left to choose, the planner scans what was empty when it planned.
CREATE OR REPLACE FUNCTION apply_joins(p_joins room_join[], p_busy BIGINT[]) RETURNS change_outcome[] LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  v_now TIMESTAMPTZ(3) := clock_timestamp(); v_stamp BIGINT := pg_current_xact_id()::text::bigint; outcomes change_outcome[];
BEGIN
  -- Waits for a renaming that has begun, or the room would keep the old name: rename_user changes this row before it
  -- looks for memberships. FOR KEY SHARE would not wait for it.
  PERFORM 1 FROM users w WHERE w.id IN (SELECT u.user_id FROM unnest(p_joins) AS u
    WHERE NOT EXISTS (SELECT FROM memberships m WHERE m.room_id = u.room_id AND m.user_id = u.user_id)) ORDER BY w.id FOR SHARE;
  WITH judged AS (
    SELECT u.*, h.last_room_seq, h.last_message_seq, greatest(v_now, h.last_at) AS at, w.username, w.display_name, c.rooms, a.last_account_seq,
      CASE WHEN u.room_id = ANY (p_busy) THEN 'BUSY'
        WHEN m.user_id IS NULL AND c.rooms >= u.max_rooms THEN 'NO_PLACE'
        WHEN w.guest_room_id IS NOT NULL AND m.role IS NULL THEN 'NOT_FOUND'
        WHEN r.id IS NULL OR h.state = 2 OR (r.kind <> 1 AND (m.role IS NULL OR m.is_hidden)) THEN 'NOT_FOUND'
        WHEN m.user_id IS NOT NULL THEN 'SAME'
        WHEN h.state = 1 THEN 'ARCHIVED'
        WHEN h.last_room_seq > max_seq() - cardinality(p_joins) THEN 'FULL'
        WHEN row_number() OVER (PARTITION BY u.room_id, u.user_id ORDER BY u.ord) > 1 THEN 'AGAIN'
        ELSE 'OK' END AS status
    FROM unnest(p_joins) WITH ORDINALITY AS u(room_id, user_id, max_rooms, ord)
    LEFT JOIN LATERAL (SELECT * FROM rooms r WHERE r.id = u.room_id LIMIT 1) r ON true
    LEFT JOIN LATERAL (SELECT * FROM room_heads h WHERE h.room_id = u.room_id LIMIT 1) h ON true
    LEFT JOIN LATERAL (SELECT * FROM memberships m WHERE m.room_id = u.room_id AND m.user_id = u.user_id LIMIT 1) m ON true
    LEFT JOIN LATERAL (SELECT * FROM users w WHERE w.id = u.user_id LIMIT 1) w ON true
    LEFT JOIN LATERAL (SELECT * FROM account_heads a WHERE a.user_id = u.user_id LIMIT 1) a ON true
    CROSS JOIN LATERAL rooms_of(u.user_id, u.max_rooms) AS c
  ), placed AS (
    SELECT j.*, row_number() OVER (PARTITION BY j.user_id, j.status ORDER BY j.ord) AS nth_of_user FROM judged j
  ), told AS (
    SELECT p.*, CASE WHEN p.status = 'OK' AND p.rooms + p.nth_of_user > p.max_rooms THEN 'NO_PLACE' ELSE p.status END AS verdict FROM placed p
  ), numbered AS (
    SELECT t.*, t.last_room_seq + count(*) FILTER (WHERE t.verdict = 'OK') OVER (PARTITION BY t.room_id ORDER BY t.ord) AS new_room_seq FROM told t
  ), described AS MATERIALIZED (
    SELECT n.*, CASE WHEN n.verdict = 'OK' THEN membership_facts(20::smallint, role_permissions(20::smallint), NULL, n.last_message_seq,
      n.last_message_seq, n.at) END AS facts FROM numbered n
  ), made AS MATERIALIZED (
    SELECT * FROM described d WHERE d.verdict = 'OK'
  ), member AS (
    INSERT INTO memberships (room_id, user_id, role, permission_bits, from_room_seq, read_seq, delivered_seq, mentioned_seq, is_hidden, joined_at)
    -- mentioned_seq: a message from an earlier membership may have mentioned the user.
    SELECT n.room_id, n.user_id, 20, role_permissions(20::smallint), n.new_room_seq, n.last_message_seq, n.last_message_seq, n.last_message_seq, false,
      n.at
    FROM made n
  ), event AS (
    INSERT INTO room_events (room_id, room_seq, kind, actor_id, subject, message_seq, stamp, created_at, facts)
    SELECT n.room_id, n.new_room_seq, 8, n.user_id, n.user_id, n.last_message_seq, v_stamp, n.at, n.facts FROM made n
  ), head AS (
    UPDATE room_heads h SET last_room_seq = x.room_seq, last_at = x.at, last_stamp = v_stamp, top_stamp = greatest(v_stamp, h.top_stamp)
    FROM (SELECT n.room_id, max(n.new_room_seq) AS room_seq, max(n.at) AS at FROM made n GROUP BY n.room_id) x WHERE h.room_id = x.room_id
  ), room AS (
    UPDATE rooms r SET member_count = r.member_count + x.added
    FROM (SELECT n.room_id, count(*) AS added FROM made n GROUP BY n.room_id) x WHERE r.id = x.room_id
  ), account AS (
    UPDATE account_heads h SET last_account_seq = h.last_account_seq + x.granted
    FROM (SELECT n.user_id, count(*) AS granted FROM made n GROUP BY n.user_id) x WHERE h.user_id = x.user_id
  ), account_event AS (
    INSERT INTO account_events (user_id, account_seq, kind, room_id, room_seq, created_at)
    SELECT n.user_id, n.last_account_seq + n.nth_of_user, 1, n.room_id, n.new_room_seq, v_now FROM made n
  )
  SELECT array_agg(ROW('join', d.ord, d.verdict, d.new_room_seq, d.last_message_seq, d.at, d.username, d.display_name, d.facts)::change_outcome)
  INTO outcomes FROM described d;
  RETURN outcomes;
END $$;

-- status: OK, NOT_FOUND, DIRECT, ARCHIVED, FORBIDDEN, RANK, NO_MEMBER, LAST_OWNER, GUEST (guests have no other role)
-- An owner may make other owners; anybody may step down, but the last owner.
CREATE OR REPLACE FUNCTION change_member_role(p_room BIGINT, p_actor BIGINT, p_user BIGINT, p_role SMALLINT)
RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  at room_and_actor := lock_room(p_room, p_actor); member memberships;
BEGIN
  SELECT * INTO member FROM memberships WHERE room_id = p_room AND user_id = p_user;
  room_seq := at.last_room_seq;
  status := CASE WHEN at.kind IS NULL THEN 'NOT_FOUND' WHEN at.kind = 3 THEN 'DIRECT' WHEN at.role IS NULL THEN 'FORBIDDEN'
    WHEN p_user = p_actor AND p_role < at.role AND at.role = 50
      AND (SELECT count(*) FROM memberships WHERE room_id = p_room AND role = 50) = 1 THEN 'LAST_OWNER'
    WHEN p_user = p_actor AND p_role <= at.role THEN 'OK'
    WHEN at.permission_bits & 4 = 0 THEN 'FORBIDDEN'
    WHEN member.user_id IS NULL THEN 'NO_MEMBER'
    WHEN member.role = p_role THEN 'OK'
    WHEN are_guests_elsewhere(ARRAY[p_user], NULL) THEN 'GUEST'
    WHEN member.role >= at.role OR (p_role >= at.role AND at.role < 50) THEN 'RANK'
    ELSE 'OK' END;
  IF status = 'OK' AND at.state = 1 AND member.role <> p_role THEN
    status := 'ARCHIVED';
  END IF;
  IF status = 'OK' AND member.role <> p_role THEN
    UPDATE memberships SET role = p_role, permission_bits = role_permissions(p_role)
    WHERE room_id = p_room AND user_id = p_user RETURNING * INTO member;
    room_seq := append_room_event(p_room, 9::smallint, p_actor, p_user, member_facts(member));
  END IF;
  RETURN NEXT;
END $$;

-- status: as create_room, or FULL (the actor is in p_max rooms), GUEST. A replay needs no place.
CREATE OR REPLACE FUNCTION create_room_within(p_max INTEGER, p_actor BIGINT, p_kind SMALLINT, p_name TEXT, p_description TEXT, p_key TEXT, p_fingerprint UUID)
RETURNS TABLE (status TEXT, room_id BIGINT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  IF are_guests_elsewhere(ARRAY[p_actor], NULL) THEN
    RETURN QUERY SELECT 'GUEST', 0::bigint, 0::bigint;
  ELSIF NOT have_places(ARRAY[p_actor], NULL, p_max) AND NOT EXISTS (
    SELECT FROM creation_keys k WHERE k.author_id = p_actor AND k.operation = 'createRoom' AND k.key = p_key COLLATE "C")
  THEN
    RETURN QUERY SELECT 'FULL', 0::bigint, 0::bigint;
  ELSE
    RETURN QUERY SELECT * FROM create_room(p_actor, p_kind, p_name, p_description, p_key, p_fingerprint);
  END IF;
END $$;

-- Opens the direct room of exactly these users, including p_actor. The other members learn of it with its first
-- message. status: OK, NOT_FOUND (one of them no longer exists), GUEST (one of them is a guest)
CREATE OR REPLACE FUNCTION open_direct_room(p_actor BIGINT, p_users BIGINT[])
RETURNS TABLE (status TEXT, room_id BIGINT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  v_users BIGINT[] := (SELECT array_agg(DISTINCT u ORDER BY u) FROM unnest(p_users || p_actor) AS u);
  v_key TEXT := array_to_string(v_users, ',');
  -- A variable of its own: `use_column` makes `h.room_id = room_id` compare a column with itself.
  v_room BIGINT;
BEGIN
  status := 'OK';
  IF (SELECT count(*) FROM users WHERE id = ANY (v_users) AND deleted_at IS NULL) < cardinality(v_users) THEN
    status := 'NOT_FOUND';
    RETURN NEXT;
    RETURN;
  END IF;
  IF are_guests_elsewhere(v_users, NULL) THEN
    status := 'GUEST';
    RETURN NEXT;
    RETURN;
  END IF;
  INSERT INTO rooms (kind, created_by, direct_key) VALUES (3, p_actor, v_key)
  ON CONFLICT (direct_key) WHERE direct_key IS NOT NULL DO NOTHING RETURNING id INTO v_room;
  IF v_room IS NOT NULL THEN
    INSERT INTO room_heads (room_id, has_hidden) VALUES (v_room, cardinality(v_users) > 1);
    PERFORM append_room_event(v_room, 1::smallint, p_actor, NULL, NULL);
    room_seq := admit_members(v_room, p_actor, v_users, 20::smallint, true, p_actor);
  ELSE
    SELECT r.id INTO v_room FROM rooms r WHERE r.direct_key = v_key;
    PERFORM 1 FROM room_heads h WHERE h.room_id = v_room FOR NO KEY UPDATE;
    UPDATE memberships m SET is_hidden = false WHERE m.room_id = v_room AND m.user_id = p_actor AND m.is_hidden;
    IF FOUND THEN
      PERFORM append_account_events(ARRAY[p_actor], 1::smallint, v_room, ARRAY[1::bigint]);
    END IF;
    SELECT h.last_room_seq INTO room_seq FROM room_heads h WHERE h.room_id = v_room;
  END IF;
  room_id := v_room;
  RETURN NEXT;
END $$;
