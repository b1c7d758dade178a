-- A function may call one that is created after it.
SET LOCAL check_function_bodies = off;

DROP FUNCTION join_room(bigint,bigint);

DROP FUNCTION make_changes(boolean,new_message[],message_edit[],message_deletion[]);

-- Makes a batch of changes in one transaction: one array for each kind, one row for each change, in no order.
-- A refused change is a row that says why, so the others are made. The status BUSY is given to changes of locked rooms.
-- The functions of the kinds are called after the locks, so the snapshots of their statements begin after them.
CREATE OR REPLACE FUNCTION make_changes(p_skip_locked BOOLEAN, p_posts new_message[] DEFAULT '{}', p_edits message_edit[] DEFAULT '{}',
  p_deletions message_deletion[] DEFAULT '{}', p_joins room_join[] DEFAULT '{}')
RETURNS SETOF change_outcome LANGUAGE plpgsql VOLATILE ROWS 256 AS $$
DECLARE
  v_busy BIGINT[];
BEGIN
  IF cardinality(p_joins) > 0 THEN
    PERFORM lock_places(ARRAY(SELECT u.user_id FROM unnest(p_joins) AS u));
  END IF;
  v_busy := lock_rooms(ARRAY(SELECT u.room_id FROM unnest(p_posts) AS u UNION ALL SELECT u.room_id FROM unnest(p_edits) AS u
    UNION ALL SELECT u.room_id FROM unnest(p_deletions) AS u UNION ALL SELECT u.room_id FROM unnest(p_joins) AS u), p_skip_locked);
  IF cardinality(p_joins) > 0 THEN
    -- Of all who hear of a room by this batch, in one order: the first message of a direct room tells its other members.
    PERFORM lock_accounts(ARRAY(SELECT u.user_id FROM unnest(p_joins) AS u
        WHERE NOT EXISTS (SELECT FROM memberships m WHERE m.room_id = u.room_id AND m.user_id = u.user_id)
      UNION SELECT m.user_id FROM unnest(p_posts) AS u JOIN room_heads h ON h.room_id = u.room_id AND h.has_hidden
        JOIN memberships m ON m.room_id = h.room_id AND m.is_hidden));
  END IF;
  IF cardinality(p_posts) > 0 THEN
    RETURN QUERY SELECT * FROM unnest(apply_posts(p_posts, v_busy));
  END IF;
  IF cardinality(p_edits) > 0 THEN
    RETURN QUERY SELECT * FROM unnest(apply_edits(p_edits, v_busy));
  END IF;
  IF cardinality(p_deletions) > 0 THEN
    RETURN QUERY SELECT * FROM unnest(apply_deletions(p_deletions, v_busy));
  END IF;
  IF cardinality(p_joins) > 0 THEN
    RETURN QUERY SELECT * FROM unnest(apply_joins(p_joins, v_busy));
  END IF;
END $$;

-- Appends one event to each person's own log. Kinds: 1 access granted, 2 access lost.
CREATE OR REPLACE FUNCTION append_account_events(p_users BIGINT[], p_kind SMALLINT, p_room BIGINT, p_room_seqs BIGINT[])
RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM lock_accounts(p_users);
  WITH numbered AS (
    UPDATE account_heads h SET last_account_seq = h.last_account_seq + 1
    FROM unnest(p_users, p_room_seqs) AS x(user_id, room_seq) WHERE h.user_id = x.user_id
    RETURNING h.user_id, h.last_account_seq, x.room_seq
  )
  INSERT INTO account_events (user_id, account_seq, kind, room_id, room_seq, created_at)
  SELECT user_id, last_account_seq, p_kind, p_room, room_seq, clock_timestamp() FROM numbered;
END $$;

-- Locks the heads of these users' own logs in one order, and creates those that are missing.
CREATE OR REPLACE FUNCTION lock_accounts(p_users BIGINT[]) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  INSERT INTO account_heads (user_id) SELECT DISTINCT u FROM unnest(p_users) AS u ORDER BY u ON CONFLICT DO NOTHING;
  PERFORM 1 FROM account_heads WHERE user_id = ANY (p_users) ORDER BY user_id FOR NO KEY UPDATE;
END $$;

-- Makes users members of public rooms. The caller holds the locks of the rooms, of the users' places and of their own logs;
-- rooms in p_busy are locked by somebody else.
-- status: OK, SAME (a member already), BUSY, NO_PLACE (the user is in max_rooms rooms), NOT_FOUND, ARCHIVED, FULL,
--         AGAIN (the same join is earlier in this batch: send it again)
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
    SELECT u.*, h.last_room_seq, h.last_message_seq, greatest(v_now, h.last_at) AS at, w.username, w.display_name, c.rooms,
      CASE WHEN u.room_id = ANY (p_busy) THEN 'BUSY'
        WHEN m.user_id IS NULL AND c.rooms >= u.max_rooms THEN 'NO_PLACE'
        WHEN r.id IS NULL OR h.state = 2 OR (r.kind <> 1 AND (m.role IS NULL OR m.is_hidden)) THEN 'NOT_FOUND'
        WHEN m.user_id IS NOT NULL THEN 'SAME'
        WHEN h.state = 1 THEN 'ARCHIVED'
        WHEN h.last_room_seq > max_seq() - cardinality(p_joins) THEN 'FULL'
        WHEN row_number() OVER (PARTITION BY u.room_id, u.user_id ORDER BY u.ord) > 1 THEN 'AGAIN'
        ELSE 'OK' END AS status
    FROM unnest(p_joins) WITH ORDINALITY AS u(room_id, user_id, max_rooms, ord)
    LEFT JOIN rooms r ON r.id = u.room_id
    LEFT JOIN room_heads h ON h.room_id = u.room_id
    LEFT JOIN memberships m ON m.room_id = u.room_id AND m.user_id = u.user_id
    LEFT JOIN users w ON w.id = u.user_id
    CROSS JOIN LATERAL rooms_of(u.user_id, u.max_rooms) AS c(rooms)
  ), placed AS (
    SELECT j.*, row_number() OVER (PARTITION BY j.user_id, j.status ORDER BY j.ord) AS nth_of_user FROM judged j
  ), told AS (
    SELECT p.*, CASE WHEN p.status = 'OK' AND p.rooms + p.nth_of_user > p.max_rooms THEN 'NO_PLACE' ELSE p.status END AS verdict FROM placed p
  ), numbered AS MATERIALIZED (
    SELECT t.*, t.last_room_seq + count(*) FILTER (WHERE t.verdict = 'OK') OVER (PARTITION BY t.room_id ORDER BY t.ord) AS new_room_seq FROM told t
  ), made AS MATERIALIZED (
    SELECT * FROM numbered n WHERE n.verdict = 'OK'
  ), member AS (
    INSERT INTO memberships (room_id, user_id, role, permission_bits, from_room_seq, read_seq, delivered_seq, is_hidden, joined_at)
    SELECT n.room_id, n.user_id, 20, role_permissions(20::smallint), n.new_room_seq, n.last_message_seq, n.last_message_seq, false, n.at
    FROM made n RETURNING room_id, user_id, member_facts(memberships) AS facts
  ), event AS (
    INSERT INTO room_events (room_id, room_seq, kind, actor_id, subject, message_seq, stamp, created_at, facts)
    SELECT n.room_id, n.new_room_seq, 8, n.user_id, n.user_id, n.last_message_seq, v_stamp, n.at, m.facts
    FROM made n JOIN member m ON m.room_id = n.room_id AND m.user_id = n.user_id
  ), head AS (
    UPDATE room_heads h SET last_room_seq = x.room_seq, last_at = x.at, last_stamp = v_stamp, top_stamp = greatest(v_stamp, h.top_stamp)
    FROM (SELECT n.room_id, max(n.new_room_seq) AS room_seq, max(n.at) AS at FROM made n GROUP BY n.room_id) x WHERE h.room_id = x.room_id
  ), room AS (
    UPDATE rooms r SET member_count = r.member_count + x.added
    FROM (SELECT n.room_id, count(*) AS added FROM made n GROUP BY n.room_id) x WHERE r.id = x.room_id
  ), account AS (
    UPDATE account_heads h SET last_account_seq = h.last_account_seq + x.granted
    FROM (SELECT n.user_id, count(*) AS granted FROM made n GROUP BY n.user_id) x WHERE h.user_id = x.user_id
    RETURNING h.user_id, h.last_account_seq - x.granted AS before
  ), account_event AS (
    INSERT INTO account_events (user_id, account_seq, kind, room_id, room_seq, created_at)
    SELECT n.user_id, a.before + n.nth_of_user, 1, n.room_id, n.new_room_seq, v_now FROM made n JOIN account a ON a.user_id = n.user_id
  )
  SELECT array_agg(ROW('join', n.ord, n.verdict, n.new_room_seq, n.last_message_seq, n.at, n.username, n.display_name, m.facts)::change_outcome)
  INTO outcomes FROM numbered n LEFT JOIN member m ON n.verdict = 'OK' AND m.room_id = n.room_id AND m.user_id = n.user_id;
  RETURN outcomes;
END $$;

-- Whether each of these users may join one more room. A user who is in p_room already needs no place.
CREATE OR REPLACE FUNCTION have_places(p_users BIGINT[], p_room BIGINT, p_max INTEGER) RETURNS BOOLEAN LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM lock_places(p_users);
  RETURN NOT EXISTS (
    SELECT FROM unnest(p_users) AS u
    WHERE NOT EXISTS (SELECT FROM memberships m WHERE m.room_id = p_room AND m.user_id = u) AND rooms_of(u, p_max) >= p_max);
END $$;

-- For nodes of the release before: make_changes.
CREATE OR REPLACE FUNCTION join_room_within(p_max INTEGER, p_room BIGINT, p_actor BIGINT)
RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE sql VOLATILE ROWS 1 AS $$
  SELECT CASE o.status WHEN 'SAME' THEN 'OK' WHEN 'NO_PLACE' THEN 'FULL' ELSE o.status END, coalesce(o.room_seq, 0)
  FROM make_changes(false, p_joins => ARRAY[ROW(p_room, p_actor, p_max)::room_join]) o
$$;

-- Takes an advisory lock for each of these users, by id: of two calls at once the second counts the rooms that the first
-- has added. Taken before any lock of a room.
CREATE OR REPLACE FUNCTION lock_places(p_users BIGINT[]) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_user BIGINT;
BEGIN
  FOR v_user IN SELECT DISTINCT u FROM unnest(p_users) AS u ORDER BY u LOOP
    PERFORM pg_advisory_xact_lock(hashtextextended('rooms of user ' || v_user, 0));
  END LOOP;
END $$;

-- How many rooms a user is in; counts to p_max at most.
CREATE OR REPLACE FUNCTION rooms_of(p_user BIGINT, p_max INTEGER) RETURNS BIGINT LANGUAGE sql STABLE AS $$
  SELECT count(*) FROM (SELECT FROM memberships m WHERE m.user_id = p_user LIMIT p_max) AS counted
$$;
