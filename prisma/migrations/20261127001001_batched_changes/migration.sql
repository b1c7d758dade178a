-- A function may call one that is created after it.
SET LOCAL check_function_bodies = off;

-- Locks the heads of rooms in one order. With p_skip_locked it waits for none, and returns rooms that are locked already.
CREATE OR REPLACE FUNCTION lock_rooms(p_rooms BIGINT[], p_skip_locked BOOLEAN) RETURNS BIGINT[] LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_locked BIGINT[];
BEGIN
  IF NOT p_skip_locked THEN
    PERFORM 1 FROM room_heads h WHERE h.room_id = ANY (p_rooms) ORDER BY h.room_id FOR NO KEY UPDATE;
    RETURN '{}';
  END IF;
  v_locked := ARRAY(SELECT h.room_id FROM room_heads h WHERE h.room_id = ANY (p_rooms) ORDER BY h.room_id FOR NO KEY UPDATE SKIP LOCKED);
  RETURN ARRAY(SELECT h.room_id FROM room_heads h WHERE h.room_id = ANY (p_rooms) AND h.room_id <> ALL (v_locked));
END $$;

-- Makes a batch of changes in one transaction: one array for each kind, one row for each change, in no order.
-- A refused change is a row that says why, so the others are made. The status BUSY is given to changes of locked rooms.
-- The functions of the kinds are called after the locks, so the snapshots of their statements begin after them.
CREATE OR REPLACE FUNCTION make_changes(p_skip_locked BOOLEAN, p_posts new_message[] DEFAULT '{}', p_edits message_edit[] DEFAULT '{}',
  p_deletions message_deletion[] DEFAULT '{}')
RETURNS SETOF change_outcome LANGUAGE plpgsql VOLATILE ROWS 256 AS $$
DECLARE
  v_busy BIGINT[];
BEGIN
  v_busy := lock_rooms(ARRAY(SELECT u.room_id FROM unnest(p_posts) AS u UNION ALL SELECT u.room_id FROM unnest(p_edits) AS u
    UNION ALL SELECT u.room_id FROM unnest(p_deletions) AS u), p_skip_locked);
  IF cardinality(p_posts) > 0 THEN
    RETURN QUERY SELECT * FROM unnest(apply_posts(p_posts, v_busy));
  END IF;
  IF cardinality(p_edits) > 0 THEN
    RETURN QUERY SELECT * FROM unnest(apply_edits(p_edits, v_busy));
  END IF;
  IF cardinality(p_deletions) > 0 THEN
    RETURN QUERY SELECT * FROM unnest(apply_deletions(p_deletions, v_busy));
  END IF;
END $$;

-- The largest number that a room, its messages and its events can have: the API has numbers of 31 bits.
CREATE OR REPLACE FUNCTION max_seq() RETURNS BIGINT LANGUAGE sql IMMUTABLE AS $$
  SELECT 2147483647::bigint
$$;

-- Deletes a batch of messages. The caller holds the locks of the rooms; those in p_busy are locked by somebody else.
-- status: OK, SAME (it is deleted already), BUSY, NOT_FOUND, FORBIDDEN, ARCHIVED, FULL
-- Authors may delete their own messages, members with that right those of lower ranks. The event also shows the author's names.
CREATE OR REPLACE FUNCTION apply_deletions(p_deletions message_deletion[], p_busy BIGINT[]) RETURNS change_outcome[] LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  v_now TIMESTAMPTZ(3) := clock_timestamp(); v_stamp BIGINT := pg_current_xact_id()::text::bigint; outcomes change_outcome[];
BEGIN
  WITH judged AS (
    SELECT u.*, h.last_room_seq, h.last_message_seq, greatest(v_now, h.last_at) AS at, old.version AS old_version, old.text AS old_text,
      w.username, w.display_name, a.username AS author_username, a.display_name AS author_name, a.deleted_at AS author_deleted_at,
      CASE WHEN u.room_id = ANY (p_busy) THEN 'BUSY'
        WHEN m.role IS NULL OR m.is_hidden OR old.room_id IS NULL OR h.state = 2 OR old.seq < m.visible_from_seq THEN 'NOT_FOUND'
        WHEN old.author_id <> u.actor_id AND (m.permission_bits & 16 = 0 OR coalesce(am.role, 0) >= m.role) THEN 'FORBIDDEN'
        WHEN old.text IS NULL THEN 'SAME'
        WHEN h.state = 1 THEN 'ARCHIVED'
        WHEN h.last_room_seq > max_seq() - cardinality(p_deletions) THEN 'FULL'
        ELSE 'OK' END AS status
    FROM unnest(p_deletions) WITH ORDINALITY AS u(room_id, room_seq, actor_id, ord)
    LEFT JOIN room_heads h ON h.room_id = u.room_id
    LEFT JOIN memberships m ON m.room_id = u.room_id AND m.user_id = u.actor_id
    LEFT JOIN users w ON w.id = u.actor_id
    LEFT JOIN messages old ON old.room_id = u.room_id AND old.room_seq = u.room_seq
    LEFT JOIN memberships am ON am.room_id = u.room_id AND am.user_id = old.author_id
    LEFT JOIN users a ON a.id = old.author_id
  ), once AS (
    SELECT j.*, j.status = 'OK' AND row_number() OVER (PARTITION BY j.room_id, j.room_seq, j.status ORDER BY j.ord) = 1 AS is_made FROM judged j
  ), numbered AS MATERIALIZED (
    SELECT j.*, j.last_room_seq + count(*) FILTER (WHERE j.is_made) OVER (PARTITION BY j.room_id ORDER BY j.ord) AS new_room_seq FROM once j
  ), made AS MATERIALIZED (
    SELECT * FROM numbered n WHERE n.is_made
  ), revision AS (
    INSERT INTO message_revisions SELECT n.room_id, n.room_seq, n.old_version, n.old_text, n.at, n.actor_id FROM made n
  ), message AS (
    UPDATE messages m SET text = NULL, version = m.version + 1, deleted_at = n.at
    FROM made n WHERE m.room_id = n.room_id AND m.room_seq = n.room_seq
    RETURNING n.ord, message_record(m) || jsonb_build_object('author', jsonb_build_object('id', m.author_id, 'username', n.author_username,
      'displayName', n.author_name, 'deletedAt', timeout_ms(n.author_deleted_at))) AS record
  ), event AS (
    INSERT INTO room_events (room_id, room_seq, kind, actor_id, subject, message_seq, stamp, created_at)
    SELECT n.room_id, n.new_room_seq, 7, n.actor_id, n.room_seq, n.last_message_seq, v_stamp, n.at FROM made n
  ), head AS (
    UPDATE room_heads h SET last_room_seq = x.room_seq, last_at = x.at, last_stamp = v_stamp, top_stamp = greatest(v_stamp, h.top_stamp)
    FROM (SELECT n.room_id, max(n.new_room_seq) AS room_seq, max(n.at) AS at FROM made n GROUP BY n.room_id) x WHERE h.room_id = x.room_id
  )
  SELECT array_agg(ROW('deletion', n.ord, CASE WHEN n.status = 'OK' AND NOT n.is_made THEN 'SAME' ELSE n.status END, n.new_room_seq, n.last_message_seq, n.at, n.username, n.display_name, m.record)::change_outcome)
  INTO outcomes FROM numbered n LEFT JOIN message m ON m.ord = n.ord;
  RETURN outcomes;
END $$;

-- Edits a batch of messages. The caller holds the locks of the rooms; those in p_busy are locked by somebody else.
-- status: OK, SAME, BUSY, NOT_FOUND, NOT_AUTHOR, ARCHIVED, DELETED, FORBIDDEN, TIMED_OUT, VERSION (the version was passed by), FULL
-- An edit speaks to the room like a post: it needs the right to post. SAME repeats what the same author already made of it.
-- Edits of one message are judged one after the other: the second of them in a second round.
CREATE OR REPLACE FUNCTION apply_edits(p_edits message_edit[], p_busy BIGINT[]) RETURNS change_outcome[] LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  v_now TIMESTAMPTZ(3) := clock_timestamp(); v_stamp BIGINT := pg_current_xact_id()::text::bigint;
  v_rounds INT := (SELECT max(x.n) FROM (SELECT count(*) AS n FROM unnest(p_edits) AS u GROUP BY u.room_id, u.room_seq) x);
  outcomes change_outcome[] := '{}'; v_more change_outcome[];
BEGIN
  FOR v_round IN 1..v_rounds LOOP
    WITH given AS (
      SELECT u.*, row_number() OVER (PARTITION BY u.room_id, u.room_seq ORDER BY u.ord) AS round
      FROM unnest(p_edits) WITH ORDINALITY AS u(room_id, room_seq, actor_id, text, expected_version, ord)
    ), judged AS (
      SELECT u.*, h.last_room_seq, h.last_message_seq, greatest(v_now, h.last_at) AS at, old.version AS old_version, old.text AS old_text,
        w.username, w.display_name,
        CASE WHEN u.room_id = ANY (p_busy) THEN 'BUSY'
          WHEN m.role IS NULL OR m.is_hidden OR old.room_id IS NULL OR h.state = 2 OR old.seq < m.visible_from_seq THEN 'NOT_FOUND'
          WHEN old.author_id <> u.actor_id THEN 'NOT_AUTHOR'
          WHEN h.state = 1 THEN 'ARCHIVED'
          WHEN old.text IS NULL THEN 'DELETED'
          ELSE coalesce(nullif(post_status(m.role, m.is_hidden, m.permission_bits, m.timeout_until, h.state, v_now), 'OK'), CASE
            WHEN old.text = u.text AND (u.expected_version IS NULL OR u.expected_version IN (old.version, old.version - 1)) THEN 'SAME'
            WHEN u.expected_version <> old.version THEN 'VERSION'
            WHEN h.last_room_seq > max_seq() - cardinality(p_edits) THEN 'FULL'
            ELSE 'OK' END) END AS status
      FROM given u
      LEFT JOIN room_heads h ON h.room_id = u.room_id
      LEFT JOIN memberships m ON m.room_id = u.room_id AND m.user_id = u.actor_id
      LEFT JOIN users w ON w.id = u.actor_id
      LEFT JOIN messages old ON old.room_id = u.room_id AND old.room_seq = u.room_seq
      WHERE u.round = v_round
    ), numbered AS MATERIALIZED (
      SELECT j.*, j.last_room_seq + count(*) FILTER (WHERE j.status = 'OK') OVER (PARTITION BY j.room_id ORDER BY j.ord) AS new_room_seq
      FROM judged j
    ), made AS MATERIALIZED (
      SELECT * FROM numbered n WHERE n.status = 'OK'
    ), revision AS (
      INSERT INTO message_revisions SELECT n.room_id, n.room_seq, n.old_version, n.old_text, n.at, n.actor_id FROM made n
    ), message AS (
      UPDATE messages m SET text = n.text, version = m.version + 1, edited_at = n.at
      FROM made n WHERE m.room_id = n.room_id AND m.room_seq = n.room_seq RETURNING n.ord, message_record(m) AS record
    ), event AS (
      INSERT INTO room_events (room_id, room_seq, kind, actor_id, subject, message_seq, stamp, created_at)
      SELECT n.room_id, n.new_room_seq, 6, n.actor_id, n.room_seq, n.last_message_seq, v_stamp, n.at FROM made n
    ), head AS (
      UPDATE room_heads h SET last_room_seq = x.room_seq, last_at = x.at, last_stamp = v_stamp, top_stamp = greatest(v_stamp, h.top_stamp)
      FROM (SELECT n.room_id, max(n.new_room_seq) AS room_seq, max(n.at) AS at FROM made n GROUP BY n.room_id) x WHERE h.room_id = x.room_id
    )
    SELECT array_agg(ROW('edit', n.ord, n.status, n.new_room_seq, n.last_message_seq, n.at, n.username, n.display_name, m.record)::change_outcome)
    INTO v_more FROM numbered n LEFT JOIN message m ON m.ord = n.ord;
    outcomes := outcomes || v_more;
  END LOOP;
  RETURN outcomes;
END $$;

-- Posts a batch. The caller holds the locks of the rooms; those in p_busy are locked by somebody else.
-- status: OK, REPLAYED, KEY_CONFLICT (the key was used for something else), BUSY, those of post_status, FULL,
--         AGAIN (the same key is earlier in this batch: send it again), NO_QUOTE (no such message to reply to)
-- A known key is answered before rights are judged: who was removed after posting still gets the own result.
CREATE OR REPLACE FUNCTION apply_posts(p_posts new_message[], p_busy BIGINT[]) RETURNS change_outcome[] LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  v_now TIMESTAMPTZ(3) := clock_timestamp(); v_stamp BIGINT := pg_current_xact_id()::text::bigint;
  -- Of one room, one partition is opened instead of all.
  v_room BIGINT := (p_posts[1]).room_id; v_is_one BOOLEAN := v_room = ALL (ARRAY(SELECT u.room_id FROM unnest(p_posts) AS u));
  k_ord BIGINT[]; k_same BOOLEAN[]; k_room_seq BIGINT[]; k_seq BIGINT[]; k_at TIMESTAMPTZ[]; q_ord BIGINT[]; q_seq BIGINT[];
  v_hidden BIGINT[]; outcomes change_outcome[];
BEGIN
  IF v_is_one THEN
    SELECT array_agg(u.ord), array_agg(k.fingerprint = u.fingerprint), array_agg(k.room_seq), array_agg(k.seq), array_agg(k.created_at)
    INTO k_ord, k_same, k_room_seq, k_seq, k_at
    FROM unnest(p_posts) WITH ORDINALITY AS u(room_id, author_id, key, fingerprint, text, reply_to, ord)
    JOIN messages k ON k.room_id = v_room AND k.author_id = u.author_id AND k.idempotency_key = u.key COLLATE "C";
  ELSE
    SELECT array_agg(u.ord), array_agg(k.fingerprint = u.fingerprint), array_agg(k.room_seq), array_agg(k.seq), array_agg(k.created_at)
    INTO k_ord, k_same, k_room_seq, k_seq, k_at
    FROM unnest(p_posts) WITH ORDINALITY AS u(room_id, author_id, key, fingerprint, text, reply_to, ord)
    JOIN messages k ON k.room_id = u.room_id AND k.author_id = u.author_id AND k.idempotency_key = u.key COLLATE "C";
  END IF;
  IF EXISTS (SELECT FROM unnest(p_posts) AS u WHERE u.reply_to IS NOT NULL) THEN
    SELECT array_agg(u.ord), array_agg(r.seq) INTO q_ord, q_seq
    FROM unnest(p_posts) WITH ORDINALITY AS u(room_id, author_id, key, fingerprint, text, reply_to, ord)
    JOIN messages r ON r.room_id = u.room_id AND r.room_seq = u.reply_to;
  END IF;
  WITH judged AS (
    SELECT u.*, h.last_room_seq, h.last_message_seq, h.has_hidden, greatest(v_now, h.last_at) AS at,
      -- Read under the locks of the heads: a name is never older than the events of the room that tell of its change.
      w.username, w.display_name, k.room_seq AS old_room_seq, k.seq AS old_seq, k.at AS old_at,
      CASE WHEN k.is_same THEN 'REPLAYED' WHEN NOT k.is_same THEN 'KEY_CONFLICT' WHEN u.room_id = ANY (p_busy) THEN 'BUSY'
        ELSE coalesce(nullif(post_status(m.role, m.is_hidden, m.permission_bits, m.timeout_until, h.state, v_now), 'OK'), CASE
          WHEN greatest(h.last_room_seq, h.last_message_seq) >= max_seq() - 10000 THEN 'FULL'
          WHEN row_number() OVER (PARTITION BY u.room_id, u.author_id, u.key ORDER BY u.ord) > 1 THEN 'AGAIN'
          WHEN u.reply_to IS NOT NULL AND (r.seq IS NULL OR r.seq < m.visible_from_seq) THEN 'NO_QUOTE'
          ELSE 'OK' END) END AS status
    FROM unnest(p_posts) WITH ORDINALITY AS u(room_id, author_id, key, fingerprint, text, reply_to, ord)
    LEFT JOIN room_heads h ON h.room_id = u.room_id
    LEFT JOIN memberships m ON m.room_id = u.room_id AND m.user_id = u.author_id
    LEFT JOIN users w ON w.id = u.author_id
    LEFT JOIN unnest(k_ord, k_same, k_room_seq, k_seq, k_at) AS k(ord, is_same, room_seq, seq, at) ON k.ord = u.ord
    LEFT JOIN unnest(q_ord, q_seq) AS r(ord, seq) ON r.ord = u.ord
  ), numbered AS MATERIALIZED (
    SELECT j.*, count(*) FILTER (WHERE j.status = 'OK') OVER (PARTITION BY j.room_id ORDER BY j.ord) AS nth FROM judged j
  ), posted AS MATERIALIZED (
    SELECT n.*, n.last_room_seq + n.nth AS new_room_seq, n.last_message_seq + n.nth AS new_seq FROM numbered n WHERE n.status = 'OK'
  ), message AS (
    INSERT INTO messages (room_id, room_seq, seq, author_id, idempotency_key, fingerprint, text, reply_to_room_seq, created_at)
    SELECT p.room_id, p.new_room_seq, p.new_seq, p.author_id, p.key, p.fingerprint, p.text, p.reply_to, p.at FROM posted p
  ), event AS (
    INSERT INTO room_events (room_id, room_seq, kind, actor_id, subject, message_seq, stamp, created_at)
    SELECT p.room_id, p.new_room_seq, 5, p.author_id, p.new_room_seq, p.new_seq, v_stamp, p.at FROM posted p
  ), head AS (
    UPDATE room_heads h SET last_room_seq = x.room_seq, last_message_seq = x.seq, last_at = x.at, last_stamp = v_stamp,
      top_stamp = greatest(v_stamp, h.top_stamp)
    FROM (SELECT p.room_id, max(p.new_room_seq) AS room_seq, max(p.new_seq) AS seq, max(p.at) AS at FROM posted p GROUP BY p.room_id) x
    WHERE h.room_id = x.room_id
  ), marker AS (
    UPDATE memberships m SET read_seq = x.seq, delivered_seq = greatest(m.delivered_seq, x.seq)
    FROM (SELECT p.room_id, p.author_id, max(p.new_seq) AS seq FROM posted p GROUP BY p.room_id, p.author_id) x
    WHERE m.room_id = x.room_id AND m.user_id = x.author_id AND m.read_seq < x.seq
  )
  SELECT array_agg(ROW('post', n.ord, n.status,
      CASE n.status WHEN 'OK' THEN n.last_room_seq + n.nth WHEN 'REPLAYED' THEN n.old_room_seq END,
      CASE n.status WHEN 'OK' THEN n.last_message_seq + n.nth WHEN 'REPLAYED' THEN n.old_seq END,
      CASE n.status WHEN 'OK' THEN n.at WHEN 'REPLAYED' THEN n.old_at END,
      CASE n.status WHEN 'OK' THEN n.username END, CASE n.status WHEN 'OK' THEN n.display_name END, NULL)::change_outcome),
    array_agg(DISTINCT n.room_id) FILTER (WHERE n.has_hidden AND n.status = 'OK')
  INTO outcomes, v_hidden FROM numbered n;
  IF v_hidden IS NOT NULL THEN
    PERFORM reveal_direct_rooms(v_hidden);
  END IF;
  RETURN outcomes;
END $$;

-- For nodes of the release before: make_changes.
CREATE OR REPLACE FUNCTION delete_message(p_room BIGINT, p_room_seq BIGINT, p_actor BIGINT)
RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE sql VOLATILE ROWS 1 AS $$
  SELECT CASE o.status WHEN 'SAME' THEN 'OK' ELSE o.status END, o.room_seq
  FROM make_changes(false, p_deletions => ARRAY[ROW(p_room, p_room_seq, p_actor)::message_deletion]) o
$$;

-- For nodes of the release before: make_changes.
CREATE OR REPLACE FUNCTION edit_message(p_room BIGINT, p_room_seq BIGINT, p_actor BIGINT, p_text TEXT, p_expected_version INT)
RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE sql VOLATILE ROWS 1 AS $$
  SELECT CASE o.status WHEN 'SAME' THEN 'OK' WHEN 'FORBIDDEN' THEN 'NOT_PERMITTED' ELSE o.status END, o.room_seq
  FROM make_changes(false, p_edits => ARRAY[ROW(p_room, p_room_seq, p_actor, p_text, p_expected_version)::message_edit]) o
$$;

-- A message without its text, as the event of its change shows it. Times are in ms since 1970.
CREATE OR REPLACE FUNCTION message_record(p_message messages) RETURNS JSONB LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('seq', p_message.seq, 'authorId', p_message.author_id, 'idempotencyKey', p_message.idempotency_key,
    'replyToRoomSeq', p_message.reply_to_room_seq, 'version', p_message.version, 'createdAt', timeout_ms(p_message.created_at),
    'editedAt', timeout_ms(p_message.edited_at), 'deletedAt', timeout_ms(p_message.deleted_at))
$$;

-- The number that the release before has for a status of posting.
CREATE OR REPLACE FUNCTION old_post_status(p_status TEXT) RETURNS SMALLINT LANGUAGE sql IMMUTABLE AS $$
  SELECT (array_position(ARRAY['OK', 'REPLAYED', 'KEY_CONFLICT', 'NOT_FOUND', 'ARCHIVED', 'FORBIDDEN', 'TIMED_OUT', 'AGAIN', 'NO_QUOTE', 'BUSY',
    'FULL'], p_status) - 1)::smallint
$$;

-- For nodes of the release before: post_one.
CREATE OR REPLACE FUNCTION post_message(p_room BIGINT, p_author BIGINT, p_key TEXT, p_fingerprint UUID, p_text TEXT, p_reply_to BIGINT)
RETURNS TABLE (status SMALLINT, room_seq BIGINT, seq BIGINT, created_at TIMESTAMPTZ, username TEXT, display_name TEXT)
LANGUAGE sql VOLATILE ROWS 1 AS $$
  SELECT old_post_status(o.status), o.room_seq, o.message_seq, o.created_at, o.username, o.display_name
  FROM post_one(ROW(p_room, p_author, p_key, p_fingerprint, p_text, p_reply_to)::new_message) o
$$;

-- For nodes of the release before: make_changes.
CREATE OR REPLACE FUNCTION post_messages(p_room BIGINT[], p_author BIGINT[], p_key TEXT[], p_fingerprint UUID[], p_text TEXT[], p_reply_to BIGINT[],
  p_skip_locked BOOLEAN DEFAULT false)
RETURNS TABLE (ord INT, status SMALLINT, room_seq BIGINT, seq BIGINT, created_at TIMESTAMPTZ, username TEXT, display_name TEXT)
LANGUAGE sql VOLATILE ROWS 256 AS $$
  SELECT o.ord, old_post_status(o.status), o.room_seq, o.message_seq, o.created_at, o.username, o.display_name
  FROM make_changes(p_skip_locked, p_posts => ARRAY(SELECT ROW(u.room_id, u.author_id, u.key, u.fingerprint, u.text, u.reply_to)::new_message
    FROM unnest(p_room, p_author, p_key, p_fingerprint, p_text, p_reply_to)
      WITH ORDINALITY AS u(room_id, author_id, key, fingerprint, text, reply_to, ord) ORDER BY u.ord)) o
  ORDER BY o.ord
$$;

-- The same as make_changes for a single post, as at rest: one partition is opened instead of all, by fewer statements.
-- It waits for the lock. Why there are two bodies: docs/decisions/0012.
CREATE OR REPLACE FUNCTION post_one(p_post new_message) RETURNS SETOF change_outcome LANGUAGE plpgsql VOLATILE ROWS 1
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
  head room_heads; known RECORD; v_quoted BIGINT; v_now TIMESTAMPTZ(3); v_stamp BIGINT; outcome change_outcome;
BEGIN
  SELECT * INTO head FROM room_heads h WHERE h.room_id = p_post.room_id FOR NO KEY UPDATE;
  -- A statement of its own, hence with a snapshot from after the lock.
  SELECT m.role, m.is_hidden, m.permission_bits, m.timeout_until, m.visible_from_seq,
    k.room_seq, k.seq, k.created_at, k.fingerprint, w.username, w.display_name INTO known
  FROM users w
  LEFT JOIN memberships m ON m.room_id = p_post.room_id AND m.user_id = p_post.author_id
  LEFT JOIN messages k ON k.room_id = p_post.room_id AND k.author_id = p_post.author_id AND k.idempotency_key = p_post.key COLLATE "C"
  WHERE w.id = p_post.author_id;
  v_now := greatest(clock_timestamp(), head.last_at);
  IF p_post.reply_to IS NOT NULL THEN
    SELECT r.seq INTO v_quoted FROM messages r WHERE r.room_id = p_post.room_id AND r.room_seq = p_post.reply_to;
  END IF;
  outcome.kind := 'post'; outcome.ord := 1;
  outcome.status := CASE WHEN known.fingerprint = p_post.fingerprint THEN 'REPLAYED' WHEN known.fingerprint IS NOT NULL THEN 'KEY_CONFLICT'
    ELSE coalesce(nullif(post_status(known.role, known.is_hidden, known.permission_bits, known.timeout_until, head.state, clock_timestamp()), 'OK'), CASE
      WHEN greatest(head.last_room_seq, head.last_message_seq) >= max_seq() - 10000 THEN 'FULL'
      WHEN p_post.reply_to IS NOT NULL AND (v_quoted IS NULL OR v_quoted < known.visible_from_seq) THEN 'NO_QUOTE'
      ELSE 'OK' END) END;
  IF outcome.status = 'OK' THEN
    outcome.room_seq := head.last_room_seq + 1; outcome.message_seq := head.last_message_seq + 1; outcome.created_at := v_now;
    outcome.username := known.username; outcome.display_name := known.display_name;
    v_stamp := pg_current_xact_id()::text::bigint;
    WITH message AS (
      INSERT INTO messages (room_id, room_seq, seq, author_id, idempotency_key, fingerprint, text, reply_to_room_seq, created_at)
      VALUES (p_post.room_id, outcome.room_seq, outcome.message_seq, p_post.author_id, p_post.key, p_post.fingerprint, p_post.text,
        p_post.reply_to, v_now)
    ), event AS (
      INSERT INTO room_events (room_id, room_seq, kind, actor_id, subject, message_seq, stamp, created_at)
      VALUES (p_post.room_id, outcome.room_seq, 5, p_post.author_id, outcome.room_seq, outcome.message_seq, v_stamp, v_now)
    ), marker AS (
      UPDATE memberships m SET read_seq = outcome.message_seq, delivered_seq = greatest(m.delivered_seq, outcome.message_seq)
      WHERE m.room_id = p_post.room_id AND m.user_id = p_post.author_id AND m.read_seq < outcome.message_seq
    )
    UPDATE room_heads h SET last_room_seq = outcome.room_seq, last_message_seq = outcome.message_seq, last_at = v_now, last_stamp = v_stamp,
      top_stamp = greatest(v_stamp, h.top_stamp)
    WHERE h.room_id = p_post.room_id;
    IF head.has_hidden THEN
      PERFORM reveal_direct_rooms(ARRAY[p_post.room_id]);
    END IF;
  ELSIF outcome.status = 'REPLAYED' THEN
    outcome.room_seq := known.room_seq; outcome.message_seq := known.seq; outcome.created_at := known.created_at;
  END IF;
  RETURN NEXT outcome;
END $$;

-- Whether somebody may say something in a room: OK, NOT_FOUND (also: not a member), ARCHIVED, FORBIDDEN, TIMED_OUT.
CREATE OR REPLACE FUNCTION post_status(p_role SMALLINT, p_is_hidden BOOLEAN, p_permissions BIGINT, p_timeout_until TIMESTAMPTZ,
  p_room_state SMALLINT, p_now TIMESTAMPTZ)
RETURNS TEXT LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN p_role IS NULL OR p_is_hidden OR p_room_state = 2 THEN 'NOT_FOUND' WHEN p_room_state = 1 THEN 'ARCHIVED'
    WHEN p_permissions & 1 = 0 THEN 'FORBIDDEN' WHEN p_timeout_until > p_now THEN 'TIMED_OUT' ELSE 'OK' END
$$;
