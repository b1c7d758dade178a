-- A function may call one that is created after it.
SET LOCAL check_function_bodies = off;

DROP FUNCTION rooms_of(bigint,integer);

DROP FUNCTION set_reaction(bigint,bigint,bigint,text,boolean,bigint);

-- A user as events show it. Times are in ms since 1970.
CREATE OR REPLACE FUNCTION user_record(p_user users) RETURNS JSONB LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('id', p_user.id, 'username', p_user.username, 'displayName', p_user.display_name,
    'deletedAt', timeout_ms(p_user.deleted_at))
$$;

-- Deletes a batch of messages. The caller holds the locks of the rooms; those in p_busy are locked by somebody else.
-- status: OK, SAME (it is deleted already), BUSY, NOT_FOUND, FORBIDDEN, ARCHIVED, FULL
-- Authors may delete their own messages, members with that right those of lower ranks.
-- details: the message before; where somebody else deletes it, also its author
-- Every lookup is a LATERAL with a limit: left to choose, the planner scans what was empty when it planned.
CREATE OR REPLACE FUNCTION apply_deletions(p_deletions message_deletion[], p_busy BIGINT[]) RETURNS change_outcome[] LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  v_now TIMESTAMPTZ(3) := clock_timestamp(); v_stamp BIGINT := pg_current_xact_id()::text::bigint;
  outcomes change_outcome[]; v_rooms BIGINT[]; v_room_seqs BIGINT[];
BEGIN
  WITH judged AS (
    SELECT u.*, h.last_room_seq, h.last_message_seq, greatest(v_now, h.last_at) AS at, old.version AS old_version, old.text AS old_text,
      CASE WHEN old.author_id = u.actor_id THEN message_record(old.message)
        ELSE message_record(old.message) || jsonb_build_object('author', user_record(a.author)) END AS record, w.username, w.display_name,
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
    LEFT JOIN LATERAL (SELECT * FROM memberships am
      WHERE old.author_id <> u.actor_id AND am.room_id = u.room_id AND am.user_id = old.author_id LIMIT 1) am ON true
    LEFT JOIN LATERAL (SELECT a AS author FROM users a WHERE old.author_id <> u.actor_id AND a.id = old.author_id LIMIT 1) a ON true
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
  SELECT array_agg(ROW('deletion', n.ord, CASE WHEN n.status = 'OK' AND NOT n.is_made THEN 'SAME' ELSE n.status END, n.new_room_seq,
      n.last_message_seq, n.at, n.username, n.display_name, n.record)::change_outcome),
    array_agg(n.room_id) FILTER (WHERE n.is_made), array_agg(n.room_seq) FILTER (WHERE n.is_made)
  INTO outcomes, v_rooms, v_room_seqs FROM numbered n;
  IF v_rooms IS NOT NULL THEN
    PERFORM remove_satellites(v_rooms, v_room_seqs);
  END IF;
  RETURN outcomes;
END $$;

-- Edits a batch of messages. The caller holds the locks of the rooms; those in p_busy are locked by somebody else.
-- status: OK, SAME, BUSY, NOT_FOUND, NOT_AUTHOR, ARCHIVED, DELETED, FORBIDDEN, TIMED_OUT, VERSION (the version was passed by), FULL
-- An edit speaks to the room like a post: it needs the right to post. SAME repeats what the same author already made of it.
-- details: the message before
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
        message_record(old.message) AS record, w.username, w.display_name,
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
    SELECT array_agg(ROW('edit', n.ord, n.status, n.new_room_seq, n.last_message_seq, n.at, n.username, n.display_name, n.record)::change_outcome)
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
  -- By the place in the batch: what is stored with the same key, and the number of the quoted message.
  k_same BOOLEAN[]; k_room_seq BIGINT[]; k_seq BIGINT[]; k_at TIMESTAMPTZ[]; v_quoted BIGINT[];
  v_hidden BIGINT[]; outcomes change_outcome[];
BEGIN
  IF v_is_one THEN
    SELECT array_agg(k.fingerprint = u.fingerprint ORDER BY u.ord), array_agg(k.room_seq ORDER BY u.ord), array_agg(k.seq ORDER BY u.ord),
      array_agg(k.created_at ORDER BY u.ord) INTO k_same, k_room_seq, k_seq, k_at
    FROM unnest(p_posts) WITH ORDINALITY AS u(room_id, author_id, key, fingerprint, text, reply_to, ord)
    LEFT JOIN LATERAL (SELECT * FROM messages k
      WHERE k.room_id = v_room AND k.author_id = u.author_id AND k.idempotency_key = u.key COLLATE "C" LIMIT 1) k ON true;
  ELSE
    SELECT array_agg(k.fingerprint = u.fingerprint ORDER BY u.ord), array_agg(k.room_seq ORDER BY u.ord), array_agg(k.seq ORDER BY u.ord),
      array_agg(k.created_at ORDER BY u.ord) INTO k_same, k_room_seq, k_seq, k_at
    FROM unnest(p_posts) WITH ORDINALITY AS u(room_id, author_id, key, fingerprint, text, reply_to, ord)
    LEFT JOIN LATERAL (SELECT * FROM messages k
      WHERE k.room_id = u.room_id AND k.author_id = u.author_id AND k.idempotency_key = u.key COLLATE "C" LIMIT 1) k ON true;
  END IF;
  IF EXISTS (SELECT FROM unnest(p_posts) AS u WHERE u.reply_to IS NOT NULL) THEN
    SELECT array_agg(r.seq ORDER BY u.ord) INTO v_quoted
    FROM unnest(p_posts) WITH ORDINALITY AS u(room_id, author_id, key, fingerprint, text, reply_to, ord)
    LEFT JOIN LATERAL (SELECT * FROM messages r WHERE r.room_id = u.room_id AND r.room_seq = u.reply_to LIMIT 1) r ON true;
  END IF;
  WITH judged AS (
    SELECT u.*, h.last_room_seq, h.last_message_seq, h.has_hidden, greatest(v_now, h.last_at) AS at,
      -- Read under the locks of the heads: a name is never older than the events of the room that tell of its change.
      w.username, w.display_name,
      CASE WHEN k_same[u.ord] THEN 'REPLAYED' WHEN NOT k_same[u.ord] THEN 'KEY_CONFLICT' WHEN u.room_id = ANY (p_busy) THEN 'BUSY'
        ELSE coalesce(nullif(post_status(m.role, m.is_hidden, m.permission_bits, m.timeout_until, h.state, v_now), 'OK'), CASE
          WHEN greatest(h.last_room_seq, h.last_message_seq) >= max_seq() - 10000 THEN 'FULL'
          WHEN row_number() OVER (PARTITION BY u.room_id, u.author_id, u.key ORDER BY u.ord) > 1 THEN 'AGAIN'
          WHEN u.reply_to IS NOT NULL AND (v_quoted[u.ord] IS NULL OR v_quoted[u.ord] < m.visible_from_seq) THEN 'NO_QUOTE'
          ELSE 'OK' END) END AS status
    FROM unnest(p_posts) WITH ORDINALITY AS u(room_id, author_id, key, fingerprint, text, reply_to, ord)
    LEFT JOIN LATERAL (SELECT * FROM room_heads h WHERE h.room_id = u.room_id LIMIT 1) h ON true
    LEFT JOIN LATERAL (SELECT * FROM memberships m WHERE m.room_id = u.room_id AND m.user_id = u.author_id LIMIT 1) m ON true
    LEFT JOIN LATERAL (SELECT * FROM users w WHERE w.id = u.author_id LIMIT 1) w ON true
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
      CASE n.status WHEN 'OK' THEN n.last_room_seq + n.nth WHEN 'REPLAYED' THEN k_room_seq[n.ord] END,
      CASE n.status WHEN 'OK' THEN n.last_message_seq + n.nth WHEN 'REPLAYED' THEN k_seq[n.ord] END,
      CASE n.status WHEN 'OK' THEN n.at WHEN 'REPLAYED' THEN k_at[n.ord] END,
      CASE n.status WHEN 'OK' THEN n.username END, CASE n.status WHEN 'OK' THEN n.display_name END, NULL)::change_outcome),
    array_agg(DISTINCT n.room_id) FILTER (WHERE n.has_hidden AND n.status = 'OK')
  INTO outcomes, v_hidden FROM numbered n;
  IF v_hidden IS NOT NULL THEN
    PERFORM reveal_direct_rooms(v_hidden);
  END IF;
  RETURN outcomes;
END $$;

-- Adds and removes a batch of reactions. The caller holds the locks of the rooms; those in p_busy are locked by somebody else.
-- status: OK, SAME, BUSY, NOT_FOUND, DELETED, ARCHIVED, FORBIDDEN, TIMED_OUT, LIMIT (20 emoji under the message), FULL
-- details: the group after the change; if the change was made, also the message and, unless it is the actor, its author
-- Adding speaks to the room: it needs the right to post. Members may always take back their own.
-- Most batches take one round: see reaction_rounds.
-- Every lookup is a LATERAL with a limit: left to choose, the planner scans what was empty when it planned.
CREATE OR REPLACE FUNCTION apply_reactions(p_reactions message_reaction[], p_busy BIGINT[]) RETURNS change_outcome[] LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  v_now TIMESTAMPTZ(3) := clock_timestamp(); v_stamp BIGINT := pg_current_xact_id()::text::bigint; v_rounds BIGINT[] := reaction_rounds(p_reactions);
  outcomes change_outcome[] := '{}'; v_more change_outcome[];
BEGIN
  FOR v_round IN 1..(SELECT max(n) FROM unnest(v_rounds) AS n) LOOP
    WITH judged AS (
      SELECT u.*, h.last_room_seq, h.last_message_seq, greatest(v_now, h.last_at) AS at, w.username, w.display_name, old.message, a.author,
        r.user_id IS NOT NULL AS had, coalesce(g.count, 0) AS old_count, g.first_seq, x.groups,
        CASE WHEN u.room_id = ANY (p_busy) THEN 'BUSY'
          WHEN m.role IS NULL OR m.is_hidden OR old.room_id IS NULL OR h.state = 2 OR old.seq < m.visible_from_seq THEN 'NOT_FOUND'
          WHEN old.text IS NULL THEN CASE WHEN u.is_added THEN 'DELETED' ELSE 'SAME' END
          WHEN h.state = 1 THEN 'ARCHIVED'
          WHEN h.last_room_seq > max_seq() - cardinality(p_reactions) THEN 'FULL'
          WHEN NOT u.is_added THEN 'OK'
          ELSE post_status(m.role, m.is_hidden, m.permission_bits, m.timeout_until, h.state, v_now) END AS status
      FROM unnest(p_reactions) WITH ORDINALITY AS u(room_id, room_seq, actor_id, emoji, is_added, ord)
      LEFT JOIN LATERAL (SELECT * FROM room_heads h WHERE h.room_id = u.room_id LIMIT 1) h ON true
      LEFT JOIN LATERAL (SELECT * FROM memberships m WHERE m.room_id = u.room_id AND m.user_id = u.actor_id LIMIT 1) m ON true
      LEFT JOIN LATERAL (SELECT * FROM users w WHERE w.id = u.actor_id LIMIT 1) w ON true
      LEFT JOIN LATERAL (SELECT old.*, old AS message FROM messages old WHERE old.room_id = u.room_id AND old.room_seq = u.room_seq LIMIT 1) old ON true
      LEFT JOIN LATERAL (SELECT a AS author FROM users a WHERE old.author_id <> u.actor_id AND a.id = old.author_id LIMIT 1) a ON true
      LEFT JOIN LATERAL (SELECT * FROM reactions r WHERE r.room_id = u.room_id AND r.room_seq = u.room_seq AND r.emoji = u.emoji
        AND r.user_id = u.actor_id LIMIT 1) r ON true
      LEFT JOIN LATERAL (SELECT * FROM reaction_groups g WHERE g.room_id = u.room_id AND g.room_seq = u.room_seq AND g.emoji = u.emoji LIMIT 1) g ON true
      CROSS JOIN LATERAL (SELECT count(*) AS groups FROM reaction_groups o
        WHERE g.count IS NULL AND u.is_added AND o.room_id = u.room_id AND o.room_seq = u.room_seq) x
      WHERE v_rounds[u.ord] = v_round
    ), placed AS (
      SELECT j.*, row_number() OVER (PARTITION BY j.room_id, j.room_seq, j.emoji ORDER BY j.ord) AS nth_of_group,
        -- Of a new group: the first change that adds to it.
        min(j.ord) FILTER (WHERE j.status = 'OK' AND j.is_added AND j.old_count = 0) OVER (PARTITION BY j.room_id, j.room_seq, j.emoji) AS begun_by
      FROM judged j
    ), limited AS (
      SELECT p.*, CASE WHEN p.status = 'OK' AND p.is_added AND p.begun_by IS NOT NULL
            AND p.groups + dense_rank() OVER (PARTITION BY p.room_id, p.room_seq ORDER BY p.begun_by) > 20
          THEN 'LIMIT' ELSE p.status END AS verdict,
        -- Once for each group, and only where an event of this batch may show it.
        CASE WHEN p.nth_of_group > 1 THEN NULL WHEN p.old_count = 0 THEN '{}' WHEN p.old_count <= 50 + cardinality(p_reactions) THEN ARRAY(SELECT r.user_id FROM reactions r
          WHERE r.room_id = p.room_id AND r.room_seq = p.room_seq AND r.emoji = p.emoji) END AS reactors
      FROM placed p
    ), told AS (
      SELECT l.*, l.verdict = 'OK' AND l.is_added <> coalesce(lag(l.is_added) OVER (
        PARTITION BY l.room_id, l.room_seq, l.emoji, l.actor_id, l.verdict ORDER BY l.ord), l.had) AS is_made
      FROM limited l
    ), numbered AS (
      SELECT t.*, t.last_room_seq + count(*) FILTER (WHERE t.is_made) OVER (PARTITION BY t.room_id ORDER BY t.ord) AS new_room_seq,
        t.old_count + count(*) FILTER (WHERE t.is_made AND t.is_added) OVER of_group
          - count(*) FILTER (WHERE t.is_made AND NOT t.is_added) OVER of_group AS new_count,
        first_value(t.reactors) OVER of_group || array_agg(t.actor_id) FILTER (WHERE t.is_made) OVER of_group AS comings_and_goings
      FROM told t WINDOW of_group AS (PARTITION BY t.room_id, t.room_seq, t.emoji ORDER BY t.ord)
    ), described AS MATERIALIZED (
      SELECT n.*, CASE WHEN n.is_made THEN 'OK' WHEN n.verdict = 'OK' THEN 'SAME' ELSE n.verdict END AS answer,
        jsonb_build_object('emoji', n.emoji, 'count', n.new_count, 'userId', n.actor_id, 'isAdded', n.is_added,
          -- Who comes and who goes is in it once more: who is there is in it an odd number of times.
          'reactorIds', CASE WHEN n.new_count <= 50 THEN to_jsonb(ARRAY(SELECT x.id FROM unnest(n.comings_and_goings) AS x(id)
            GROUP BY x.id HAVING count(*) % 2 = 1 ORDER BY x.id)) END) AS facts
      FROM numbered n
    ), made AS MATERIALIZED (
      SELECT * FROM described d WHERE d.is_made
    ), changed AS MATERIALIZED (
      SELECT n.room_id, n.room_seq, n.emoji, n.actor_id, n.had FROM made n GROUP BY 1, 2, 3, 4, 5 HAVING count(*) % 2 = 1
    ), added AS (
      INSERT INTO reactions (room_id, room_seq, emoji, user_id) SELECT c.room_id, c.room_seq, c.emoji, c.actor_id FROM changed c WHERE NOT c.had
    ), removed AS (
      DELETE FROM reactions r USING changed c
      WHERE c.had AND r.room_id = c.room_id AND r.room_seq = c.room_seq AND r.emoji = c.emoji AND r.user_id = c.actor_id
    ), counted AS MATERIALIZED (
      SELECT n.room_id, n.room_seq, n.emoji, n.old_count, n.old_count + sum(CASE WHEN n.is_added THEN 1 ELSE -1 END) AS count,
        coalesce(max(n.new_room_seq) FILTER (WHERE n.is_added AND n.new_count = 1), n.first_seq) AS first_seq
      FROM made n GROUP BY n.room_id, n.room_seq, n.emoji, n.old_count, n.first_seq
    ), kept AS (
      INSERT INTO reaction_groups (room_id, room_seq, emoji, count, first_seq)
      SELECT c.room_id, c.room_seq, c.emoji, c.count, c.first_seq FROM counted c WHERE c.count > 0
      ON CONFLICT (room_id, room_seq, emoji) DO UPDATE SET count = EXCLUDED.count, first_seq = EXCLUDED.first_seq
    ), emptied AS (
      DELETE FROM reaction_groups g USING counted c
      WHERE c.count = 0 AND c.old_count > 0 AND g.room_id = c.room_id AND g.room_seq = c.room_seq AND g.emoji = c.emoji
    ), event AS (
      INSERT INTO room_events (room_id, room_seq, kind, actor_id, subject, message_seq, stamp, created_at, facts)
      SELECT n.room_id, n.new_room_seq, 11, n.actor_id, n.room_seq, n.last_message_seq, v_stamp, n.at, n.facts FROM made n
    ), head AS (
      UPDATE room_heads h SET last_room_seq = x.room_seq, last_at = x.at, last_stamp = v_stamp, top_stamp = greatest(v_stamp, h.top_stamp)
      FROM (SELECT n.room_id, max(n.new_room_seq) AS room_seq, max(n.at) AS at FROM made n GROUP BY n.room_id) x WHERE h.room_id = x.room_id
    )
    SELECT array_agg(ROW('reaction', d.ord, d.answer, d.new_room_seq, d.last_message_seq, d.at, d.username, d.display_name,
      CASE d.answer WHEN 'OK' THEN jsonb_build_object('facts', d.facts, 'message', message_record(d.message), 'text', (d.message).text,
          'author', CASE WHEN (d.author).id IS NOT NULL THEN user_record(d.author) END)
        WHEN 'SAME' THEN jsonb_build_object('facts', d.facts) END)::change_outcome)
    INTO v_more FROM described d;
    outcomes := outcomes || v_more;
  END LOOP;
  RETURN outcomes;
END $$;

-- Removes reactions of erased users, at most p_limit, each with its event. Returns how many there were.
CREATE OR REPLACE FUNCTION erase_reactions(p_limit INT) RETURNS BIGINT LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  gone reactions[] := ARRAY(SELECT r FROM users u JOIN reactions r ON r.user_id = u.id WHERE u.deleted_at IS NOT NULL LIMIT p_limit);
  r reactions; head room_heads;
BEGIN
  PERFORM lock_rooms(ARRAY(SELECT u.room_id FROM unnest(gone) AS u), false);
  FOREACH r IN ARRAY gone LOOP
    SELECT * INTO head FROM room_heads h WHERE h.room_id = r.room_id;
    IF remove_reaction(r.room_id, r.room_seq, r.user_id, r.emoji) AND head.state < 2 THEN
      PERFORM append_room_event(r.room_id, 11::smallint, NULL, r.room_seq,
        reaction_facts(r.room_id, r.room_seq, r.emoji) || jsonb_build_object('userId', r.user_id, 'isAdded', false));
    END IF;
  END LOOP;
  RETURN cardinality(gone);
END $$;

-- The rounds in which a batch of reactions is judged: one for each change. All are judged in the first, but for the changes of
-- a message where a removal may make room for a new emoji. These are judged one after the other, so that the limit of 20 emoji
-- is exact.
CREATE OR REPLACE FUNCTION reaction_rounds(p_reactions message_reaction[]) RETURNS BIGINT[] LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
  IF NOT EXISTS (SELECT FROM unnest(p_reactions) AS u WHERE NOT u.is_added) THEN
    RETURN array_fill(1::bigint, ARRAY[cardinality(p_reactions)]);
  END IF;
  RETURN (WITH given AS (
    SELECT u.*, bool_or(u.is_added) OVER of_message AND bool_or(NOT u.is_added) OVER of_message AS is_mixed,
      row_number() OVER (PARTITION BY u.room_id, u.room_seq ORDER BY u.ord) AS nth_of_message
    FROM unnest(p_reactions) WITH ORDINALITY AS u(room_id, room_seq, actor_id, emoji, is_added, ord)
    WINDOW of_message AS (PARTITION BY u.room_id, u.room_seq)
  ), looked_up AS (
    SELECT u.*, u.is_mixed AND u.is_added AND g.emoji IS NULL AS is_new, x.groups
    FROM given u
    LEFT JOIN LATERAL (SELECT * FROM reaction_groups g
      WHERE u.is_mixed AND u.is_added AND g.room_id = u.room_id AND g.room_seq = u.room_seq AND g.emoji = u.emoji LIMIT 1) g ON true
    CROSS JOIN LATERAL (SELECT count(*) AS groups FROM reaction_groups o
      WHERE u.is_mixed AND u.nth_of_message = 1 AND o.room_id = u.room_id AND o.room_seq = u.room_seq) x
  ), counted AS (
    SELECT l.*, dense_rank() OVER (PARTITION BY l.room_id, l.room_seq, l.is_new ORDER BY l.emoji) AS nth_new FROM looked_up l
  ), told AS (
    SELECT c.ord, c.nth_of_message,
      max(c.groups) OVER of_message + max(c.nth_new) FILTER (WHERE c.is_new) OVER of_message > 20 AS is_tight
    FROM counted c WINDOW of_message AS (PARTITION BY c.room_id, c.room_seq)
  )
  SELECT array_agg(CASE WHEN t.is_tight THEN t.nth_of_message ELSE 1 END ORDER BY t.ord) FROM told t);
END $$;

-- Removes one reaction and counts it. Returns whether there was one. The caller holds the lock of the room.
CREATE OR REPLACE FUNCTION remove_reaction(p_room BIGINT, p_room_seq BIGINT, p_user BIGINT, p_emoji TEXT) RETURNS BOOLEAN LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  DELETE FROM reactions WHERE room_id = p_room AND room_seq = p_room_seq AND emoji = p_emoji AND user_id = p_user;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  DELETE FROM reaction_groups WHERE room_id = p_room AND room_seq = p_room_seq AND emoji = p_emoji AND count = 1;
  IF NOT FOUND THEN
    UPDATE reaction_groups SET count = count - 1 WHERE room_id = p_room AND room_seq = p_room_seq AND emoji = p_emoji;
  END IF;
  RETURN true;
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
    INSERT INTO memberships (room_id, user_id, role, permission_bits, from_room_seq, read_seq, delivered_seq, is_hidden, joined_at)
    SELECT n.room_id, n.user_id, 20, role_permissions(20::smallint), n.new_room_seq, n.last_message_seq, n.last_message_seq, false, n.at
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

-- Whether each of these users may join one more room. A user who is in p_room already needs no place.
CREATE OR REPLACE FUNCTION have_places(p_users BIGINT[], p_room BIGINT, p_max INTEGER) RETURNS BOOLEAN LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM lock_places(p_users);
  RETURN NOT EXISTS (
    SELECT FROM unnest(p_users) AS u
    WHERE NOT EXISTS (SELECT FROM memberships m WHERE m.room_id = p_room AND m.user_id = u) AND (SELECT c.rooms FROM rooms_of(u, p_max) AS c) >= p_max);
END $$;

-- Takes an advisory lock for each of these users, by id: of two calls at once the second counts the rooms that the first
-- has added. Taken before any lock of a room.
CREATE OR REPLACE FUNCTION lock_places(p_users BIGINT[]) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('rooms of user ' || u.user_id, 0))
  FROM (SELECT DISTINCT u.user_id FROM unnest(p_users) AS u(user_id) ORDER BY u.user_id) AS u;
END $$;

-- What an event says of a member.
CREATE OR REPLACE FUNCTION member_facts(p_member memberships) RETURNS JSONB LANGUAGE sql STABLE AS $$
  SELECT membership_facts(p_member.role, p_member.permission_bits, p_member.timeout_until, p_member.read_seq, p_member.delivered_seq,
    p_member.joined_at)
$$;

-- The same for a membership that is not stored yet.
CREATE OR REPLACE FUNCTION membership_facts(p_role SMALLINT, p_permissions BIGINT, p_timeout_until TIMESTAMPTZ, p_read_seq BIGINT,
  p_delivered_seq BIGINT, p_joined_at TIMESTAMPTZ) RETURNS JSONB LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('role', p_role, 'permissions', p_permissions, 'timeoutUntil', timeout_ms(p_timeout_until),
    'readSeq', p_read_seq, 'deliveredSeq', p_delivered_seq,
    'joinedAt', to_char(p_joined_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
$$;

-- How many rooms a user is in; counts to p_max at most. Returns a set, so that PostgreSQL plans it as a part of its caller.
CREATE OR REPLACE FUNCTION rooms_of(p_user BIGINT, p_max INTEGER) RETURNS TABLE (rooms BIGINT) LANGUAGE sql STABLE ROWS 1 AS $$
  SELECT count(*) FROM (SELECT FROM memberships m WHERE m.user_id = p_user LIMIT p_max) AS counted
$$;

-- Makes a batch of changes in one transaction: one array for each kind, one row for each change, in no order.
-- A refused change is a row that says why, so the others are made. The status BUSY is given to changes of locked rooms.
-- The functions of the kinds are called after the locks, so the snapshots of their statements begin after them.
CREATE OR REPLACE FUNCTION make_changes(p_skip_locked BOOLEAN, p_posts new_message[] DEFAULT '{}', p_edits message_edit[] DEFAULT '{}',
  p_deletions message_deletion[] DEFAULT '{}', p_joins room_join[] DEFAULT '{}', p_reactions message_reaction[] DEFAULT '{}')
RETURNS SETOF change_outcome LANGUAGE plpgsql VOLATILE ROWS 256 AS $$
DECLARE
  v_busy BIGINT[];
BEGIN
  IF cardinality(p_joins) > 0 THEN
    PERFORM lock_places(ARRAY(SELECT u.user_id FROM unnest(p_joins) AS u));
  END IF;
  v_busy := lock_rooms(ARRAY(SELECT u.room_id FROM unnest(p_posts) AS u UNION ALL SELECT u.room_id FROM unnest(p_edits) AS u
    UNION ALL SELECT u.room_id FROM unnest(p_deletions) AS u UNION ALL SELECT u.room_id FROM unnest(p_joins) AS u
    UNION ALL SELECT u.room_id FROM unnest(p_reactions) AS u), p_skip_locked);
  IF cardinality(p_joins) > 0 THEN
    -- Of all who hear of a room by this batch, in one order: the first message of a direct room tells its other members.
    PERFORM lock_accounts(ARRAY(SELECT u.user_id FROM unnest(p_joins) AS u
        WHERE NOT EXISTS (SELECT FROM memberships m WHERE m.room_id = u.room_id AND m.user_id = u.user_id)
      UNION SELECT m.user_id FROM (SELECT DISTINCT u.room_id FROM unnest(p_posts) AS u) AS r
        CROSS JOIN LATERAL (SELECT FROM room_heads h WHERE h.room_id = r.room_id AND h.has_hidden LIMIT 1) AS h
        CROSS JOIN LATERAL (SELECT m.user_id FROM memberships m WHERE m.room_id = r.room_id AND m.is_hidden OFFSET 0) AS m));
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
  IF cardinality(p_reactions) > 0 THEN
    RETURN QUERY SELECT * FROM unnest(apply_reactions(p_reactions, v_busy));
  END IF;
END $$;
