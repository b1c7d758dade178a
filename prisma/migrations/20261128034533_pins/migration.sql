-- CreateTable
CREATE TABLE "pins" (
    "room_id" BIGINT NOT NULL,
    "room_seq" BIGINT NOT NULL,
    "pin_seq" BIGINT NOT NULL,
    "pinned_by" BIGINT NOT NULL,
    "pinned_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "pins_pkey" PRIMARY KEY ("room_id","room_seq")
);

-- A function may call one that is created after it.
SET LOCAL check_function_bodies = off;

DROP FUNCTION make_changes(boolean,new_message[],message_edit[],message_deletion[],room_join[],message_reaction[],read_mark[],mention_name[],mention_name[]);

-- Makes a batch of changes in one transaction: one array for each kind, one row for each change, in no order.
-- A refused change is a row that says why, so the others are made. The status BUSY is given to changes of locked rooms.
-- The functions of the kinds are called after the locks, so the snapshots of their statements begin after them.
CREATE OR REPLACE FUNCTION make_changes(p_skip_locked BOOLEAN, p_posts new_message[] DEFAULT '{}', p_edits message_edit[] DEFAULT '{}',
  p_deletions message_deletion[] DEFAULT '{}', p_joins room_join[] DEFAULT '{}', p_reactions message_reaction[] DEFAULT '{}',
  p_marks read_mark[] DEFAULT '{}', p_post_mentions mention_name[] DEFAULT '{}', p_edit_mentions mention_name[] DEFAULT '{}',
  p_pins message_pin[] DEFAULT '{}')
RETURNS SETOF change_outcome LANGUAGE plpgsql VOLATILE ROWS 256 AS $$
DECLARE
  v_busy BIGINT[];
BEGIN
  IF cardinality(p_joins) > 0 THEN
    PERFORM lock_places(ARRAY(SELECT u.user_id FROM unnest(p_joins) AS u));
  END IF;
  v_busy := lock_rooms(ARRAY(SELECT u.room_id FROM unnest(p_posts) AS u UNION ALL SELECT u.room_id FROM unnest(p_edits) AS u
    UNION ALL SELECT u.room_id FROM unnest(p_deletions) AS u UNION ALL SELECT u.room_id FROM unnest(p_joins) AS u
    UNION ALL SELECT u.room_id FROM unnest(p_reactions) AS u UNION ALL SELECT u.room_id FROM unnest(p_marks) AS u
    UNION ALL SELECT u.room_id FROM unnest(p_pins) AS u), p_skip_locked);
  IF cardinality(p_joins) + cardinality(p_marks) > 0 THEN
    -- Of all whose own logs grow by this batch, in one order: the first message of a direct room tells its other members.
    PERFORM lock_accounts(ARRAY(SELECT u.user_id FROM unnest(p_joins) AS u
        WHERE NOT EXISTS (SELECT FROM memberships m WHERE m.room_id = u.room_id AND m.user_id = u.user_id)
      UNION SELECT u.user_id FROM unnest(p_marks) AS u WHERE u.mode <> 'delivered'
      UNION SELECT m.user_id FROM (SELECT DISTINCT u.room_id FROM unnest(p_posts) AS u) AS r
        CROSS JOIN LATERAL (SELECT FROM room_heads h WHERE h.room_id = r.room_id AND h.has_hidden LIMIT 1) AS h
        CROSS JOIN LATERAL (SELECT m.user_id FROM memberships m WHERE m.room_id = r.room_id AND m.is_hidden OFFSET 0) AS m));
  END IF;
  IF cardinality(p_posts) > 0 THEN
    RETURN QUERY SELECT * FROM unnest(apply_posts(p_posts, v_busy, p_post_mentions));
  END IF;
  IF cardinality(p_edits) > 0 THEN
    RETURN QUERY SELECT * FROM unnest(apply_edits(p_edits, v_busy, p_edit_mentions));
  END IF;
  IF cardinality(p_deletions) > 0 THEN
    RETURN QUERY SELECT * FROM unnest(apply_deletions(p_deletions, v_busy));
  END IF;
  IF cardinality(p_joins) > 0 THEN
    RETURN QUERY SELECT * FROM unnest(apply_joins(p_joins, v_busy));
  END IF;
  IF cardinality(p_reactions) > 0 THEN
    RETURN QUERY SELECT * FROM unnest(apply_reactions(p_reactions, v_busy));
  END IF;
  IF cardinality(p_marks) > 0 THEN
    RETURN QUERY SELECT * FROM unnest(apply_marks(p_marks, v_busy));
  END IF;
  IF cardinality(p_pins) > 0 THEN
    RETURN QUERY SELECT * FROM unnest(apply_pins(p_pins, v_busy));
  END IF;
END $$;

-- Removes what is attached to deleted messages: every table that a registration of a satellite names.
CREATE OR REPLACE FUNCTION remove_satellites(p_rooms BIGINT[], p_room_seqs BIGINT[]) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  DELETE FROM reactions s USING unnest(p_rooms, p_room_seqs) AS x(room_id, room_seq) WHERE s.room_id = x.room_id AND s.room_seq = x.room_seq;
  DELETE FROM reaction_groups s USING unnest(p_rooms, p_room_seqs) AS x(room_id, room_seq) WHERE s.room_id = x.room_id AND s.room_seq = x.room_seq;
  -- A join with a table that was empty when it was planned reads the whole index.
  DELETE FROM message_mentions s WHERE s.ctid = ANY (ARRAY(SELECT o.ctid FROM unnest(p_rooms, p_room_seqs) AS x(room_id, room_seq)
    CROSS JOIN LATERAL (SELECT o.ctid FROM message_mentions o WHERE o.room_id = x.room_id AND o.room_seq = x.room_seq OFFSET 0) o));
  DELETE FROM pins s WHERE s.ctid = ANY (ARRAY(SELECT o.ctid FROM unnest(p_rooms, p_room_seqs) AS x(room_id, room_seq)
    CROSS JOIN LATERAL (SELECT o.ctid FROM pins o WHERE o.room_id = x.room_id AND o.room_seq = x.room_seq OFFSET 0) o));
END $$;

-- Pins and unpins a batch of messages. The caller holds the locks of the rooms; those in p_busy are locked by somebody else.
-- status: OK, SAME, BUSY, NOT_FOUND, DELETED, ARCHIVED, FORBIDDEN, TIMED_OUT, LIMIT (100 pins in the room), FULL
-- details: if the change was made, the message and, unless it is the actor, its author
-- Members who may post and have the right to pin do so. Pins of a batch count before its removals.
-- Every lookup is a LATERAL with a limit: left to choose, the planner scans what was empty when it planned.
CREATE OR REPLACE FUNCTION apply_pins(p_pins message_pin[], p_busy BIGINT[]) RETURNS change_outcome[] LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  v_now TIMESTAMPTZ(3) := clock_timestamp(); v_stamp BIGINT := pg_current_xact_id()::text::bigint;
  outcomes change_outcome[];
BEGIN
  WITH given AS (
    SELECT u.*, row_number() OVER (PARTITION BY u.room_id ORDER BY u.ord) AS nth_of_room
    FROM unnest(p_pins) WITH ORDINALITY AS u(room_id, room_seq, actor_id, is_pinned, ord)
  ), judged AS (
    SELECT u.*, h.last_room_seq, h.last_message_seq, greatest(v_now, h.last_at) AS at, w.username, w.display_name, old.message, a.author,
      p.pin_seq IS NOT NULL AS had, x.pins,
      CASE WHEN u.room_id = ANY (p_busy) THEN 'BUSY'
        WHEN m.role IS NULL OR m.is_hidden OR old.room_id IS NULL OR h.state = 2 OR old.seq < m.visible_from_seq THEN 'NOT_FOUND'
        WHEN old.text IS NULL THEN CASE WHEN u.is_pinned THEN 'DELETED' ELSE 'SAME' END
        WHEN h.state = 1 THEN 'ARCHIVED'
        WHEN m.permission_bits & 256 = 0 THEN 'FORBIDDEN'
        WHEN h.last_room_seq > max_seq() - cardinality(p_pins) THEN 'FULL'
        ELSE post_status(m.role, m.is_hidden, m.permission_bits, m.timeout_until, h.state, v_now) END AS status
    FROM given u
    LEFT JOIN LATERAL (SELECT * FROM room_heads h WHERE h.room_id = u.room_id LIMIT 1) h ON true
    LEFT JOIN LATERAL (SELECT * FROM memberships m WHERE m.room_id = u.room_id AND m.user_id = u.actor_id LIMIT 1) m ON true
    LEFT JOIN LATERAL (SELECT * FROM users w WHERE w.id = u.actor_id LIMIT 1) w ON true
    LEFT JOIN LATERAL (SELECT old.*, old AS message FROM messages old WHERE old.room_id = u.room_id AND old.room_seq = u.room_seq LIMIT 1) old ON true
    LEFT JOIN LATERAL (SELECT a AS author FROM users a WHERE old.author_id <> u.actor_id AND a.id = old.author_id LIMIT 1) a ON true
    LEFT JOIN LATERAL (SELECT * FROM pins p WHERE p.room_id = u.room_id AND p.room_seq = u.room_seq LIMIT 1) p ON true
    -- Once for each room.
    CROSS JOIN LATERAL (SELECT count(*) AS pins FROM pins o WHERE u.nth_of_room = 1 AND o.room_id = u.room_id) x
  ), begun AS (
    SELECT j.*, max(j.pins) OVER (PARTITION BY j.room_id) AS pins_before,
      -- Of a message without a pin: the first change that pins it.
      min(j.ord) FILTER (WHERE j.status = 'OK' AND j.is_pinned AND NOT j.had) OVER (PARTITION BY j.room_id, j.room_seq) AS begun_by
    FROM judged j
  ), limited AS (
    SELECT b.*, CASE WHEN b.status = 'OK' AND b.is_pinned AND b.begun_by IS NOT NULL
        AND b.pins_before + dense_rank() OVER (PARTITION BY b.room_id ORDER BY b.begun_by) > 100 THEN 'LIMIT' ELSE b.status END AS verdict
    FROM begun b
  ), told AS (
    SELECT l.*, l.verdict = 'OK' AND l.is_pinned <> coalesce(lag(l.is_pinned) OVER (
      PARTITION BY l.room_id, l.room_seq, l.verdict ORDER BY l.ord), l.had) AS is_made
    FROM limited l
  ), numbered AS MATERIALIZED (
    SELECT t.*, CASE WHEN t.is_made THEN 'OK' WHEN t.verdict = 'OK' THEN 'SAME' ELSE t.verdict END AS answer,
      t.last_room_seq + count(*) FILTER (WHERE t.is_made) OVER (PARTITION BY t.room_id ORDER BY t.ord) AS new_room_seq
    FROM told t
  ), made AS MATERIALIZED (
    SELECT n.*, row_number() OVER (PARTITION BY n.room_id, n.room_seq ORDER BY n.ord DESC) AS nth_last FROM numbered n WHERE n.is_made
  ), pinned AS (
    INSERT INTO pins (room_id, room_seq, pin_seq, pinned_by, pinned_at)
    SELECT n.room_id, n.room_seq, n.new_room_seq, n.actor_id, n.at FROM made n WHERE n.nth_last = 1 AND n.is_pinned
    ON CONFLICT (room_id, room_seq) DO UPDATE SET pin_seq = EXCLUDED.pin_seq, pinned_by = EXCLUDED.pinned_by, pinned_at = EXCLUDED.pinned_at
  ), unpinned AS (
    DELETE FROM pins p USING made n
    WHERE n.nth_last = 1 AND NOT n.is_pinned AND n.had AND p.room_id = n.room_id AND p.room_seq = n.room_seq
  ), pinned_event AS (
    INSERT INTO room_events (room_id, room_seq, kind, actor_id, subject, message_seq, stamp, created_at)
    SELECT n.room_id, n.new_room_seq, 20, n.actor_id, n.room_seq, n.last_message_seq, v_stamp, n.at FROM made n WHERE n.is_pinned
  ), unpinned_event AS (
    INSERT INTO room_events (room_id, room_seq, kind, actor_id, subject, message_seq, stamp, created_at)
    SELECT n.room_id, n.new_room_seq, 21, n.actor_id, n.room_seq, n.last_message_seq, v_stamp, n.at FROM made n WHERE NOT n.is_pinned
  ), head AS (
    UPDATE room_heads h SET last_room_seq = x.room_seq, last_at = x.at, last_stamp = v_stamp, top_stamp = greatest(v_stamp, h.top_stamp)
    FROM (SELECT n.room_id, max(n.new_room_seq) AS room_seq, max(n.at) AS at FROM made n GROUP BY n.room_id) x WHERE h.room_id = x.room_id
  )
  SELECT array_agg(ROW('pin', n.ord, n.answer, n.new_room_seq, n.last_message_seq, n.at, n.username, n.display_name,
    CASE WHEN n.is_made THEN jsonb_build_object('message', message_record(n.message), 'text', (n.message).text,
      'author', CASE WHEN (n.author).id IS NOT NULL THEN user_record(n.author) END) END)::change_outcome)
  INTO outcomes FROM numbered n;
  RETURN outcomes;
END $$;

-- Adds users to a room whose head the caller has locked. Members stay unchanged. Each new member causes a MemberJoined
-- in the room and, unless hidden, an access granted in the own log. Returns the last number.
CREATE OR REPLACE FUNCTION admit_members(p_room BIGINT, p_actor BIGINT, p_users BIGINT[], p_role SMALLINT, p_from_start BOOLEAN, p_hidden_from BIGINT)
RETURNS BIGINT LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  head room_heads; member memberships; v_user BIGINT; v_seq BIGINT;
  v_granted BIGINT[] := '{}'; v_seqs BIGINT[] := '{}'; v_added INTEGER := 0;
  -- In a direct room, everybody pins.
  v_permissions BIGINT := role_permissions(p_role) | CASE WHEN EXISTS (SELECT FROM rooms r WHERE r.id = p_room AND r.kind = 3) THEN 256 ELSE 0 END;
BEGIN
  SELECT * INTO head FROM room_heads WHERE room_id = p_room;
  -- Waits for a renaming that has begun, or the room would keep the old name: rename_user changes this row before it
  -- looks for memberships. FOR KEY SHARE would not wait for it.
  PERFORM 1 FROM users u WHERE u.id = ANY (p_users)
    AND NOT EXISTS (SELECT FROM memberships m WHERE m.room_id = p_room AND m.user_id = u.id) ORDER BY u.id FOR SHARE;
  v_seq := head.last_room_seq;
  FOR v_user IN SELECT DISTINCT u FROM unnest(p_users) AS u ORDER BY u LOOP
    CONTINUE WHEN EXISTS (SELECT FROM memberships WHERE room_id = p_room AND user_id = v_user);
    INSERT INTO memberships (room_id, user_id, role, permission_bits, from_room_seq, read_seq, delivered_seq, is_hidden, joined_at)
    VALUES (p_room, v_user, p_role, v_permissions, CASE WHEN p_from_start THEN 1 ELSE v_seq + 1 END,
      head.last_message_seq, head.last_message_seq, p_hidden_from IS NOT NULL AND v_user <> p_hidden_from,
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

-- The default permissions of a role. 1 post, 2 add members, 4 remove members and change roles, 8 change the room, 16
-- delete others' messages, 32 archive the room, 64 delete the room, 128 mention all members, 256 pin
-- messages. Members of a direct room also have 256: admit_members.
CREATE OR REPLACE FUNCTION role_permissions(p_role SMALLINT) RETURNS BIGINT LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE p_role WHEN 50 THEN 511 WHEN 40 THEN 447 WHEN 30 THEN 407 ELSE 1 END::bigint
$$;

-- The new right of moderators and higher ranks, and of all members of direct rooms: to pin messages.
UPDATE memberships SET permission_bits = permission_bits | 256 WHERE role >= 30 AND permission_bits & 256 = 0;
UPDATE memberships m SET permission_bits = m.permission_bits | 256 FROM rooms r WHERE r.id = m.room_id AND r.kind = 3 AND m.permission_bits & 256 = 0;
