-- A function may call one that is created after it.
SET LOCAL check_function_bodies = off;

-- Deletes a batch of messages. The caller holds the locks of the rooms; those in p_busy are locked by somebody else.
-- status: OK, SAME (it is deleted already), BUSY, NOT_FOUND, FORBIDDEN, ARCHIVED, FULL
-- Authors may delete their own messages, members with that right those of lower ranks. The event also shows the author's names.
-- Every lookup is a LATERAL with a limit: left to choose, the planner scans what was empty when it planned.
CREATE OR REPLACE FUNCTION apply_deletions(p_deletions message_deletion[], p_busy BIGINT[]) RETURNS change_outcome[] LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  v_now TIMESTAMPTZ(3) := clock_timestamp(); v_stamp BIGINT := pg_current_xact_id()::text::bigint; outcomes change_outcome[];
BEGIN
  WITH judged AS (
    SELECT u.*, h.last_room_seq, h.last_message_seq, greatest(v_now, h.last_at) AS at, old.version AS old_version, old.text AS old_text,
      message_record(old.message) AS record,
      w.username, w.display_name, old.author_id, a.username AS author_username, a.display_name AS author_name, a.deleted_at AS author_deleted_at,
      CASE WHEN u.room_id = ANY (p_busy) THEN 'BUSY'
        WHEN m.role IS NULL OR m.is_hidden OR old.room_id IS NULL OR h.state = 2 OR old.seq < m.visible_from_seq THEN 'NOT_FOUND'
        WHEN old.author_id <> u.actor_id AND (m.permission_bits & 16 = 0 OR coalesce(am.role, 0) >= m.role) THEN 'FORBIDDEN'
        WHEN old.text IS NULL THEN 'SAME'
        WHEN h.state = 1 THEN 'ARCHIVED'
        WHEN h.last_room_seq > max_seq() - cardinality(p_deletions) THEN 'FULL'
        ELSE 'OK' END AS status
    FROM unnest(p_deletions) WITH ORDINALITY AS u(room_id, room_seq, actor_id, ord)
    LEFT JOIN LATERAL (SELECT * FROM room_heads h WHERE h.room_id = u.room_id LIMIT 1) h ON true
    LEFT JOIN LATERAL (SELECT * FROM memberships m WHERE m.room_id = u.room_id AND m.user_id = u.actor_id LIMIT 1) m ON true
    LEFT JOIN LATERAL (SELECT * FROM users w WHERE w.id = u.actor_id LIMIT 1) w ON true
    LEFT JOIN LATERAL (SELECT old.*, old AS message FROM messages old WHERE old.room_id = u.room_id AND old.room_seq = u.room_seq LIMIT 1) old ON true
    LEFT JOIN LATERAL (SELECT * FROM memberships am WHERE am.room_id = u.room_id AND am.user_id = old.author_id LIMIT 1) am ON true
    LEFT JOIN LATERAL (SELECT * FROM users a WHERE a.id = old.author_id LIMIT 1) a ON true
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
  ), event AS (
    INSERT INTO room_events (room_id, room_seq, kind, actor_id, subject, message_seq, stamp, created_at)
    SELECT n.room_id, n.new_room_seq, 7, n.actor_id, n.room_seq, n.last_message_seq, v_stamp, n.at FROM made n
  ), head AS (
    UPDATE room_heads h SET last_room_seq = x.room_seq, last_at = x.at, last_stamp = v_stamp, top_stamp = greatest(v_stamp, h.top_stamp)
    FROM (SELECT n.room_id, max(n.new_room_seq) AS room_seq, max(n.at) AS at FROM made n GROUP BY n.room_id) x WHERE h.room_id = x.room_id
  )
  SELECT array_agg(ROW('deletion', n.ord, CASE WHEN n.status = 'OK' AND NOT n.is_made THEN 'SAME' ELSE n.status END, n.new_room_seq, n.last_message_seq, n.at, n.username, n.display_name,
      n.record || jsonb_build_object('version', n.old_version + 1, 'deletedAt', timeout_ms(n.at), 'author', jsonb_build_object('id', n.author_id,
        'username', n.author_username, 'displayName', n.author_name, 'deletedAt', timeout_ms(n.author_deleted_at))))::change_outcome)
  INTO outcomes FROM numbered n;
  PERFORM remove_satellites(array_agg(u.room_id), array_agg(u.room_seq))
  FROM unnest(p_deletions) WITH ORDINALITY AS u(room_id, room_seq, actor_id, ord) JOIN unnest(outcomes) AS o ON o.ord = u.ord AND o.status = 'OK'
  HAVING count(*) > 0;
  RETURN outcomes;
END $$;

-- Edits a batch of messages. The caller holds the locks of the rooms; those in p_busy are locked by somebody else.
-- status: OK, SAME, BUSY, NOT_FOUND, NOT_AUTHOR, ARCHIVED, DELETED, FORBIDDEN, TIMED_OUT, VERSION (the version was passed by), FULL
-- An edit speaks to the room like a post: it needs the right to post. SAME repeats what the same author already made of it.
-- Edits of one message are judged one after the other: the second of them in a second round.
-- Every lookup is a LATERAL with a limit: left to choose, the planner scans what was empty when it planned.
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
        message_record(old.message) AS record,
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
      LEFT JOIN LATERAL (SELECT * FROM room_heads h WHERE h.room_id = u.room_id LIMIT 1) h ON true
      LEFT JOIN LATERAL (SELECT * FROM memberships m WHERE m.room_id = u.room_id AND m.user_id = u.actor_id LIMIT 1) m ON true
      LEFT JOIN LATERAL (SELECT * FROM users w WHERE w.id = u.actor_id LIMIT 1) w ON true
      LEFT JOIN LATERAL (SELECT old.*, old AS message FROM messages old WHERE old.room_id = u.room_id AND old.room_seq = u.room_seq LIMIT 1) old ON true
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
      FROM made n WHERE m.room_id = n.room_id AND m.room_seq = n.room_seq
    ), event AS (
      INSERT INTO room_events (room_id, room_seq, kind, actor_id, subject, message_seq, stamp, created_at)
      SELECT n.room_id, n.new_room_seq, 6, n.actor_id, n.room_seq, n.last_message_seq, v_stamp, n.at FROM made n
    ), head AS (
      UPDATE room_heads h SET last_room_seq = x.room_seq, last_at = x.at, last_stamp = v_stamp, top_stamp = greatest(v_stamp, h.top_stamp)
      FROM (SELECT n.room_id, max(n.new_room_seq) AS room_seq, max(n.at) AS at FROM made n GROUP BY n.room_id) x WHERE h.room_id = x.room_id
    )
    SELECT array_agg(ROW('edit', n.ord, n.status, n.new_room_seq, n.last_message_seq, n.at, n.username, n.display_name,
      n.record || jsonb_build_object('version', n.old_version + 1, 'editedAt', timeout_ms(n.at)))::change_outcome)
    INTO v_more FROM numbered n;
    outcomes := outcomes || v_more;
  END LOOP;
  RETURN outcomes;
END $$;

-- Posts a batch. The caller holds the locks of the rooms; those in p_busy are locked by somebody else.
-- status: OK, REPLAYED, KEY_CONFLICT (the key was used for something else), BUSY, those of post_status, FULL,
--         AGAIN (the same key is earlier in this batch: send it again), NO_QUOTE (no such message to reply to)
-- A known key is answered before rights are judged: who was removed after posting still gets the own result.
-- Every lookup is a LATERAL with a limit: left to choose, the planner scans what was empty when it planned.
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
    CROSS JOIN LATERAL (SELECT * FROM messages k
      WHERE k.room_id = v_room AND k.author_id = u.author_id AND k.idempotency_key = u.key COLLATE "C" LIMIT 1) k;
  ELSE
    SELECT array_agg(u.ord), array_agg(k.fingerprint = u.fingerprint), array_agg(k.room_seq), array_agg(k.seq), array_agg(k.created_at)
    INTO k_ord, k_same, k_room_seq, k_seq, k_at
    FROM unnest(p_posts) WITH ORDINALITY AS u(room_id, author_id, key, fingerprint, text, reply_to, ord)
    CROSS JOIN LATERAL (SELECT * FROM messages k
      WHERE k.room_id = u.room_id AND k.author_id = u.author_id AND k.idempotency_key = u.key COLLATE "C" LIMIT 1) k;
  END IF;
  IF EXISTS (SELECT FROM unnest(p_posts) AS u WHERE u.reply_to IS NOT NULL) THEN
    SELECT array_agg(u.ord), array_agg(r.seq) INTO q_ord, q_seq
    FROM unnest(p_posts) WITH ORDINALITY AS u(room_id, author_id, key, fingerprint, text, reply_to, ord)
    CROSS JOIN LATERAL (SELECT * FROM messages r WHERE r.room_id = u.room_id AND r.room_seq = u.reply_to LIMIT 1) r;
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
    LEFT JOIN LATERAL (SELECT * FROM room_heads h WHERE h.room_id = u.room_id LIMIT 1) h ON true
    LEFT JOIN LATERAL (SELECT * FROM memberships m WHERE m.room_id = u.room_id AND m.user_id = u.author_id LIMIT 1) m ON true
    LEFT JOIN LATERAL (SELECT * FROM users w WHERE w.id = u.author_id LIMIT 1) w ON true
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
    LEFT JOIN LATERAL (SELECT * FROM rooms r WHERE r.id = u.room_id LIMIT 1) r ON true
    LEFT JOIN LATERAL (SELECT * FROM room_heads h WHERE h.room_id = u.room_id LIMIT 1) h ON true
    LEFT JOIN LATERAL (SELECT * FROM memberships m WHERE m.room_id = u.room_id AND m.user_id = u.user_id LIMIT 1) m ON true
    LEFT JOIN LATERAL (SELECT * FROM users w WHERE w.id = u.user_id LIMIT 1) w ON true
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
