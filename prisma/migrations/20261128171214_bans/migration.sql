-- CreateTable
CREATE TABLE "bans" (
    "room_id" BIGINT NOT NULL,
    "user_id" BIGINT NOT NULL,
    "banned_by" BIGINT NOT NULL,
    "reason" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3),

    CONSTRAINT "bans_pkey" PRIMARY KEY ("room_id","user_id")
);

-- CreateIndex
CREATE INDEX "bans_room_id_created_at_user_id_idx" ON "bans"("room_id", "created_at", "user_id");

-- CreateIndex
CREATE INDEX "bans_expires_at_idx" ON "bans"("expires_at");

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
    DELETE FROM former_timeouts f WHERE f.room_id = v_room AND f.user_id = p_user;
    DELETE FROM slow_mode_posts s WHERE s.room_id = v_room AND s.user_id = p_user;
    DELETE FROM user_blocks b WHERE b.user_id = p_user;
    DELETE FROM bans b WHERE b.room_id = v_room AND b.user_id = p_user;
  END IF;
  RETURN NEXT;
END $$;

-- Makes a user a member by an invite, and counts the use. Whoever is a member already uses nothing.
-- status: OK, SAME (a member already), NOT_FOUND (the invite is not open, or the user is a guest or deleted), NO_PLACE (the user is in p_max rooms)
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
    WHEN NOT invite_is_open(invite) OR EXISTS (SELECT FROM users u WHERE u.id = p_user AND (u.guest_room_id IS NOT NULL OR u.deleted_at IS NOT NULL)) THEN 'NOT_FOUND'
    WHEN is_banned(v_room, p_user) THEN 'BANNED' WHEN NOT v_has_place THEN 'NO_PLACE' ELSE 'OK' END;
  IF status = 'OK' THEN
    room_seq := admit_members(v_room, p_user, ARRAY[p_user], invite.role, false, NULL);
    UPDATE invites i SET use_count = i.use_count + 1 WHERE i.id = p_invite;
  END IF;
  RETURN NEXT;
END $$;

-- Bans a user, who need not be a member: ends the membership, and refuses to join until p_expires_at, or for ever. A new ban
-- replaces the one before.
-- status: OK, SAME, NOT_FOUND, DIRECT, FORBIDDEN, NO_USER, RANK, TOO_FAR (it would end in the past), LIMIT (10000 bans in the room)
CREATE OR REPLACE FUNCTION ban_user(p_room BIGINT, p_actor BIGINT, p_user BIGINT, p_expires_at TIMESTAMPTZ, p_reason TEXT)
RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  at room_and_actor := lock_room(p_room, p_actor); v_now TIMESTAMPTZ(3) := clock_timestamp(); old bans;
  v_rank SMALLINT := (SELECT m.role FROM memberships m WHERE m.room_id = p_room AND m.user_id = p_user);
BEGIN
  SELECT * INTO old FROM bans b WHERE b.room_id = p_room AND b.user_id = p_user AND (b.expires_at IS NULL OR b.expires_at > v_now);
  room_seq := at.last_room_seq;
  status := CASE WHEN at.kind IS NULL THEN 'NOT_FOUND' WHEN at.kind = 3 THEN 'DIRECT'
    WHEN coalesce(at.permission_bits, 0) & 1024 = 0 THEN 'FORBIDDEN'
    WHEN NOT EXISTS (SELECT FROM users u WHERE u.id = p_user AND u.deleted_at IS NULL) THEN 'NO_USER'
    WHEN v_rank >= at.role THEN 'RANK' WHEN p_expires_at <= v_now THEN 'TOO_FAR'
    WHEN old.user_id IS NOT NULL AND old.expires_at IS NOT DISTINCT FROM p_expires_at AND old.reason IS NOT DISTINCT FROM p_reason THEN 'SAME'
    WHEN old.user_id IS NULL AND (SELECT count(*) FROM bans b WHERE b.room_id = p_room AND (b.expires_at IS NULL OR b.expires_at > v_now)) > 9999 THEN 'LIMIT' ELSE 'OK' END;
  IF status = 'OK' THEN
    INSERT INTO bans (room_id, user_id, banned_by, reason, created_at, expires_at) VALUES (p_room, p_user, p_actor, p_reason, v_now, p_expires_at)
    ON CONFLICT (room_id, user_id) DO UPDATE SET banned_by = EXCLUDED.banned_by, reason = EXCLUDED.reason, created_at = EXCLUDED.created_at,
      expires_at = EXCLUDED.expires_at;
    IF v_rank IS NOT NULL THEN
      room_seq := dismiss_member(p_room, p_actor, p_user, true);
    END IF;
    PERFORM record_act(p_room, p_actor, 'ban', p_user, p_reason,
      jsonb_build_object('expiresAt', jsonb_build_array(timeout_ms(old.expires_at), timeout_ms(p_expires_at))));
  END IF;
  RETURN NEXT;
END $$;

-- Whether a user may not join a room. A ban that has expired counts as none.
CREATE OR REPLACE FUNCTION is_banned(p_room BIGINT, p_user BIGINT) RETURNS BOOLEAN LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM bans b WHERE b.room_id = p_room AND b.user_id = p_user AND (b.expires_at IS NULL OR b.expires_at > clock_timestamp()))
$$;

-- Ends the ban of a user. status: OK, SAME (there is none), NOT_FOUND, DIRECT, FORBIDDEN
CREATE OR REPLACE FUNCTION unban_user(p_room BIGINT, p_actor BIGINT, p_user BIGINT, p_reason TEXT)
RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  at room_and_actor := lock_room(p_room, p_actor);
BEGIN
  room_seq := at.last_room_seq;
  status := CASE WHEN at.kind IS NULL THEN 'NOT_FOUND' WHEN at.kind = 3 THEN 'DIRECT'
    WHEN coalesce(at.permission_bits, 0) & 1024 = 0 THEN 'FORBIDDEN' WHEN NOT is_banned(p_room, p_user) THEN 'SAME' ELSE 'OK' END;
  IF status = 'OK' THEN
    DELETE FROM bans b WHERE b.room_id = p_room AND b.user_id = p_user;
    PERFORM record_act(p_room, p_actor, 'unban', p_user, p_reason, NULL);
  END IF;
  RETURN NEXT;
END $$;

-- The permissions of a role after one override: what is denied is not allowed. No override gives guests one of 1646: to add
-- members, remove members and change roles, change the room, archive and delete the room, time out members, ban.
CREATE OR REPLACE FUNCTION overridden_permissions(p_role SMALLINT, p_bits BIGINT, p_allow BIGINT, p_deny BIGINT)
RETURNS BIGINT LANGUAGE sql IMMUTABLE AS $$
  SELECT (p_bits | (p_allow & ~ CASE p_role WHEN 10 THEN 1646 ELSE 0 END::bigint)) & ~ p_deny
$$;

-- status: OK, NOT_FOUND, DIRECT, ARCHIVED, FORBIDDEN, RANK (the role must be below that of the actor), NO_USER,
--         GUEST (a guest of another room, or another role for a guest), NOT_REACHABLE (one of them does not let the actor add them),
--         USER_BANNED
CREATE OR REPLACE FUNCTION add_members(p_room BIGINT, p_actor BIGINT, p_users BIGINT[], p_role SMALLINT)
RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  at room_and_actor := lock_room(p_room, p_actor);
  v_new BIGINT[] := ARRAY(SELECT u FROM unnest(p_users) AS u WHERE NOT EXISTS (SELECT FROM memberships m WHERE m.room_id = p_room AND m.user_id = u));
BEGIN
  room_seq := at.last_room_seq;
  status := CASE WHEN at.kind IS NULL THEN 'NOT_FOUND' WHEN at.kind = 3 THEN 'DIRECT'
    WHEN coalesce(at.permission_bits, 0) & 2 = 0 THEN 'FORBIDDEN' WHEN at.state = 1 THEN 'ARCHIVED'
    WHEN p_role >= at.role AND at.role < 50 THEN 'RANK'
    WHEN EXISTS (SELECT FROM unnest(p_users) AS u WHERE NOT EXISTS (SELECT FROM users WHERE id = u AND deleted_at IS NULL)) THEN 'NO_USER'
    WHEN are_guests_elsewhere(v_new, CASE WHEN p_role = 10 THEN p_room END) THEN 'GUEST'
    WHEN EXISTS (SELECT FROM unnest(p_users) AS u WHERE is_banned(p_room, u)) THEN 'USER_BANNED'
    WHEN refuse_contact(p_actor, v_new, false) THEN 'NOT_REACHABLE'
    ELSE 'OK' END;
  IF status = 'OK' THEN
    room_seq := admit_members(p_room, p_actor, p_users, p_role, false, NULL);
  END IF;
  RETURN NEXT;
END $$;

-- Makes users members of public rooms. The caller holds the locks of the rooms, of the users' places and of their own logs;
-- rooms in p_busy are locked by somebody else.
-- status: OK, SAME (a member already), BUSY, NO_PLACE (the user is in max_rooms rooms), NOT_FOUND, BANNED, ARCHIVED, FULL,
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
    SELECT u.*, r.kind, h.last_room_seq, h.last_message_seq, greatest(v_now, h.last_at) AS at, w.username, w.display_name, c.rooms, a.last_account_seq, f.until AS timeout_until,
      CASE WHEN u.room_id = ANY (p_busy) THEN 'BUSY'
        WHEN m.user_id IS NULL AND c.rooms >= u.max_rooms THEN 'NO_PLACE'
        WHEN w.guest_room_id IS NOT NULL AND m.role IS NULL THEN 'NOT_FOUND'
        WHEN r.id IS NULL OR h.state = 2 OR (r.kind <> 1 AND (m.role IS NULL OR m.is_hidden)) THEN 'NOT_FOUND'
        WHEN m.user_id IS NOT NULL THEN 'SAME'
        WHEN b.user_id IS NOT NULL THEN 'BANNED'
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
    LEFT JOIN LATERAL (SELECT * FROM former_timeouts f WHERE f.room_id = u.room_id AND f.user_id = u.user_id LIMIT 1) f ON true
    LEFT JOIN LATERAL (SELECT * FROM bans b WHERE b.room_id = u.room_id AND b.user_id = u.user_id
      AND (b.expires_at IS NULL OR b.expires_at > v_now) LIMIT 1) b ON true
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
    SELECT n.*, CASE WHEN n.verdict = 'OK' THEN membership_facts(20::smallint, n.permissions, n.timeout_until, n.last_message_seq, n.last_message_seq, n.at)
      END AS facts FROM permitted n
  ), made AS MATERIALIZED (
    SELECT * FROM described d WHERE d.verdict = 'OK'
  ), member AS (
    INSERT INTO memberships (room_id, user_id, role, permission_bits, timeout_until, from_room_seq, read_seq, delivered_seq, mentioned_seq, is_hidden, joined_at)
    -- mentioned_seq: a message from an earlier membership may have mentioned the user.
    SELECT n.room_id, n.user_id, 20, n.permissions, n.timeout_until, n.new_room_seq, n.last_message_seq, n.last_message_seq, n.last_message_seq, false, n.at
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
    DELETE FROM former_timeouts f WHERE f.room_id = p_room;
    DELETE FROM slow_mode_posts s WHERE s.room_id = p_room;
    DELETE FROM bans b WHERE b.room_id = p_room;
    -- A join with a table that was empty when it was planned reads the whole index.
    DELETE FROM drafts d WHERE d.ctid = ANY (ARRAY(SELECT o.ctid FROM unnest(v_users) AS u(user_id)
      CROSS JOIN LATERAL (SELECT o.ctid FROM drafts o WHERE o.user_id = u.user_id AND o.room_id = p_room OFFSET 0) o));
  END IF;
  RETURN NEXT;
END $$;

-- Only for nodes of the previous release; calls make_changes.
CREATE OR REPLACE FUNCTION join_room_within(p_max INTEGER, p_room BIGINT, p_actor BIGINT)
RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE sql VOLATILE ROWS 1 AS $$
  SELECT CASE o.status WHEN 'SAME' THEN 'OK' WHEN 'NO_PLACE' THEN 'FULL' WHEN 'BANNED' THEN 'FORBIDDEN' ELSE o.status END, coalesce(o.room_seq, 0)
  FROM make_changes(false, p_joins => ARRAY[ROW(p_room, p_actor, p_max)::room_join]) o
$$;

-- What a role allows without overrides. 1 post, 2 add members, 4 remove members and change roles, 8 change the room, 16
-- delete others' messages, 32 archive the room, 64 delete the room, 128 mention all members, 256 pin
-- messages, 512 time out members, 1024 ban, 4096 post at once in slow mode, 8192 react and 16384 reply in threads, both without 1.
CREATE OR REPLACE FUNCTION role_permissions(p_role SMALLINT) RETURNS BIGINT LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE p_role WHEN 50 THEN 30719 WHEN 40 THEN 30655 WHEN 30 THEN 30615 ELSE 1 END::bigint
$$;

-- Moderators and higher roles can ban. There are no overrides of this permission yet. Only the bit is set, because a node
-- may be changing overrides meanwhile: what this statement read of them would be stored after them. One statement: it writes
-- the rows of those who manage a room, mostly one of each room.
UPDATE memberships SET permission_bits = permission_bits | 1024 WHERE role >= 30;
