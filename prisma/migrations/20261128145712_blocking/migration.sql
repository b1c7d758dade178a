-- AlterTable
ALTER TABLE "users" ADD COLUMN     "addable_by" SMALLINT NOT NULL DEFAULT 0,
ADD COLUMN     "direct_messages_from" SMALLINT NOT NULL DEFAULT 0;

-- CreateTable
CREATE TABLE "user_blocks" (
    "user_id" BIGINT NOT NULL,
    "blocked_id" BIGINT NOT NULL,
    "block_seq" BIGINT NOT NULL,
    "blocked_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "user_blocks_pkey" PRIMARY KEY ("user_id","blocked_id")
);

-- CreateIndex
CREATE UNIQUE INDEX "user_blocks_user_id_block_seq_key" ON "user_blocks"("user_id", "block_seq");

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
  END IF;
  RETURN NEXT;
END $$;

-- Takes the permission to write from the members of a direct room, or gives it back: an override of their role, by no user.
-- The caller holds the lock of the head. Returns the number of the event, NULL where nothing changes.
CREATE OR REPLACE FUNCTION close_direct_room(p_room BIGINT, p_is_closed BOOLEAN) RETURNS BIGINT LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_role SMALLINT := 20; v_facts JSONB;
BEGIN
  IF EXISTS (SELECT FROM permission_overrides o WHERE o.room_id = p_room AND o.target = -v_role) = p_is_closed THEN
    RETURN NULL;
  END IF;
  IF p_is_closed THEN
    INSERT INTO permission_overrides (room_id, target, allow_bits, deny_bits) VALUES (p_room, -v_role, 0, 1);
  ELSE
    DELETE FROM permission_overrides o WHERE o.room_id = p_room AND o.target = -v_role;
  END IF;
  v_facts := change_permissions(p_room, 3::smallint, -v_role, v_role);
  RETURN append_room_event(p_room, 30::smallint, NULL, -v_role, v_facts || jsonb_build_object('allow', 0, 'deny', p_is_closed::int));
END $$;

-- Whether a user has blocked another one.
-- A plan that was made while there were no blocks would read all of them: enable_seqscan.
CREATE OR REPLACE FUNCTION has_blocked(p_user BIGINT, p_other BIGINT) RETURNS BOOLEAN LANGUAGE plpgsql STABLE SET enable_seqscan = off AS $$
BEGIN
  RETURN EXISTS (SELECT FROM user_blocks b WHERE b.user_id = p_user AND b.blocked_id = p_other);
END $$;

-- Whether one of these users does not let the actor message (p_is_direct) or add them: by a block, or by the own setting, which
-- is 1 for members of a shared room and 2 for nobody. The caller holds the places of the users, or the answer may be outdated.
CREATE OR REPLACE FUNCTION refuse_contact(p_actor BIGINT, p_users BIGINT[], p_is_direct BOOLEAN) RETURNS BOOLEAN LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN EXISTS (
    SELECT FROM unnest(p_users) AS u(id)
    CROSS JOIN LATERAL (SELECT CASE WHEN p_is_direct THEN w.direct_messages_from ELSE w.addable_by END AS rule FROM users w WHERE w.id = u.id LIMIT 1) w
    WHERE u.id <> p_actor AND (w.rule = 2 OR has_blocked(u.id, p_actor) OR w.rule = 1 AND NOT shares_room(p_actor, u.id)));
END $$;

-- Blocks a user for another one, or ends that. In the direct room of the two, nobody can write while one of them blocks the
-- other. status: OK, SAME, NOT_FOUND (there is no such user), LIMIT (1000 blocked users)
CREATE OR REPLACE FUNCTION set_block(p_user BIGINT, p_other BIGINT, p_is_blocked BOOLEAN)
RETURNS TABLE (status TEXT, account_seq BIGINT, room_id BIGINT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  v_room BIGINT;
BEGIN
  PERFORM lock_places(ARRAY[p_user, p_other]);
  v_room := (SELECT r.id FROM rooms r WHERE r.direct_key = concat_ws(',', least(p_user, p_other), greatest(p_user, p_other)));
  PERFORM 1 FROM room_heads h WHERE h.room_id = v_room FOR NO KEY UPDATE;
  PERFORM lock_accounts(ARRAY[p_user]);
  status := CASE WHEN has_blocked(p_user, p_other) = p_is_blocked THEN 'SAME'
    WHEN NOT p_is_blocked THEN 'OK'
    WHEN NOT EXISTS (SELECT FROM users u WHERE u.id = p_other AND u.deleted_at IS NULL) THEN 'NOT_FOUND'
    WHEN (SELECT count(*) FROM user_blocks b WHERE b.user_id = p_user) > 999 THEN 'LIMIT'
    ELSE 'OK' END;
  IF status = 'OK' THEN
    PERFORM append_account_events(ARRAY[p_user], 13::smallint, NULL, ARRAY[p_other]);
  END IF;
  SELECT a.last_account_seq INTO account_seq FROM account_heads a WHERE a.user_id = p_user;
  IF status = 'OK' AND p_is_blocked THEN
    INSERT INTO user_blocks (user_id, blocked_id, block_seq, blocked_at) VALUES (p_user, p_other, account_seq, clock_timestamp());
  ELSIF status = 'OK' THEN
    DELETE FROM user_blocks b WHERE b.user_id = p_user AND b.blocked_id = p_other;
  END IF;
  IF status = 'OK' AND v_room IS NOT NULL THEN
    room_id := v_room;
    room_seq := close_direct_room(v_room, has_blocked(p_user, p_other) OR has_blocked(p_other, p_user));
  END IF;
  RETURN NEXT;
END $$;

-- Who may open direct rooms with a user, and add the user to rooms. NULL leaves a value as it is.
CREATE OR REPLACE FUNCTION set_contact_rules(p_user BIGINT, p_direct_messages_from SMALLINT, p_addable_by SMALLINT) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM lock_places(ARRAY[p_user]);
  UPDATE users u SET direct_messages_from = coalesce(p_direct_messages_from, u.direct_messages_from), addable_by = coalesce(p_addable_by, u.addable_by)
  WHERE u.id = p_user;
END $$;

-- status: OK, NOT_FOUND, DIRECT, ARCHIVED, FORBIDDEN, RANK (the role must be below that of the actor), NO_USER,
--         GUEST (a guest of another room, or another role for a guest), NOT_REACHABLE (one of them does not let the actor add them)
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
    WHEN refuse_contact(p_actor, v_new, false) THEN 'NOT_REACHABLE'
    ELSE 'OK' END;
  IF status = 'OK' THEN
    room_seq := admit_members(p_room, p_actor, p_users, p_role, false, NULL);
  END IF;
  RETURN NEXT;
END $$;

-- Opens the direct room of exactly these users, including p_actor. The other members learn of it with its first
-- message. status: OK, NOT_FOUND (one of them no longer exists), GUEST (one of them is a guest). Unless the actor has the room
-- already: BLOCKED (the actor has blocked one of them), NOT_REACHABLE (one of them does not let the actor message them)
CREATE OR REPLACE FUNCTION open_direct_room(p_actor BIGINT, p_users BIGINT[])
RETURNS TABLE (status TEXT, room_id BIGINT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  v_users BIGINT[] := (SELECT array_agg(DISTINCT u ORDER BY u) FROM unnest(p_users || p_actor) AS u);
  v_key TEXT := array_to_string(v_users, ',');
  -- A variable of its own: `use_column` makes `h.room_id = room_id` compare a column with itself.
  v_room BIGINT;
BEGIN
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
  status := CASE WHEN EXISTS (SELECT FROM rooms r
      CROSS JOIN LATERAL (SELECT FROM memberships m WHERE m.room_id = r.id AND m.user_id = p_actor AND NOT m.is_hidden LIMIT 1) m
      WHERE r.direct_key = v_key) THEN 'OK'
    WHEN EXISTS (SELECT FROM unnest(v_users) AS u WHERE has_blocked(p_actor, u)) THEN 'BLOCKED'
    WHEN refuse_contact(p_actor, v_users, true) THEN 'NOT_REACHABLE'
    ELSE 'OK' END;
  IF status <> 'OK' THEN
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
