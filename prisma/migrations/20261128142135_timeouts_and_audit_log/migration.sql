-- AlterTable
ALTER TABLE "room_heads" ADD COLUMN     "last_audit_seq" BIGINT NOT NULL DEFAULT 0;

-- CreateTable
CREATE TABLE "audit_log" (
    "room_id" BIGINT NOT NULL,
    "audit_seq" BIGINT NOT NULL,
    "actor_id" BIGINT NOT NULL,
    "action" TEXT NOT NULL,
    "target" BIGINT,
    "subject" BIGINT,
    "reason" TEXT,
    "changes" JSONB,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "audit_log_pkey" PRIMARY KEY ("room_id","audit_seq")
);

-- CreateTable
CREATE TABLE "former_timeouts" (
    "room_id" BIGINT NOT NULL,
    "user_id" BIGINT NOT NULL,
    "until" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "former_timeouts_pkey" PRIMARY KEY ("room_id","user_id")
);

-- CreateIndex
CREATE INDEX "audit_log_created_at_idx" ON "audit_log"("created_at");

-- CreateIndex
CREATE INDEX "former_timeouts_until_idx" ON "former_timeouts"("until");

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
  END IF;
  RETURN NEXT;
END $$;

-- Keeps the timeout of a member who leaves, for when the user returns; the caller holds the lock of the room's head.
-- A plan that was made while there were none would read all of them: enable_seqscan.
CREATE OR REPLACE FUNCTION keep_timeout(p_room BIGINT, p_user BIGINT) RETURNS VOID LANGUAGE plpgsql VOLATILE SET enable_seqscan = off AS $$
BEGIN
  DELETE FROM former_timeouts f WHERE f.room_id = p_room AND f.user_id = p_user;
  INSERT INTO former_timeouts (room_id, user_id, until)
  SELECT m.room_id, m.user_id, m.timeout_until FROM memberships m
  WHERE m.room_id = p_room AND m.user_id = p_user AND m.timeout_until > clock_timestamp();
END $$;

-- Refuses to change the audit log. Only the retention deletes entries, in a transaction with parley.trims_audit_log.
CREATE OR REPLACE FUNCTION protect_audit_log() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
  IF lower(TG_OP) = 'delete' AND current_setting('parley.trims_audit_log', true) = 'on' THEN
    RETURN NULL;
  END IF;
  RAISE EXCEPTION 'the audit log cannot be changed (%)', TG_OP;
END $$;

-- Appends one entry to the audit log of a room; the caller holds the lock of the head. p_changes: by field, the values before
-- and after. p_subject: the room_seq of a message, or the id of an invite.
CREATE OR REPLACE FUNCTION record_act(p_room BIGINT, p_actor BIGINT, p_action TEXT, p_target BIGINT, p_reason TEXT, p_changes JSONB,
  p_subject BIGINT DEFAULT NULL)
RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_seq BIGINT;
BEGIN
  UPDATE room_heads h SET last_audit_seq = h.last_audit_seq + 1 WHERE h.room_id = p_room RETURNING h.last_audit_seq INTO v_seq;
  INSERT INTO audit_log (room_id, audit_seq, actor_id, action, target, subject, reason, changes, created_at)
  VALUES (p_room, v_seq, p_actor, p_action, p_target, p_subject, p_reason, p_changes, clock_timestamp());
END $$;

-- Sets until when a member may not send messages; NULL ends it. A timeout that is over counts as none.
-- status: OK, SAME, NOT_FOUND, DIRECT, FORBIDDEN, NO_MEMBER, RANK, ARCHIVED, TOO_FAR (it would end in the past, or more than 28 days from now)
CREATE OR REPLACE FUNCTION time_out_member(p_room BIGINT, p_actor BIGINT, p_user BIGINT, p_until TIMESTAMPTZ, p_reason TEXT)
RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  at room_and_actor := lock_room(p_room, p_actor); v_now TIMESTAMPTZ(3) := clock_timestamp(); member memberships; v_before TIMESTAMPTZ(3);
BEGIN
  SELECT * INTO member FROM memberships m WHERE m.room_id = p_room AND m.user_id = p_user;
  v_before := CASE WHEN member.timeout_until > v_now THEN member.timeout_until END;
  room_seq := at.last_room_seq;
  status := CASE WHEN at.kind IS NULL THEN 'NOT_FOUND' WHEN at.kind = 3 THEN 'DIRECT'
    WHEN coalesce(at.permission_bits, 0) & 512 = 0 THEN 'FORBIDDEN' WHEN member.user_id IS NULL THEN 'NO_MEMBER'
    WHEN member.role >= at.role THEN 'RANK' WHEN at.state = 1 THEN 'ARCHIVED'
    WHEN p_until <= v_now OR p_until > v_now + interval '28 days' THEN 'TOO_FAR'
    WHEN p_until IS NOT DISTINCT FROM v_before THEN 'SAME' ELSE 'OK' END;
  IF status = 'OK' THEN
    UPDATE memberships m SET timeout_until = p_until WHERE m.room_id = p_room AND m.user_id = p_user;
    room_seq := append_room_event(p_room, 31::smallint, p_actor, p_user, jsonb_build_object('until', timeout_ms(p_until)));
    PERFORM record_act(p_room, p_actor, 'timeout', p_user, p_reason,
      jsonb_build_object('until', jsonb_build_array(timeout_ms(v_before), timeout_ms(p_until))));
  END IF;
  RETURN NEXT;
END $$;

-- The permissions of a role after one override: what is denied is not allowed. No override gives guests one of 622: to add
-- members, remove members and change roles, change the room, archive and delete the room, time out members.
CREATE OR REPLACE FUNCTION overridden_permissions(p_role SMALLINT, p_bits BIGINT, p_allow BIGINT, p_deny BIGINT)
RETURNS BIGINT LANGUAGE sql IMMUTABLE AS $$
  SELECT (p_bits | (p_allow & ~ CASE p_role WHEN 10 THEN 622 ELSE 0 END::bigint)) & ~ p_deny
$$;

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
    INSERT INTO memberships (room_id, user_id, role, permission_bits, timeout_until, from_room_seq, read_seq, delivered_seq, mentioned_seq, is_hidden, joined_at)
    VALUES (p_room, v_user, p_role, effective_permissions(p_room, v_kind, p_role, v_user),
      (SELECT f.until FROM former_timeouts f WHERE f.room_id = p_room AND f.user_id = v_user LIMIT 1), CASE WHEN p_from_start THEN 1 ELSE v_seq + 1 END,
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
    SELECT u.*, r.kind, h.last_room_seq, h.last_message_seq, greatest(v_now, h.last_at) AS at, w.username, w.display_name, c.rooms, a.last_account_seq, f.until AS timeout_until,
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
    LEFT JOIN LATERAL (SELECT * FROM former_timeouts f WHERE f.room_id = u.room_id AND f.user_id = u.user_id LIMIT 1) f ON true
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
    -- A join with a table that was empty when it was planned reads the whole index.
    DELETE FROM drafts d WHERE d.ctid = ANY (ARRAY(SELECT o.ctid FROM unnest(v_users) AS u(user_id)
      CROSS JOIN LATERAL (SELECT o.ctid FROM drafts o WHERE o.user_id = u.user_id AND o.room_id = p_room OFFSET 0) o));
  END IF;
  RETURN NEXT;
END $$;

-- Removes one member from a room whose head the caller has locked. What was allowed to the member alone ends; what was denied
-- stays, and so does a timeout, because they would otherwise end with leaving and joining.
CREATE OR REPLACE FUNCTION dismiss_member(p_room BIGINT, p_actor BIGINT, p_user BIGINT, p_removed BOOLEAN)
RETURNS BIGINT LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_seq BIGINT;
BEGIN
  v_seq := append_room_event(p_room, 10::smallint, p_actor, p_user, jsonb_build_object('removed', p_removed));
  PERFORM keep_timeout(p_room, p_user);
  DELETE FROM memberships WHERE room_id = p_room AND user_id = p_user;
  UPDATE rooms SET member_count = member_count - 1 WHERE id = p_room;
  PERFORM append_account_events(ARRAY[p_user], 2::smallint, p_room, ARRAY[v_seq]);
  -- Behind the lock of the own log, which set_thread_state and save_draft hold.
  DELETE FROM thread_members WHERE room_id = p_room AND user_id = p_user;
  DELETE FROM drafts WHERE room_id = p_room AND user_id = p_user;
  PERFORM end_allowances(p_room, p_user);
  PERFORM end_live_locations_of(p_room, p_user);
  RETURN v_seq;
END $$;

-- What a role allows without overrides. 1 post, 2 add members, 4 remove members and change roles, 8 change the room, 16
-- delete others' messages, 32 archive the room, 64 delete the room, 128 mention all members, 256 pin
-- messages, 512 time out members.
CREATE OR REPLACE FUNCTION role_permissions(p_role SMALLINT) RETURNS BIGINT LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE p_role WHEN 50 THEN 1023 WHEN 40 THEN 959 WHEN 30 THEN 919 ELSE 1 END::bigint
$$;

CREATE TRIGGER audit_log_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "audit_log"
FOR EACH STATEMENT EXECUTE FUNCTION protect_audit_log();

-- Moderators and higher roles can time out members. There are no overrides of this permission yet. Only the bit is set, because a node
-- may be changing overrides meanwhile: what this statement read of them would be stored after them. One statement: it writes
-- the rows of those who manage a room, mostly one of each room.
UPDATE memberships SET permission_bits = permission_bits | 512 WHERE role >= 30;
