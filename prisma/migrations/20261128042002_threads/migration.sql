-- A function may call one that is created after it.
SET LOCAL check_function_bodies = off;

DROP FUNCTION count_mentions(bigint[],bigint[],jsonb[],integer);

DROP FUNCTION make_changes(boolean,new_message[],message_edit[],message_deletion[],room_join[],message_reaction[],read_mark[],mention_name[],mention_name[],message_pin[]);

-- Makes a batch of changes in one transaction: one array for each kind, one row for each change, in no order.
-- A refused change is a row that says why, so the others are made. The status BUSY is given to changes of locked rooms.
-- The functions of the kinds are called after the locks, so the snapshots of their statements begin after them.
CREATE OR REPLACE FUNCTION make_changes(p_skip_locked BOOLEAN, p_posts new_message[] DEFAULT '{}', p_edits message_edit[] DEFAULT '{}',
  p_deletions message_deletion[] DEFAULT '{}', p_joins room_join[] DEFAULT '{}', p_reactions message_reaction[] DEFAULT '{}',
  p_marks read_mark[] DEFAULT '{}', p_post_mentions mention_name[] DEFAULT '{}', p_edit_mentions mention_name[] DEFAULT '{}',
  p_pins message_pin[] DEFAULT '{}', p_replies thread_reply[] DEFAULT '{}', p_reply_mentions mention_name[] DEFAULT '{}')
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
    UNION ALL SELECT u.room_id FROM unnest(p_pins) AS u UNION ALL SELECT u.room_id FROM unnest(p_replies) AS u), p_skip_locked);
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
  IF cardinality(p_replies) > 0 THEN
    RETURN QUERY SELECT * FROM unnest(apply_replies(p_replies, v_busy, p_reply_mentions));
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

-- Puts messages into the sets of those that mention somebody, or takes them out. Set -1 has those that mention all members.
-- p_roots: of replies, whose numbers are those of their threads; NULL for the sets of the main timeline. Messages without a
-- number are in no set.
CREATE OR REPLACE FUNCTION count_mentions(p_rooms BIGINT[], p_seqs BIGINT[], p_facts JSONB[], p_by INT, p_roots BIGINT[] DEFAULT NULL) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_rooms BIGINT[]; v_subjects BIGINT[]; v_seqs BIGINT[];
BEGIN
  SELECT array_agg(x.room_id), array_agg(coalesce(thread_set(x.root_seq, u.id::bigint), u.id::bigint)), array_agg(x.seq) INTO v_rooms, v_subjects, v_seqs
  FROM unnest(p_rooms, p_seqs, p_facts, p_roots) AS x(room_id, seq, facts, root_seq)
  CROSS JOIN LATERAL (SELECT '-1' WHERE (x.facts ->> 'isEverybody')::boolean
    UNION ALL SELECT jsonb_array_elements_text(x.facts -> 'userIds') WHERE NOT (x.facts ->> 'isEverybody')::boolean) AS u(id)
  WHERE x.seq IS NOT NULL;
  IF v_rooms IS NULL THEN
    RETURN;
  END IF;
  IF p_by > 0 THEN
    PERFORM add_to_tallies(v_rooms, v_subjects, v_seqs);
  ELSE
    PERFORM remove_from_tallies(v_rooms, v_subjects, v_seqs);
  END IF;
END $$;

-- Deletes a batch of messages. The caller holds the locks of the rooms; those in p_busy are locked by somebody else.
-- status: OK, SAME (it is deleted already), BUSY, NOT_FOUND, FORBIDDEN, ARCHIVED, FULL
-- Authors may delete their own messages, members with that right those of lower ranks.
-- details: the message before; where somebody else deletes it, also its author; as mentions whom it mentioned, if anybody
-- Every lookup is a LATERAL with a limit: left to choose, the planner scans what was empty when it planned.
CREATE OR REPLACE FUNCTION apply_deletions(p_deletions message_deletion[], p_busy BIGINT[]) RETURNS change_outcome[] LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  v_now TIMESTAMPTZ(3) := clock_timestamp(); v_stamp BIGINT := pg_current_xact_id()::text::bigint;
  outcomes change_outcome[]; v_rooms BIGINT[]; v_room_seqs BIGINT[]; v_seqs BIGINT[]; v_mentions JSONB[];
  v_roots BIGINT[]; v_thread_seqs BIGINT[];
BEGIN
  WITH judged AS (
    SELECT u.*, h.last_room_seq, h.last_message_seq, greatest(v_now, h.last_at) AS at, old.version AS old_version, old.text AS old_text, old.author_id, old.seq, old.thread_root_seq, old.thread_seq,
      CASE WHEN old.author_id = u.actor_id THEN message_record(old.message)
        ELSE message_record(old.message) || jsonb_build_object('author', user_record(a.author)) END AS record, w.username, w.display_name, s.mentions,
      CASE WHEN u.room_id = ANY (p_busy) THEN 'BUSY'
        WHEN m.role IS NULL OR m.is_hidden OR old.room_id IS NULL OR h.state = 2 OR coalesce(old.seq < m.visible_from_seq, old.room_seq < m.visible_from_room_seq) THEN 'NOT_FOUND'
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
    LEFT JOIN LATERAL stored_mentions(old.room_id, old.room_seq) AS s(mentions) ON true
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
    INSERT INTO room_events (room_id, room_seq, kind, actor_id, subject, message_seq, stamp, created_at, facts)
    SELECT n.room_id, n.new_room_seq, 7, n.actor_id, n.room_seq, n.last_message_seq, v_stamp, n.at, n.mentions FROM made n
  ), head AS (
    UPDATE room_heads h SET last_room_seq = x.room_seq, last_at = x.at, last_stamp = v_stamp, top_stamp = greatest(v_stamp, h.top_stamp),
      last_deleted_seq = greatest(x.seq, h.last_deleted_seq)
    FROM (SELECT n.room_id, max(n.new_room_seq) AS room_seq, max(n.at) AS at, max(n.seq) AS seq FROM made n GROUP BY n.room_id) x
    WHERE h.room_id = x.room_id
  ), mark AS (
    -- Of authors whose mark was moved back.
    UPDATE memberships m SET own_above = m.own_above - x.gone
    FROM (SELECT n.room_id, n.author_id, o.read_seq, count(*) AS gone FROM made n
      CROSS JOIN LATERAL (SELECT * FROM memberships o WHERE o.room_id = n.room_id AND o.user_id = n.author_id AND o.own_above > 0 LIMIT 1) o
      WHERE n.seq > o.read_seq GROUP BY n.room_id, n.author_id, o.read_seq) x
    WHERE m.room_id = x.room_id AND m.user_id = x.author_id
  )
  SELECT array_agg(ROW('deletion', n.ord, CASE WHEN n.status = 'OK' AND NOT n.is_made THEN 'SAME' ELSE n.status END, n.new_room_seq,
      n.last_message_seq, n.at, n.username, n.display_name,
      CASE WHEN n.mentions IS NULL THEN n.record ELSE n.record || jsonb_build_object('mentions', n.mentions) END)::change_outcome),
    array_agg(n.room_id) FILTER (WHERE n.is_made), array_agg(n.room_seq) FILTER (WHERE n.is_made),
    array_agg(n.seq) FILTER (WHERE n.is_made), array_agg(n.mentions) FILTER (WHERE n.is_made),
    array_agg(n.thread_root_seq) FILTER (WHERE n.is_made), array_agg(n.thread_seq) FILTER (WHERE n.is_made)
  INTO outcomes, v_rooms, v_room_seqs, v_seqs, v_mentions, v_roots, v_thread_seqs FROM numbered n;
  IF v_rooms IS NOT NULL THEN
    PERFORM remove_satellites(v_rooms, v_room_seqs);
    PERFORM count_mentions(v_rooms, v_seqs, v_mentions, -1);
    PERFORM add_to_tallies(array_agg(x.room_id), array_agg(0::bigint), array_agg(x.seq))
    FROM unnest(v_rooms, v_seqs) AS x(room_id, seq) WHERE x.seq IS NOT NULL HAVING count(*) > 0;
    PERFORM delete_replies(array_agg(x.room_id), array_agg(x.root_seq), array_agg(x.thread_seq), array_agg(x.mentions))
    FROM unnest(v_rooms, v_roots, v_thread_seqs, v_mentions) AS x(room_id, root_seq, thread_seq, mentions)
    WHERE x.root_seq IS NOT NULL HAVING count(*) > 0;
  END IF;
  RETURN outcomes;
END $$;

-- Edits a batch of messages. The caller holds the locks of the rooms; those in p_busy are locked by somebody else.
-- status: OK, SAME, BUSY, NOT_FOUND, NOT_AUTHOR, ARCHIVED, DELETED, FORBIDDEN, TIMED_OUT, VERSION (the version was passed by), FULL
-- An edit speaks to the room like a post: it needs the right to post. SAME repeats what the same author already made of it.
-- details: the message before; as mentions what the event says of them, if the message mentions anybody now or did before
-- Edits of one message are judged one after the other: the second of them in a second round.
-- Every lookup is a LATERAL with a limit: left to choose, the planner scans what was empty when it planned.
CREATE OR REPLACE FUNCTION apply_edits(p_edits message_edit[], p_busy BIGINT[], p_mentions mention_name[]) RETURNS change_outcome[] LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  v_now TIMESTAMPTZ(3) := clock_timestamp(); v_stamp BIGINT := pg_current_xact_id()::text::bigint;
  v_rounds INT := (SELECT max(x.n) FROM (SELECT count(*) AS n FROM unnest(p_edits) AS u GROUP BY u.room_id, u.room_seq) x);
  v_mentions JSONB[]; outcomes change_outcome[] := '{}'; v_more change_outcome[];
BEGIN
  IF cardinality(p_mentions) > 0 THEN
    v_mentions := mentions_of_edits(p_edits, p_mentions);
  END IF;
  FOR v_round IN 1..v_rounds LOOP
    WITH given AS (
      SELECT u.*, row_number() OVER (PARTITION BY u.room_id, u.room_seq ORDER BY u.ord) AS round
      FROM unnest(p_edits) WITH ORDINALITY AS u(room_id, room_seq, actor_id, text, expected_version, ord)
    ), judged AS (
      SELECT u.*, h.last_room_seq, h.last_message_seq, greatest(v_now, h.last_at) AS at, old.version AS old_version, old.text AS old_text,
        message_record(old.message) AS record, w.username, w.display_name, s.was,
        CASE WHEN u.room_id = ANY (p_busy) THEN 'BUSY'
          WHEN m.role IS NULL OR m.is_hidden OR old.room_id IS NULL OR h.state = 2 OR coalesce(old.seq < m.visible_from_seq, old.room_seq < m.visible_from_room_seq) THEN 'NOT_FOUND'
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
      LEFT JOIN LATERAL stored_mentions(old.room_id, old.room_seq) AS s(was) ON true
      WHERE u.round = v_round
    ), numbered AS MATERIALIZED (
      SELECT j.*, CASE WHEN coalesce(j.was, v_mentions[j.ord]) IS NOT NULL THEN jsonb_build_object('was', j.was, 'now', v_mentions[j.ord]) END AS facts, j.last_room_seq + count(*) FILTER (WHERE j.status = 'OK') OVER (PARTITION BY j.room_id ORDER BY j.ord) AS new_room_seq
      FROM judged j
    ), made AS MATERIALIZED (
      SELECT * FROM numbered n WHERE n.status = 'OK'
    ), revision AS (
      INSERT INTO message_revisions SELECT n.room_id, n.room_seq, n.old_version, n.old_text, n.at, n.actor_id FROM made n
    ), message AS (
      UPDATE messages m SET text = n.text, version = m.version + 1, edited_at = n.at
      FROM made n WHERE m.room_id = n.room_id AND m.room_seq = n.room_seq
    ), event AS (
      INSERT INTO room_events (room_id, room_seq, kind, actor_id, subject, message_seq, stamp, created_at, facts)
      SELECT n.room_id, n.new_room_seq, 6, n.actor_id, n.room_seq, n.last_message_seq, v_stamp, n.at, n.facts FROM made n
    ), head AS (
      UPDATE room_heads h SET last_room_seq = x.room_seq, last_at = x.at, last_stamp = v_stamp, top_stamp = greatest(v_stamp, h.top_stamp)
      FROM (SELECT n.room_id, max(n.new_room_seq) AS room_seq, max(n.at) AS at FROM made n GROUP BY n.room_id) x WHERE h.room_id = x.room_id
    )
    SELECT array_agg(ROW('edit', n.ord, n.status, n.new_room_seq, n.last_message_seq, n.at, n.username, n.display_name,
      CASE WHEN n.facts IS NULL THEN n.record ELSE n.record || jsonb_build_object('mentions', n.facts) END)::change_outcome)
    INTO v_more FROM numbered n;
    PERFORM replace_mentions(array_agg(p_edits[o.ord].room_id), array_agg(p_edits[o.ord].room_seq), array_agg((o.details ->> 'seq')::bigint),
      array_agg(o.details -> 'mentions'))
    FROM unnest(v_more) AS o WHERE o.status = 'OK' AND o.details ? 'mentions' HAVING count(*) > 0;
    PERFORM replace_reply_mentions(array_agg(p_edits[o.ord].room_id), array_agg((o.details ->> 'threadRootSeq')::bigint),
      array_agg((o.details ->> 'threadSeq')::bigint), array_agg(o.details -> 'mentions'))
    FROM unnest(v_more) AS o WHERE o.status = 'OK' AND o.details ? 'mentions' AND o.details ->> 'threadSeq' IS NOT NULL HAVING count(*) > 0;
    outcomes := outcomes || v_more;
  END LOOP;
  RETURN outcomes;
END $$;

-- A message without its text, for the event of its change. Times are in ms since 1970.
CREATE OR REPLACE FUNCTION message_record(p_message messages) RETURNS JSONB LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('seq', p_message.seq, 'authorId', p_message.author_id, 'idempotencyKey', p_message.idempotency_key,
    'replyToRoomSeq', p_message.reply_to_room_seq, 'threadRootSeq', p_message.thread_root_seq, 'threadSeq', p_message.thread_seq, 'version', p_message.version, 'createdAt', timeout_ms(p_message.created_at),
    'editedAt', timeout_ms(p_message.edited_at), 'deletedAt', timeout_ms(p_message.deleted_at))
$$;

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
        WHEN m.role IS NULL OR m.is_hidden OR old.room_id IS NULL OR h.state = 2 OR coalesce(old.seq < m.visible_from_seq, old.room_seq < m.visible_from_room_seq) THEN 'NOT_FOUND'
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
          WHEN m.role IS NULL OR m.is_hidden OR old.room_id IS NULL OR h.state = 2 OR coalesce(old.seq < m.visible_from_seq, old.room_seq < m.visible_from_room_seq) THEN 'NOT_FOUND'
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

-- Removes one member from a room whose head the caller has locked.
CREATE OR REPLACE FUNCTION dismiss_member(p_room BIGINT, p_actor BIGINT, p_user BIGINT, p_removed BOOLEAN)
RETURNS BIGINT LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_seq BIGINT;
BEGIN
  v_seq := append_room_event(p_room, 10::smallint, p_actor, p_user, jsonb_build_object('removed', p_removed));
  DELETE FROM memberships WHERE room_id = p_room AND user_id = p_user;
  UPDATE rooms SET member_count = member_count - 1 WHERE id = p_room;
  PERFORM append_account_events(ARRAY[p_user], 2::smallint, p_room, ARRAY[v_seq]);
  -- Behind the lock of the own log, as set_thread_state has them.
  DELETE FROM thread_members WHERE room_id = p_room AND user_id = p_user;
  RETURN v_seq;
END $$;

-- Posts a batch of replies. The caller holds the locks of the rooms; those in p_busy are locked by somebody else.
-- status: those of apply_posts, NO_THREAD (there is no such message), DELETED (the message was deleted, and has no thread yet)
-- details: rootSeq and threadSeq; seq, if it is also in the main timeline; mentions, if it mentions anybody. Of a repeated reply:
--          nothing
-- A reply to a reply belongs to the same thread. Only what is also sent to the room moves its numbers and the author's marks.
-- Every lookup is a LATERAL with a limit: left to choose, the planner scans what was empty when it planned.
CREATE OR REPLACE FUNCTION apply_replies(p_replies thread_reply[], p_busy BIGINT[], p_mentions mention_name[]) RETURNS change_outcome[] LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  v_now TIMESTAMPTZ(3) := clock_timestamp(); v_stamp BIGINT := pg_current_xact_id()::text::bigint;
  v_facts JSONB[]; outcomes change_outcome[]; v_made placed_reply[];
BEGIN
  IF cardinality(p_mentions) > 0 THEN
    v_facts := mentions_of_posts(ARRAY(SELECT ROW(u.room_id, u.author_id, u.key, u.fingerprint, u.text, u.reply_to)::new_message
      FROM unnest(p_replies) WITH ORDINALITY AS u(room_id, author_id, key, fingerprint, text, reply_to, root_seq, is_in_room, ord) ORDER BY u.ord), p_mentions);
  END IF;
  WITH judged AS (
    SELECT u.room_id, u.author_id, u.key, u.fingerprint, u.text, u.reply_to, u.is_in_room, u.ord, h.last_room_seq, h.last_message_seq,
      greatest(v_now, h.last_at) AS at, w.username, w.display_name, o.root_seq, o.root_author_id, coalesce(t.last_thread_seq, 0) AS last_thread_seq,
      k.room_seq AS k_room_seq, k.created_at AS k_at,
      CASE WHEN k.fingerprint = u.fingerprint THEN 'REPLAYED' WHEN k.fingerprint IS NOT NULL THEN 'KEY_CONFLICT'
        WHEN u.room_id = ANY (p_busy) THEN 'BUSY'
        ELSE coalesce(nullif(post_status(m.role, m.is_hidden, m.permission_bits, m.timeout_until, h.state, v_now), 'OK'), CASE
          WHEN greatest(h.last_room_seq, h.last_message_seq) >= max_seq() - 10000 THEN 'FULL'
          WHEN row_number() OVER (PARTITION BY u.room_id, u.author_id, u.key ORDER BY u.ord) > 1 THEN 'AGAIN'
          WHEN o.root_seq IS NULL OR coalesce(o.seq < m.visible_from_seq, o.room_seq < m.visible_from_room_seq) THEN 'NO_THREAD'
          WHEN t.root_seq IS NULL AND o.root_is_deleted THEN 'DELETED'
          WHEN u.reply_to IS NOT NULL AND coalesce(q.seq < m.visible_from_seq, q.room_seq < m.visible_from_room_seq, true) THEN 'NO_QUOTE'
          ELSE 'OK' END) END AS status
    FROM unnest(p_replies) WITH ORDINALITY AS u(room_id, author_id, key, fingerprint, text, reply_to, root_seq, is_in_room, ord)
    LEFT JOIN LATERAL (SELECT * FROM room_heads h WHERE h.room_id = u.room_id LIMIT 1) h ON true
    LEFT JOIN LATERAL (SELECT * FROM memberships m WHERE m.room_id = u.room_id AND m.user_id = u.author_id LIMIT 1) m ON true
    LEFT JOIN LATERAL (SELECT * FROM users w WHERE w.id = u.author_id LIMIT 1) w ON true
    LEFT JOIN LATERAL (SELECT * FROM messages k
      WHERE k.room_id = u.room_id AND k.author_id = u.author_id AND k.idempotency_key = u.key COLLATE "C" LIMIT 1) k ON true
    LEFT JOIN LATERAL (SELECT o.room_seq, o.seq, r.room_seq AS root_seq, r.author_id AS root_author_id, r.text IS NULL AS root_is_deleted
      FROM messages o CROSS JOIN LATERAL (SELECT * FROM messages r
        WHERE r.room_id = u.room_id AND r.room_seq = coalesce(o.thread_root_seq, o.room_seq) LIMIT 1) r
      WHERE o.room_id = u.room_id AND o.room_seq = u.root_seq LIMIT 1) o ON true
    LEFT JOIN LATERAL (SELECT * FROM threads t WHERE t.room_id = u.room_id AND t.root_seq = o.root_seq LIMIT 1) t ON true
    LEFT JOIN LATERAL (SELECT * FROM messages q WHERE q.room_id = u.room_id AND q.room_seq = u.reply_to LIMIT 1) q ON true
  ), counted AS (
    SELECT j.*, j.status = 'OK' AS is_made, count(*) FILTER (WHERE j.status = 'OK') OVER of_room AS nth,
      count(*) FILTER (WHERE j.status = 'OK' AND j.is_in_room) OVER of_room AS nth_in_room,
      count(*) FILTER (WHERE j.status = 'OK') OVER (PARTITION BY j.room_id, j.root_seq ORDER BY j.ord) AS nth_in_thread
    FROM judged j WINDOW of_room AS (PARTITION BY j.room_id ORDER BY j.ord)
  ), numbered AS MATERIALIZED (
    SELECT c.*, c.last_room_seq + c.nth AS room_seq, c.last_message_seq + c.nth_in_room AS message_seq,
      CASE WHEN c.is_in_room THEN c.last_message_seq + c.nth_in_room END AS seq, c.last_thread_seq + c.nth_in_thread AS thread_seq
    FROM counted c
  ), posted AS MATERIALIZED (
    SELECT * FROM numbered n WHERE n.is_made
  ), message AS (
    INSERT INTO messages (room_id, room_seq, seq, author_id, idempotency_key, fingerprint, text, reply_to_room_seq, created_at, thread_root_seq, thread_seq)
    SELECT p.room_id, p.room_seq, p.seq, p.author_id, p.key, p.fingerprint, p.text, p.reply_to, p.at, p.root_seq, p.thread_seq FROM posted p
  ), reply AS (
    INSERT INTO thread_replies (room_id, root_seq, thread_seq, room_seq) SELECT p.room_id, p.root_seq, p.thread_seq, p.room_seq FROM posted p
  ), event AS (
    INSERT INTO room_events (room_id, room_seq, kind, actor_id, subject, message_seq, stamp, created_at, facts)
    SELECT p.room_id, p.room_seq, 5, p.author_id, p.room_seq, p.message_seq, v_stamp, p.at, v_facts[p.ord] FROM posted p
  ), head AS (
    UPDATE room_heads h SET last_room_seq = x.room_seq, last_message_seq = x.message_seq, last_at = x.at, last_stamp = v_stamp,
      top_stamp = greatest(v_stamp, h.top_stamp)
    FROM (SELECT p.room_id, max(p.room_seq) AS room_seq, max(p.message_seq) AS message_seq, max(p.at) AS at FROM posted p GROUP BY p.room_id) x
    WHERE h.room_id = x.room_id
  ), marker AS (
    UPDATE memberships m SET read_seq = x.seq, delivered_seq = greatest(m.delivered_seq, x.seq), own_above = 0
    FROM (SELECT p.room_id, p.author_id, max(p.seq) AS seq FROM posted p WHERE p.is_in_room GROUP BY p.room_id, p.author_id) x
    WHERE m.room_id = x.room_id AND m.user_id = x.author_id AND m.read_seq < x.seq
  )
  SELECT array_agg(ROW('reply', n.ord, n.status, CASE WHEN n.is_made THEN n.room_seq ELSE n.k_room_seq END,
      CASE WHEN n.is_made THEN n.message_seq END, CASE WHEN n.is_made THEN n.at ELSE n.k_at END, n.username, n.display_name,
      CASE WHEN n.is_made THEN jsonb_build_object('rootSeq', n.root_seq, 'threadSeq', n.thread_seq, 'seq', n.seq,
        'mentions', v_facts[n.ord]) END)::change_outcome),
    array_agg(ROW(n.room_id, n.root_seq, n.thread_seq, n.room_seq, n.seq, n.author_id, n.root_author_id, n.at, v_facts[n.ord])::placed_reply)
      FILTER (WHERE n.is_made)
  INTO outcomes, v_made FROM numbered n;
  IF v_made IS NOT NULL THEN
    PERFORM store_replies(v_made);
  END IF;
  RETURN outcomes;
END $$;

-- Counts deleted replies in their threads. The caller holds the locks of the rooms.
CREATE OR REPLACE FUNCTION delete_replies(p_rooms BIGINT[], p_roots BIGINT[], p_thread_seqs BIGINT[], p_facts JSONB[]) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM count_mentions(p_rooms, p_thread_seqs, p_facts, -1, p_roots);
  PERFORM add_to_tallies(array_agg(x.room_id), array_agg(thread_set(x.root_seq, 0)), array_agg(x.seq))
  FROM unnest(p_rooms, p_roots, p_thread_seqs) AS x(room_id, root_seq, seq);
  UPDATE threads t SET deleted_count = t.deleted_count + x.count, last_deleted_seq = greatest(t.last_deleted_seq, x.seq)
  FROM (SELECT x.room_id, x.root_seq, count(*) AS count, max(x.seq) AS seq FROM unnest(p_rooms, p_roots, p_thread_seqs) AS x(room_id, root_seq, seq)
    GROUP BY 1, 2) x WHERE t.room_id = x.room_id AND t.root_seq = x.root_seq;
END $$;

-- Gives a thread a title; NULL removes it. The author of its root may, and members who may change the room.
-- status: OK, SAME, NOT_FOUND, ARCHIVED, FORBIDDEN
CREATE OR REPLACE FUNCTION rename_thread(p_room BIGINT, p_root BIGINT, p_actor BIGINT, p_title TEXT)
RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  at room_and_actor := lock_room(p_room, p_actor); v_thread threads; v_author BIGINT;
BEGIN
  room_seq := at.last_room_seq;
  SELECT * INTO v_thread FROM threads t WHERE t.room_id = p_room AND t.root_seq = p_root;
  SELECT o.author_id INTO v_author FROM messages o WHERE o.room_id = p_room AND o.room_seq = p_root;
  status := CASE WHEN at.kind IS NULL OR at.permission_bits IS NULL OR v_thread.room_id IS NULL THEN 'NOT_FOUND' WHEN at.state = 1 THEN 'ARCHIVED'
    WHEN v_author <> p_actor AND at.permission_bits & 8 = 0 THEN 'FORBIDDEN' WHEN v_thread.title IS NOT DISTINCT FROM p_title THEN 'SAME' ELSE 'OK' END;
  IF status = 'OK' THEN
    UPDATE threads t SET title = p_title WHERE t.room_id = p_room AND t.root_seq = p_root;
    room_seq := append_room_event(p_room, 12::smallint, p_actor, p_root, NULL);
  END IF;
  RETURN NEXT;
END $$;

-- Counts in their threads whom edited replies mention now, in place of those that they did before. The caller holds the locks of
-- the rooms.
CREATE OR REPLACE FUNCTION replace_reply_mentions(p_rooms BIGINT[], p_roots BIGINT[], p_thread_seqs BIGINT[], p_facts JSONB[]) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM count_mentions(array_agg(x.room_id), array_agg(x.seq), array_agg(x.facts -> 'was'), -1, array_agg(x.root_seq))
  FROM unnest(p_rooms, p_roots, p_thread_seqs, p_facts) AS x(room_id, root_seq, seq, facts) WHERE x.facts -> 'was' <> 'null' HAVING count(*) > 0;
  PERFORM store_reply_mentions(array_agg(x.room_id), array_agg(x.root_seq), array_agg(x.seq), array_agg(x.facts -> 'now'))
  FROM unnest(p_rooms, p_roots, p_thread_seqs, p_facts) AS x(room_id, root_seq, seq, facts) WHERE x.facts -> 'now' <> 'null' HAVING count(*) > 0;
END $$;

-- Raises the read mark of a member in a thread, or sets whether the member follows it. NULL leaves a value as it is.
-- status: OK, SAME, NOT_FOUND, BEYOND (there is no such reply yet). The event of the own log names the thread by its root.
CREATE OR REPLACE FUNCTION set_thread_state(p_room BIGINT, p_root BIGINT, p_user BIGINT, p_read_seq BIGINT, p_follow BOOLEAN)
RETURNS TABLE (status TEXT, account_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  v_thread threads; old thread_members; v_is_member BOOLEAN;
BEGIN
  PERFORM lock_accounts(ARRAY[p_user]);
  SELECT true INTO v_is_member FROM memberships m JOIN room_heads h ON h.room_id = m.room_id
  WHERE m.room_id = p_room AND m.user_id = p_user AND NOT m.is_hidden AND h.state < 2;
  SELECT * INTO v_thread FROM threads t WHERE t.room_id = p_room AND t.root_seq = p_root;
  SELECT * INTO old FROM thread_members m WHERE m.room_id = p_room AND m.root_seq = p_root AND m.user_id = p_user;
  status := CASE WHEN v_is_member IS NULL OR v_thread.room_id IS NULL THEN 'NOT_FOUND' WHEN p_read_seq > v_thread.last_thread_seq THEN 'BEYOND'
    WHEN coalesce(p_read_seq, 0) <= coalesce(old.read_seq, 0) AND coalesce(p_follow = coalesce(old.is_following, false), true) THEN 'SAME' ELSE 'OK' END;
  IF status = 'OK' THEN
    INSERT INTO thread_members AS m (room_id, root_seq, user_id, is_following, read_seq)
    VALUES (p_room, p_root, p_user, coalesce(p_follow, false), coalesce(p_read_seq, 0))
    ON CONFLICT (room_id, root_seq, user_id) DO UPDATE SET is_following = coalesce(p_follow, m.is_following), read_seq = greatest(m.read_seq, excluded.read_seq);
    PERFORM append_account_events(ARRAY[p_user], 5::smallint, p_room, ARRAY[p_root]);
  END IF;
  SELECT a.last_account_seq INTO account_seq FROM account_heads a WHERE a.user_id = p_user;
  RETURN NEXT;
END $$;

-- Stores what new replies change in their threads: numbers, participants, followers and mentions. The caller holds the locks of the
-- rooms. To reply is to follow and to have read; the author of the root follows from the first reply on, and whoever is mentioned.
CREATE OR REPLACE FUNCTION store_replies(p_replies placed_reply[]) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  INSERT INTO threads AS t (room_id, root_seq, last_thread_seq, last_room_seq, last_reply_at)
  SELECT u.room_id, u.root_seq, max(u.thread_seq), max(u.room_seq), max(u.created_at) FROM unnest(p_replies) AS u GROUP BY u.room_id, u.root_seq
  ON CONFLICT (room_id, root_seq) DO UPDATE SET last_thread_seq = excluded.last_thread_seq, last_room_seq = excluded.last_room_seq,
    last_reply_at = excluded.last_reply_at;
  UPDATE threads t SET participant_count = t.participant_count + x.count, participant_ids = (t.participant_ids || x.ids)[1:20]
  FROM (SELECT a.room_id, a.root_seq, count(*) AS count, array_agg(a.author_id ORDER BY a.thread_seq) AS ids
    FROM (SELECT u.room_id, u.root_seq, u.author_id, min(u.thread_seq) AS thread_seq FROM unnest(p_replies) AS u GROUP BY 1, 2, 3) a
    LEFT JOIN LATERAL (SELECT m.is_participant FROM thread_members m
      WHERE m.room_id = a.room_id AND m.root_seq = a.root_seq AND m.user_id = a.author_id LIMIT 1) m ON true
    WHERE m.is_participant IS NOT TRUE GROUP BY a.room_id, a.root_seq) x
  WHERE t.room_id = x.room_id AND t.root_seq = x.root_seq;
  INSERT INTO thread_members AS m (room_id, root_seq, user_id, is_following, is_participant, read_seq)
  SELECT u.room_id, u.root_seq, u.author_id, true, true, max(u.thread_seq) FROM unnest(p_replies) AS u GROUP BY 1, 2, 3
  ON CONFLICT (room_id, root_seq, user_id) DO UPDATE SET is_following = true, is_participant = true, read_seq = greatest(m.read_seq, excluded.read_seq);
  INSERT INTO thread_members (room_id, root_seq, user_id, is_following)
  SELECT u.room_id, u.root_seq, u.root_author_id, true FROM unnest(p_replies) AS u
  CROSS JOIN LATERAL (SELECT FROM memberships o WHERE o.room_id = u.room_id AND o.user_id = u.root_author_id LIMIT 1) o
  WHERE u.thread_seq = 1 ON CONFLICT (room_id, root_seq, user_id) DO NOTHING;
  PERFORM store_mentions(array_agg(u.room_id), array_agg(u.room_seq), array_agg(u.seq), array_agg(u.mentions))
  FROM unnest(p_replies) AS u WHERE u.mentions IS NOT NULL HAVING count(*) > 0;
  PERFORM store_reply_mentions(array_agg(u.room_id), array_agg(u.root_seq), array_agg(u.thread_seq), array_agg(u.mentions))
  FROM unnest(p_replies) AS u WHERE u.mentions IS NOT NULL HAVING count(*) > 0;
END $$;

-- Counts in their threads whom replies mention. A reply that mentions all members counts once for each, and makes nobody follow. The
-- caller holds the locks of the rooms.
CREATE OR REPLACE FUNCTION store_reply_mentions(p_rooms BIGINT[], p_roots BIGINT[], p_thread_seqs BIGINT[], p_facts JSONB[]) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  UPDATE threads t SET last_call_seq = greatest(t.last_call_seq, x.seq)
  FROM (SELECT x.room_id, x.root_seq, max(x.seq) AS seq FROM unnest(p_rooms, p_roots, p_thread_seqs, p_facts) AS x(room_id, root_seq, seq, facts)
    WHERE (x.facts ->> 'isEverybody')::boolean GROUP BY 1, 2) x WHERE t.room_id = x.room_id AND t.root_seq = x.root_seq;
  INSERT INTO thread_members AS m (room_id, root_seq, user_id, is_following, mentioned_seq)
  SELECT x.room_id, x.root_seq, u.id::bigint, true, max(x.seq) FROM unnest(p_rooms, p_roots, p_thread_seqs, p_facts) AS x(room_id, root_seq, seq, facts)
  CROSS JOIN LATERAL jsonb_array_elements_text(x.facts -> 'userIds') AS u(id) GROUP BY 1, 2, 3
  ON CONFLICT (room_id, root_seq, user_id) DO UPDATE SET is_following = true, mentioned_seq = greatest(m.mentioned_seq, excluded.mentioned_seq);
  PERFORM count_mentions(p_rooms, p_thread_seqs, p_facts, 1, p_roots);
END $$;

-- The subject of `tallies` under which a set of a thread's numbers is kept: 0 deleted replies, -1 those that mention all members,
-- otherwise those that mention the user. Sets of the main timeline are above -2. NULL without a root.
CREATE OR REPLACE FUNCTION thread_set(p_root BIGINT, p_set BIGINT) RETURNS BIGINT LANGUAGE sql IMMUTABLE AS $$
  SELECT -(p_root << 32) - p_set - 2
$$;

-- How many living replies above a read mark a user has not read, and how many of them mention the user. Own replies are never above
-- the own mark, because it only rises and each reply raises it. Nobody without a mark was mentioned by name.
CREATE OR REPLACE FUNCTION thread_unread(p_thread threads, p_user BIGINT, p_read BIGINT, p_mentioned BIGINT)
RETURNS TABLE (replies BIGINT, mentions BIGINT) LANGUAGE sql STABLE ROWS 1 AS $$
  SELECT CASE WHEN p_thread.last_thread_seq <= p_read THEN 0 ELSE p_thread.last_thread_seq - p_read
      - CASE WHEN p_thread.last_deleted_seq <= p_read THEN 0 ELSE tally_above(p_thread.room_id, thread_set(p_thread.root_seq, 0), p_read) END END,
    CASE WHEN p_mentioned <= p_read THEN 0 ELSE tally_above(p_thread.room_id, thread_set(p_thread.root_seq, p_user), p_read) END
      + CASE WHEN p_thread.last_call_seq <= p_read THEN 0 ELSE tally_above(p_thread.room_id, thread_set(p_thread.root_seq, -1), p_read) END
$$;
