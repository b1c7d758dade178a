-- CreateTable
CREATE TABLE "permission_overrides" (
    "room_id" BIGINT NOT NULL,
    "target" BIGINT NOT NULL,
    "allow_bits" BIGINT NOT NULL,
    "deny_bits" BIGINT NOT NULL,

    CONSTRAINT "permission_overrides_pkey" PRIMARY KEY ("room_id","target")
);

-- A function may call one that is created after it.
SET LOCAL check_function_bodies = off;

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
    DELETE FROM permission_overrides o WHERE o.room_id = v_room AND o.target = p_user;
  END IF;
  RETURN NEXT;
END $$;

-- Stores the permissions of all whom an override concerns; the caller holds the lock of the room's head. Returns them in the
-- form of the event: those of the target, and by user id those of members of the role who have an override of their own.
-- NULL where the target is no member.
CREATE OR REPLACE FUNCTION change_permissions(p_room BIGINT, p_room_kind SMALLINT, p_target BIGINT, p_role SMALLINT)
RETURNS JSONB LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_bits BIGINT := effective_permissions(p_room, p_room_kind, p_role, p_target); v_others JSONB;
BEGIN
  IF p_target > 0 THEN
    UPDATE memberships m SET permission_bits = v_bits WHERE m.room_id = p_room AND m.user_id = p_target;
    RETURN jsonb_build_object('permissions', CASE WHEN FOUND THEN v_bits END);
  END IF;
  SELECT coalesce(jsonb_object_agg(x.target, overridden_permissions(p_role, v_bits, x.allow_bits, x.deny_bits)), '{}') INTO v_others
  FROM (SELECT o.* FROM permission_overrides o
    CROSS JOIN LATERAL (SELECT FROM memberships m WHERE m.room_id = p_room AND m.user_id = o.target AND m.role = p_role LIMIT 1) m
    WHERE o.room_id = p_room AND o.target > 0) x;
  UPDATE memberships m SET permission_bits = coalesce((v_others ->> m.user_id::text)::bigint, v_bits)
  WHERE m.room_id = p_room AND m.role = p_role;
  RETURN jsonb_build_object('permissions', v_bits, 'others', v_others);
END $$;

-- What a role allows in a room without overrides. All members of a direct room also have 256.
CREATE OR REPLACE FUNCTION default_permissions(p_room_kind SMALLINT, p_role SMALLINT) RETURNS BIGINT LANGUAGE sql IMMUTABLE AS $$
  SELECT role_permissions(p_role) | CASE WHEN p_room_kind = 3 THEN 256 ELSE 0 END::bigint
$$;

-- What a member may do in a room: the default of the role, then the override of the role, then that of the member. There are
-- none of owners, and none in direct rooms. Without a user: what the role may do.
-- A plan that was made while there were no overrides would read all of them: enable_seqscan.
CREATE OR REPLACE FUNCTION effective_permissions(p_room BIGINT, p_room_kind SMALLINT, p_role SMALLINT, p_user BIGINT)
RETURNS BIGINT LANGUAGE plpgsql STABLE SET enable_seqscan = off AS $$
DECLARE
  v_bits BIGINT := default_permissions(p_room_kind, p_role); override permission_overrides;
BEGIN
  IF p_role < 50 THEN
    -- Roles have negative targets: theirs comes first.
    FOR override IN SELECT * FROM permission_overrides o WHERE o.room_id = p_room AND o.target IN (-p_role, p_user) ORDER BY o.target LOOP
      v_bits := overridden_permissions(p_role, v_bits, override.allow_bits, override.deny_bits);
    END LOOP;
  END IF;
  RETURN v_bits;
END $$;

-- The permissions of a role after one override: what is denied is not allowed. No override gives guests one of 110: to add
-- members, remove members and change roles, change the room, archive and delete the room.
CREATE OR REPLACE FUNCTION overridden_permissions(p_role SMALLINT, p_bits BIGINT, p_allow BIGINT, p_deny BIGINT)
RETURNS BIGINT LANGUAGE sql IMMUTABLE AS $$
  SELECT (p_bits | (p_allow & ~ CASE p_role WHEN 10 THEN 110 ELSE 0 END::bigint)) & ~ p_deny
$$;

-- Sets what a role or a member may do in a room; p_target is a user, or the negative rank of a role. The bits of p_allow,
-- p_deny and p_inherit get that effect, all others keep theirs. The bits of all whom it concerns change with it.
-- status: OK, SAME, NOT_FOUND, DIRECT, FORBIDDEN, NO_MEMBER (and no override from before), RANK (the target is not below the
--         actor), ARCHIVED, NOT_HELD (the actor has none of a permission that would change), GUEST_ROLE (guests never get
--         it), LIMIT (1000 overrides of members)
CREATE OR REPLACE FUNCTION set_permission_override(p_room BIGINT, p_actor BIGINT, p_target BIGINT, p_allow BIGINT, p_deny BIGINT, p_inherit BIGINT)
RETURNS TABLE (status TEXT, room_seq BIGINT, allow_bits BIGINT, deny_bits BIGINT) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  at room_and_actor := lock_room(p_room, p_actor);
  v_member SMALLINT := (SELECT m.role FROM memberships m WHERE m.room_id = p_room AND m.user_id = p_target);
  v_role SMALLINT := CASE WHEN p_target < 0 THEN -p_target ELSE v_member END;
  old permission_overrides; v_allow BIGINT; v_deny BIGINT; v_changed BIGINT; v_facts JSONB;
BEGIN
  SELECT * INTO old FROM permission_overrides o WHERE o.room_id = p_room AND o.target = p_target;
  v_allow := (coalesce(old.allow_bits, 0) & ~ (p_deny | p_inherit)) | p_allow;
  v_deny := (coalesce(old.deny_bits, 0) & ~ (p_allow | p_inherit)) | p_deny;
  v_changed := (coalesce(old.allow_bits, 0) # v_allow) | (coalesce(old.deny_bits, 0) # v_deny);
  status := CASE WHEN at.kind IS NULL THEN 'NOT_FOUND' WHEN at.kind = 3 THEN 'DIRECT'
    WHEN coalesce(at.permission_bits, 0) & 4 = 0 THEN 'FORBIDDEN'
    WHEN v_role IS NULL AND old.target IS NULL THEN 'NO_MEMBER'
    WHEN v_role >= at.role THEN 'RANK' WHEN at.state = 1 THEN 'ARCHIVED'
    WHEN (v_changed & ~ at.permission_bits) <> 0 THEN 'NOT_HELD'
    WHEN v_role IS NOT NULL AND overridden_permissions(v_role, 0, v_changed & v_allow, 0) <> (v_changed & v_allow) THEN 'GUEST_ROLE'
    WHEN v_changed = 0 THEN 'SAME'
    WHEN p_target > 0 AND old.target IS NULL
      AND (SELECT count(*) FROM permission_overrides o WHERE o.room_id = p_room AND o.target > 0) > 999 THEN 'LIMIT'
    ELSE 'OK' END;
  room_seq := at.last_room_seq; allow_bits := v_allow; deny_bits := v_deny;
  IF status = 'OK' THEN
    DELETE FROM permission_overrides o WHERE o.room_id = p_room AND o.target = p_target;
    INSERT INTO permission_overrides (room_id, target, allow_bits, deny_bits)
      SELECT p_room, p_target, v_allow, v_deny WHERE (v_allow | v_deny) <> 0;
    v_facts := change_permissions(p_room, at.kind, p_target, v_role);
    room_seq := append_room_event(p_room, 30::smallint, p_actor, p_target, v_facts || jsonb_build_object('allow', v_allow, 'deny', v_deny));
  END IF;
  RETURN NEXT;
END $$;

-- Adds users to a room whose head the caller has locked. Members stay unchanged. Each new member causes a MemberJoined
-- in the room and, unless hidden, an access granted in the own log. Returns the last number.
CREATE OR REPLACE FUNCTION admit_members(p_room BIGINT, p_actor BIGINT, p_users BIGINT[], p_role SMALLINT, p_from_start BOOLEAN, p_hidden_from BIGINT)
RETURNS BIGINT LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  head room_heads; member memberships; v_user BIGINT; v_seq BIGINT;
  v_granted BIGINT[] := '{}'; v_seqs BIGINT[] := '{}'; v_added INTEGER := 0;
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
    INSERT INTO memberships (room_id, user_id, role, permission_bits, from_room_seq, read_seq, delivered_seq, mentioned_seq, is_hidden, joined_at)
    VALUES (p_room, v_user, p_role, effective_permissions(p_room, v_kind, p_role, v_user), CASE WHEN p_from_start THEN 1 ELSE v_seq + 1 END,
      head.last_message_seq, head.last_message_seq, head.last_message_seq, p_hidden_from IS NOT NULL AND v_user <> p_hidden_from,
      greatest(clock_timestamp()::timestamptz(3), head.last_at))
    RETURNING * INTO member;
    v_seq := append_room_event(p_room, 8::smallint, p_actor, v_user, member_facts(member));
    v_added := v_added + 1;
    IF NOT member.is_hidden THEN
      v_granted := v_granted || v_user; v_seqs := v_seqs || member.from_room_seq;
    END IF;
  END LOOP;
  UPDATE rooms SET member_count = member_count + v_added WHERE id = p_room AND v_added > 0;
  PERFORM append_account_events(v_granted, 1::smallint, p_room, v_seqs);
  RETURN v_seq;
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
    SELECT u.*, r.kind, h.last_room_seq, h.last_message_seq, greatest(v_now, h.last_at) AS at, w.username, w.display_name, c.rooms, a.last_account_seq,
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
  ), permitted AS MATERIALIZED (
    SELECT n.*, CASE WHEN n.verdict = 'OK' THEN effective_permissions(n.room_id, n.kind, 20::smallint, n.user_id) END AS permissions FROM numbered n
  ), described AS MATERIALIZED (
    SELECT n.*, CASE WHEN n.verdict = 'OK' THEN membership_facts(20::smallint, n.permissions, NULL, n.last_message_seq, n.last_message_seq, n.at)
      END AS facts FROM permitted n
  ), made AS MATERIALIZED (
    SELECT * FROM described d WHERE d.verdict = 'OK'
  ), member AS (
    INSERT INTO memberships (room_id, user_id, role, permission_bits, from_room_seq, read_seq, delivered_seq, mentioned_seq, is_hidden, joined_at)
    -- mentioned_seq: a message from an earlier membership may have mentioned the user.
    SELECT n.room_id, n.user_id, 20, n.permissions, n.new_room_seq, n.last_message_seq, n.last_message_seq, n.last_message_seq, false, n.at
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

-- status: OK, NOT_FOUND, DIRECT, ARCHIVED, FORBIDDEN, RANK, NO_MEMBER, LAST_OWNER, GUEST (guests have no other role),
--         MORE_RIGHTS (in the lower role, the actor could do what the actor cannot do now)
-- An owner may make other owners; anybody may step down, but the last owner.
CREATE OR REPLACE FUNCTION change_member_role(p_room BIGINT, p_actor BIGINT, p_user BIGINT, p_role SMALLINT)
RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  at room_and_actor := lock_room(p_room, p_actor); member memberships;
  v_permissions BIGINT := effective_permissions(p_room, at.kind, p_role, p_user);
BEGIN
  SELECT * INTO member FROM memberships WHERE room_id = p_room AND user_id = p_user;
  room_seq := at.last_room_seq;
  status := CASE WHEN at.kind IS NULL THEN 'NOT_FOUND' WHEN at.kind = 3 THEN 'DIRECT' WHEN at.role IS NULL THEN 'FORBIDDEN'
    WHEN p_user = p_actor AND p_role < at.role AND at.role = 50
      AND (SELECT count(*) FROM memberships WHERE room_id = p_room AND role = 50) = 1 THEN 'LAST_OWNER'
    WHEN p_user = p_actor AND p_role < at.role AND (v_permissions & ~ at.permission_bits) <> 0 THEN 'MORE_RIGHTS'
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
    UPDATE memberships SET role = p_role, permission_bits = v_permissions
    WHERE room_id = p_room AND user_id = p_user RETURNING * INTO member;
    room_seq := append_room_event(p_room, 9::smallint, p_actor, p_user, member_facts(member));
  END IF;
  RETURN NEXT;
END $$;

-- Deletes a room: it stays as a tombstone, and its members lose access. status: OK, NOT_FOUND, FORBIDDEN
CREATE OR REPLACE FUNCTION delete_room(p_room BIGINT, p_actor BIGINT)
RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  at room_and_actor := lock_room(p_room, p_actor); v_users BIGINT[];
BEGIN
  room_seq := at.last_room_seq;
  status := CASE WHEN at.kind IS NULL THEN 'NOT_FOUND' WHEN coalesce(at.permission_bits, 0) & 64 = 0 THEN 'FORBIDDEN' ELSE 'OK' END;
  IF status = 'OK' THEN
    UPDATE rooms SET deleted_at = clock_timestamp(), member_count = 0 WHERE id = p_room;
    UPDATE room_heads SET state = 2 WHERE room_id = p_room;
    room_seq := append_room_event(p_room, 4::smallint, p_actor, NULL, NULL);
    SELECT array_agg(m.user_id ORDER BY m.user_id) INTO v_users FROM memberships m WHERE m.room_id = p_room;
    PERFORM append_account_events(v_users, 2::smallint, p_room, array_fill(room_seq, ARRAY[cardinality(v_users)]));
    DELETE FROM memberships m WHERE m.room_id = p_room;
    DELETE FROM permission_overrides o WHERE o.room_id = p_room;
    -- A join with a table that was empty when it was planned reads the whole index.
    DELETE FROM drafts d WHERE d.ctid = ANY (ARRAY(SELECT o.ctid FROM unnest(v_users) AS u(user_id)
      CROSS JOIN LATERAL (SELECT o.ctid FROM drafts o WHERE o.user_id = u.user_id AND o.room_id = p_room OFFSET 0) o));
  END IF;
  RETURN NEXT;
END $$;
