-- AlterTable
ALTER TABLE "room_heads" ADD COLUMN     "settings_version" INTEGER NOT NULL DEFAULT 1,
ADD COLUMN     "slow_mode_seconds" INTEGER;

-- CreateTable
CREATE TABLE "slow_mode_posts" (
    "room_id" BIGINT NOT NULL,
    "user_id" BIGINT NOT NULL,
    "posted_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "slow_mode_posts_pkey" PRIMARY KEY ("room_id","user_id")
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
    DELETE FROM former_timeouts f WHERE f.room_id = v_room AND f.user_id = p_user;
    DELETE FROM slow_mode_posts s WHERE s.room_id = v_room AND s.user_id = p_user;
  END IF;
  RETURN NEXT;
END $$;

-- Edits a batch of messages. The caller holds the locks of the rooms; those in p_busy are locked by somebody else.
-- status: OK, SAME, BUSY, NOT_FOUND, NOT_AUTHOR, ARCHIVED, DELETED, FORBIDDEN, TIMED_OUT, VERSION (the version was passed by), FULL
-- An edit speaks to the room like a post: it needs the right to post, or for a reply that is only in a thread, to reply.
-- SAME repeats what the same author already made of it.
-- details: the message before; as mentions what the event says of them, if the message mentions anybody now or did before
-- A forwarded message with another text is no forward any more.
-- p_parts: new metadata of some of them, in place of the old. Others keep theirs.
-- Edits of one message are judged one after the other: the second of them in a second round.
-- Every lookup is a LATERAL with a limit: left to choose, the planner scans what was empty when it planned.
CREATE OR REPLACE FUNCTION apply_edits(p_edits message_edit[], p_busy BIGINT[], p_mentions mention_name[],
  p_parts edited_part[]) RETURNS change_outcome[] LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  v_now TIMESTAMPTZ(3) := clock_timestamp(); v_stamp BIGINT := pg_current_xact_id()::text::bigint;
  v_rounds INT := (SELECT max(x.n) FROM (SELECT count(*) AS n FROM unnest(p_edits) AS u GROUP BY u.room_id, u.room_seq) x);
  v_mentions JSONB[]; v_metadata JSONB[]; outcomes change_outcome[] := '{}'; v_more change_outcome[];
BEGIN
  IF cardinality(p_mentions) > 0 THEN
    v_mentions := mentions_of_edits(p_edits, p_mentions);
  END IF;
  IF cardinality(p_parts) > 0 THEN
    v_metadata := ARRAY(SELECT (SELECT p.content FROM unnest(p_parts) AS p WHERE p.ord = n AND p.name = 'metadata') FROM generate_series(1, cardinality(p_edits)) AS n ORDER BY n);
  END IF;
  FOR v_round IN 1..v_rounds LOOP
    WITH given AS (
      SELECT u.*, row_number() OVER (PARTITION BY u.room_id, u.room_seq ORDER BY u.ord) AS round
      FROM unnest(p_edits) WITH ORDINALITY AS u(room_id, room_seq, actor_id, text, expected_version, ord)
    ), judged AS (
      SELECT u.*, h.last_room_seq, h.last_message_seq, greatest(v_now, h.last_at) AS at, old.version AS old_version, old.text AS old_text,
        message_record(old.message) || CASE WHEN old.text = u.text THEN '{"hasSameText": true}'::jsonb ELSE '{}' END AS record, w.username, w.display_name, s.was,
        CASE WHEN u.room_id = ANY (p_busy) THEN 'BUSY'
          WHEN m.role IS NULL OR m.is_hidden OR old.room_id IS NULL OR h.state = 2 OR coalesce(old.seq < m.visible_from_seq, old.room_seq < m.visible_from_room_seq) THEN 'NOT_FOUND'
          WHEN old.author_id <> u.actor_id THEN 'NOT_AUTHOR'
          WHEN h.state = 1 THEN 'ARCHIVED'
          WHEN old.text IS NULL OR old.expires_at <= v_now THEN 'DELETED'
          ELSE coalesce(nullif(post_status(m.role, m.is_hidden, m.permission_bits | CASE WHEN old.seq IS NOT NULL OR m.permission_bits & 16384 = 0 THEN 0 ELSE 1 END, m.timeout_until, h.state, v_now), 'OK'), CASE
            WHEN old.text = u.text AND (v_metadata[u.ord] IS NULL OR v_metadata[u.ord] = stored_metadata(old.room_id, old.room_seq)) AND (u.expected_version IS NULL OR u.expected_version IN (old.version, old.version - 1)) THEN 'SAME'
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
    PERFORM remove_forwards(array_agg(p_edits[o.ord].room_id), array_agg(p_edits[o.ord].room_seq))
    FROM unnest(v_more) AS o WHERE o.status = 'OK' AND NOT o.details ? 'hasSameText' HAVING count(*) > 0;
    PERFORM replace_metadata(p_edits[o.ord].room_id, p_edits[o.ord].room_seq, v_metadata[o.ord])
    FROM unnest(v_more) AS o WHERE o.status = 'OK' AND v_metadata[o.ord] IS NOT NULL;
    PERFORM remove_revision(p_edits[o.ord].room_id, p_edits[o.ord].room_seq, (o.details ->> 'version')::int - 100)
    FROM unnest(v_more) AS o WHERE o.status = 'OK' AND (o.details ->> 'version')::int > 100;
    outcomes := outcomes || v_more;
  END LOOP;
  RETURN outcomes;
END $$;

-- Posts a batch. The caller holds the locks of the rooms; those in p_busy are locked by somebody else.
-- status: OK, REPLAYED, KEY_CONFLICT (the key was used for something else), BUSY, those of post_status, FULL,
--         AGAIN (the same key, or with slow mode the same author, is earlier in this batch: send it again),
--         NO_QUOTE (no such message to reply to), SLOW_MODE (the author has to wait)
-- details: whom the message mentions, as mention_facts returns it, with expiresAt in a room where messages expire; NULL for most; how long to wait with SLOW_MODE
-- A known key is answered before rights are judged: who was removed after posting still gets the own result.
-- Every lookup is a LATERAL with a limit: left to choose, the planner scans what was empty when it planned.
CREATE OR REPLACE FUNCTION apply_posts(p_posts new_message[], p_busy BIGINT[], p_mentions mention_name[]) RETURNS change_outcome[] LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  v_now TIMESTAMPTZ(3) := clock_timestamp(); v_stamp BIGINT := pg_current_xact_id()::text::bigint;
  -- Of one room, one partition is opened instead of all.
  v_room BIGINT := (p_posts[1]).room_id; v_is_one BOOLEAN := v_room = ALL (ARRAY(SELECT u.room_id FROM unnest(p_posts) AS u));
  -- By the place in the batch: what is stored with the same key, and the number of the quoted message.
  k_same BOOLEAN[]; k_room_seq BIGINT[]; k_seq BIGINT[]; k_at TIMESTAMPTZ[]; v_quoted BIGINT[];
  v_hidden BIGINT[]; v_slow_rooms BIGINT[]; v_slow_authors BIGINT[]; v_expiries message_expiries[]; v_facts JSONB[]; outcomes change_outcome[];
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
  IF cardinality(p_mentions) > 0 THEN
    v_facts := mentions_of_posts(p_posts, p_mentions);
  END IF;
  WITH judged AS (
    SELECT u.*, h.last_room_seq, h.last_message_seq, h.has_hidden, greatest(v_now, h.last_at) AS at,
      greatest(v_now, h.last_at) + h.message_lifetime * interval '1 second' AS expires_at,
      -- Read under the locks of the heads: a name is never older than the events of the room that tell of its change.
      w.username, w.display_name, slow.seconds AS slow_seconds,
      CASE WHEN k_same[u.ord] THEN 'REPLAYED' WHEN NOT k_same[u.ord] THEN 'KEY_CONFLICT' WHEN u.room_id = ANY (p_busy) THEN 'BUSY'
        ELSE coalesce(nullif(post_status(m.role, m.is_hidden, m.permission_bits, m.timeout_until, h.state, v_now), 'OK'), CASE
          WHEN greatest(h.last_room_seq, h.last_message_seq) >= max_seq() - 10000 THEN 'FULL'
          WHEN slow.seconds IS NOT NULL AND slow_mode_wait(u.room_id, u.author_id, slow.seconds, v_now) IS NOT NULL THEN 'SLOW_MODE'
          WHEN row_number() OVER (PARTITION BY u.room_id, u.author_id, CASE WHEN slow.seconds IS NULL THEN u.key END ORDER BY u.ord) > 1 THEN 'AGAIN'
          WHEN u.reply_to IS NOT NULL AND (v_quoted[u.ord] IS NULL OR v_quoted[u.ord] < m.visible_from_seq) THEN 'NO_QUOTE'
          ELSE 'OK' END) END AS status
    FROM unnest(p_posts) WITH ORDINALITY AS u(room_id, author_id, key, fingerprint, text, reply_to, ord)
    LEFT JOIN LATERAL (SELECT * FROM room_heads h WHERE h.room_id = u.room_id LIMIT 1) h ON true
    LEFT JOIN LATERAL (SELECT * FROM memberships m WHERE m.room_id = u.room_id AND m.user_id = u.author_id LIMIT 1) m ON true
    LEFT JOIN LATERAL (SELECT * FROM users w WHERE w.id = u.author_id LIMIT 1) w ON true
    CROSS JOIN LATERAL (SELECT CASE WHEN m.permission_bits & 4096 = 0 THEN h.slow_mode_seconds END AS seconds) slow
  ), numbered AS MATERIALIZED (
    SELECT j.*, count(*) FILTER (WHERE j.status = 'OK') OVER (PARTITION BY j.room_id ORDER BY j.ord) AS nth FROM judged j
  ), posted AS MATERIALIZED (
    SELECT n.*, n.last_room_seq + n.nth AS new_room_seq, n.last_message_seq + n.nth AS new_seq FROM numbered n WHERE n.status = 'OK'
  ), message AS (
    INSERT INTO messages (room_id, room_seq, seq, author_id, idempotency_key, fingerprint, text, reply_to_room_seq, created_at, expires_at)
    SELECT p.room_id, p.new_room_seq, p.new_seq, p.author_id, p.key, p.fingerprint, p.text, p.reply_to, p.at, p.expires_at FROM posted p
  ), event AS (
    INSERT INTO room_events (room_id, room_seq, kind, actor_id, subject, message_seq, stamp, created_at, facts)
    SELECT p.room_id, p.new_room_seq, 5, p.author_id, p.new_room_seq, p.new_seq, v_stamp, p.at, v_facts[p.ord] FROM posted p
  ), head AS (
    UPDATE room_heads h SET last_room_seq = x.room_seq, last_message_seq = x.seq, last_at = x.at, last_stamp = v_stamp,
      top_stamp = greatest(v_stamp, h.top_stamp)
    FROM (SELECT p.room_id, max(p.new_room_seq) AS room_seq, max(p.new_seq) AS seq, max(p.at) AS at FROM posted p GROUP BY p.room_id) x
    WHERE h.room_id = x.room_id
  ), marker AS (
    UPDATE memberships m SET read_seq = x.seq, delivered_seq = greatest(m.delivered_seq, x.seq), own_above = 0
    FROM (SELECT p.room_id, p.author_id, max(p.new_seq) AS seq FROM posted p GROUP BY p.room_id, p.author_id) x
    WHERE m.room_id = x.room_id AND m.user_id = x.author_id AND m.read_seq < x.seq
  )
  SELECT array_agg(ROW('post', n.ord, n.status,
      CASE n.status WHEN 'OK' THEN n.last_room_seq + n.nth WHEN 'REPLAYED' THEN k_room_seq[n.ord] END,
      CASE n.status WHEN 'OK' THEN n.last_message_seq + n.nth WHEN 'REPLAYED' THEN k_seq[n.ord] END,
      CASE n.status WHEN 'OK' THEN n.at WHEN 'REPLAYED' THEN k_at[n.ord] END,
      CASE n.status WHEN 'OK' THEN n.username END, CASE n.status WHEN 'OK' THEN n.display_name END,
      CASE WHEN n.status = 'SLOW_MODE' THEN jsonb_build_object('retryAfterMs', slow_mode_wait(n.room_id, n.author_id, n.slow_seconds, v_now))
        WHEN n.status <> 'OK' THEN NULL WHEN n.expires_at IS NULL THEN v_facts[n.ord] ELSE expiring_facts(v_facts[n.ord], n.expires_at) END)::change_outcome),
    array_agg(DISTINCT n.room_id) FILTER (WHERE n.has_hidden AND n.status = 'OK'),
    array_agg(n.room_id) FILTER (WHERE n.slow_seconds IS NOT NULL AND n.status = 'OK'),
    array_agg(n.author_id) FILTER (WHERE n.slow_seconds IS NOT NULL AND n.status = 'OK'),
    array_agg(ROW(n.room_id, n.last_room_seq + n.nth, n.expires_at)::message_expiries) FILTER (WHERE n.expires_at IS NOT NULL AND n.status = 'OK')
  INTO outcomes, v_hidden, v_slow_rooms, v_slow_authors, v_expiries FROM numbered n;
  IF v_facts IS NOT NULL THEN
    PERFORM store_mentions(array_agg(p_posts[o.ord].room_id), array_agg(o.room_seq), array_agg(o.message_seq), array_agg(v_facts[o.ord]))
    FROM unnest(outcomes) AS o WHERE o.status = 'OK' AND v_facts[o.ord] IS NOT NULL HAVING count(*) > 0;
  END IF;
  IF v_expiries IS NOT NULL THEN
    INSERT INTO message_expiries SELECT * FROM unnest(v_expiries);
  END IF;
  IF v_slow_rooms IS NOT NULL THEN
    PERFORM note_slow_mode_posts(v_slow_rooms, v_slow_authors, v_now);
  END IF;
  IF v_hidden IS NOT NULL THEN
    PERFORM reveal_direct_rooms(v_hidden);
  END IF;
  RETURN outcomes;
END $$;

-- The number of a posting status in the previous release.
CREATE OR REPLACE FUNCTION old_post_status(p_status TEXT) RETURNS SMALLINT LANGUAGE sql IMMUTABLE AS $$
  SELECT (array_position(ARRAY['OK', 'REPLAYED', 'KEY_CONFLICT', 'NOT_FOUND', 'ARCHIVED', 'FORBIDDEN', 'TIMED_OUT', 'AGAIN', 'NO_QUOTE', 'BUSY',
    'FULL'], CASE p_status WHEN 'SLOW_MODE' THEN 'TIMED_OUT' ELSE p_status END) - 1)::smallint
$$;

-- The same as make_changes for a single post, as at rest: one partition is opened instead of all, by fewer statements.
-- It waits for the lock. Why there are two bodies: docs/decisions/0012.
CREATE OR REPLACE FUNCTION post_one(p_post new_message) RETURNS SETOF change_outcome LANGUAGE plpgsql VOLATILE ROWS 1
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
  head room_heads; known RECORD; v_quoted BIGINT; v_now TIMESTAMPTZ(3); v_expires_at TIMESTAMPTZ(3); v_stamp BIGINT; outcome change_outcome;
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
      WHEN head.slow_mode_seconds IS NOT NULL AND known.permission_bits & 4096 = 0
        AND slow_mode_wait(p_post.room_id, p_post.author_id, head.slow_mode_seconds, clock_timestamp()) IS NOT NULL THEN 'SLOW_MODE'
      WHEN p_post.reply_to IS NOT NULL AND (v_quoted IS NULL OR v_quoted < known.visible_from_seq) THEN 'NO_QUOTE'
      ELSE 'OK' END) END;
  IF outcome.status = 'OK' THEN
    outcome.room_seq := head.last_room_seq + 1; outcome.message_seq := head.last_message_seq + 1; outcome.created_at := v_now;
    outcome.username := known.username; outcome.display_name := known.display_name;
    v_expires_at := v_now + head.message_lifetime * interval '1 second';
    v_stamp := pg_current_xact_id()::text::bigint;
    WITH message AS (
      INSERT INTO messages (room_id, room_seq, seq, author_id, idempotency_key, fingerprint, text, reply_to_room_seq, created_at, expires_at)
      VALUES (p_post.room_id, outcome.room_seq, outcome.message_seq, p_post.author_id, p_post.key, p_post.fingerprint, p_post.text,
        p_post.reply_to, v_now, v_expires_at)
    ), event AS (
      INSERT INTO room_events (room_id, room_seq, kind, actor_id, subject, message_seq, stamp, created_at)
      VALUES (p_post.room_id, outcome.room_seq, 5, p_post.author_id, outcome.room_seq, outcome.message_seq, v_stamp, v_now)
    ), marker AS (
      UPDATE memberships m SET read_seq = outcome.message_seq, delivered_seq = greatest(m.delivered_seq, outcome.message_seq), own_above = 0
      WHERE m.room_id = p_post.room_id AND m.user_id = p_post.author_id AND m.read_seq < outcome.message_seq
    )
    UPDATE room_heads h SET last_room_seq = outcome.room_seq, last_message_seq = outcome.message_seq, last_at = v_now, last_stamp = v_stamp,
      top_stamp = greatest(v_stamp, h.top_stamp)
    WHERE h.room_id = p_post.room_id;
    IF v_expires_at IS NOT NULL THEN
      INSERT INTO message_expiries VALUES (p_post.room_id, outcome.room_seq, v_expires_at);
      outcome.details := expiring_facts(NULL, v_expires_at);
    END IF;
    IF head.slow_mode_seconds IS NOT NULL AND known.permission_bits & 4096 = 0 THEN
      PERFORM note_slow_mode_posts(ARRAY[p_post.room_id], ARRAY[p_post.author_id], clock_timestamp());
    END IF;
    IF head.has_hidden THEN
      PERFORM reveal_direct_rooms(ARRAY[p_post.room_id]);
    END IF;
  ELSIF outcome.status = 'SLOW_MODE' THEN
    outcome.details := jsonb_build_object('retryAfterMs',
      coalesce(slow_mode_wait(p_post.room_id, p_post.author_id, head.slow_mode_seconds, clock_timestamp()), 1));
  ELSIF outcome.status = 'REPLAYED' THEN
    outcome.room_seq := known.room_seq; outcome.message_seq := known.seq; outcome.created_at := known.created_at;
  END IF;
  RETURN NEXT outcome;
END $$;

-- Adds and removes a batch of reactions. The caller holds the locks of the rooms; those in p_busy are locked by somebody else.
-- status: OK, SAME, BUSY, NOT_FOUND, DELETED, ARCHIVED, FORBIDDEN, TIMED_OUT, LIMIT (20 emoji under the message), FULL
-- details: the group after the change; if the change was made, also the message and, unless it is the actor, its author
-- Adding speaks to the room: it needs the right to post, or to react. Members may always take back their own.
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
          WHEN old.text IS NULL OR old.expires_at <= v_now THEN CASE WHEN u.is_added THEN 'DELETED' ELSE 'SAME' END
          WHEN h.state = 1 THEN 'ARCHIVED'
          WHEN h.last_room_seq > max_seq() - cardinality(p_reactions) THEN 'FULL'
          WHEN NOT u.is_added THEN 'OK'
          ELSE post_status(m.role, m.is_hidden, m.permission_bits | CASE WHEN m.permission_bits & 8192 = 0 THEN 0 ELSE 1 END, m.timeout_until, h.state, v_now) END AS status
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
    -- A join with a table that was empty when it was planned reads the whole index.
    DELETE FROM drafts d WHERE d.ctid = ANY (ARRAY(SELECT o.ctid FROM unnest(v_users) AS u(user_id)
      CROSS JOIN LATERAL (SELECT o.ctid FROM drafts o WHERE o.user_id = u.user_id AND o.room_id = p_room OFFSET 0) o));
  END IF;
  RETURN NEXT;
END $$;

-- What a role allows without overrides. 1 post, 2 add members, 4 remove members and change roles, 8 change the room, 16
-- delete others' messages, 32 archive the room, 64 delete the room, 128 mention all members, 256 pin
-- messages, 512 time out members, 4096 post at once in slow mode, 8192 react and 16384 reply in threads, both without 1.
CREATE OR REPLACE FUNCTION role_permissions(p_role SMALLINT) RETURNS BIGINT LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE p_role WHEN 50 THEN 29695 WHEN 40 THEN 29631 WHEN 30 THEN 29591 ELSE 1 END::bigint
$$;

-- Notes when members have sent a message in rooms with slow mode; the caller holds the locks of the rooms.
CREATE OR REPLACE FUNCTION note_slow_mode_posts(p_rooms BIGINT[], p_users BIGINT[], p_now TIMESTAMPTZ) RETURNS VOID LANGUAGE sql VOLATILE AS $$
  INSERT INTO slow_mode_posts (room_id, user_id, posted_at)
  SELECT x.room_id, x.user_id, p_now FROM unnest(p_rooms, p_users) AS x(room_id, user_id)
  ON CONFLICT (room_id, user_id) DO UPDATE SET posted_at = excluded.posted_at
$$;

-- Who sends messages in a room, as the overrides of members and guests say: everyone, moderators, moderators_and_replies (all
-- others reply in threads), or custom.
-- A plan that was made while there were no overrides would read all of them: enable_seqscan.
CREATE OR REPLACE FUNCTION posting_policy(p_room BIGINT) RETURNS TEXT LANGUAGE plpgsql STABLE SET enable_seqscan = off AS $$
BEGIN
  RETURN (SELECT CASE WHEN x.silent = 0 THEN 'everyone' WHEN x.silent = 2 AND x.replying = 0 THEN 'moderators'
      WHEN x.silent = 2 AND x.replying = 2 THEN 'moderators_and_replies' ELSE 'custom' END
    FROM (SELECT count(*) FILTER (WHERE o.deny_bits & 1 > 0) AS silent, count(*) FILTER (WHERE o.allow_bits & 16384 > 0) AS replying
      FROM permission_overrides o WHERE o.room_id = p_room AND o.target IN (-10, -20)) x);
END $$;

-- Sets who sends messages in a room, as overrides of members and guests; the caller holds the lock of the room's head. Each
-- override that changes has an event. status: OK, also where nothing changes, or a refusal of set_permission_override
CREATE OR REPLACE FUNCTION set_posting_policy(p_room BIGINT, p_actor BIGINT, p_policy TEXT) RETURNS TEXT LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  -- 1 is to send, 8192 to react and 16384 to reply in threads without it.
  v_allow BIGINT := CASE p_policy WHEN 'everyone' THEN 0 WHEN 'moderators' THEN 8192 ELSE 24576 END;
  v_deny BIGINT := CASE p_policy WHEN 'everyone' THEN 0 ELSE 1 END;
  v_role BIGINT; v_status TEXT;
BEGIN
  FOREACH v_role IN ARRAY ARRAY[10, 20] LOOP
    v_status := (SELECT o.status FROM set_permission_override(p_room, p_actor, -v_role, v_allow, v_deny, 24577 - v_allow - v_deny) o);
    EXIT WHEN v_status NOT IN ('OK', 'SAME');
  END LOOP;
  RETURN CASE v_status WHEN 'SAME' THEN 'OK' ELSE v_status END;
END $$;

-- The settings of a room in the form of its event.
CREATE OR REPLACE FUNCTION settings_facts(p_room BIGINT) RETURNS JSONB LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('version', h.settings_version, 'slowModeSeconds', h.slow_mode_seconds, 'posting', posting_policy(h.room_id))
  FROM room_heads h WHERE h.room_id = p_room
$$;

-- How long slow mode makes a member wait for the next message, in ms; NULL: not at all. `p_now` is the time of the database.
-- A plan that was made while nobody had to wait would read all rows: enable_seqscan.
CREATE OR REPLACE FUNCTION slow_mode_wait(p_room BIGINT, p_user BIGINT, p_seconds INT, p_now TIMESTAMPTZ)
RETURNS INT LANGUAGE plpgsql STABLE SET enable_seqscan = off AS $$
DECLARE
  -- After a step of the clock backwards, nobody waits longer than p_seconds.
  v_posted TIMESTAMPTZ := (SELECT least(p_now, s.posted_at) FROM slow_mode_posts s WHERE s.room_id = p_room AND s.user_id = p_user);
BEGIN
  RETURN (SELECT CASE WHEN x.ms > 0 THEN x.ms END
    FROM (SELECT ceil(extract(epoch FROM v_posted + p_seconds * interval '1 second' - p_now) * 1000)::int AS ms) x);
END $$;

-- Changes settings of a room: those in p_changes, under the names of settings_facts. null ends slow mode.
-- status: OK, SAME, NOT_FOUND, DIRECT, FORBIDDEN, ARCHIVED, VERSION (the version was passed by), and those of set_posting_policy
-- A plan that was made while nobody had to wait would read all rows: enable_seqscan.
CREATE OR REPLACE FUNCTION update_room_settings(p_room BIGINT, p_actor BIGINT, p_expected_version INT, p_changes JSONB)
RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE SET enable_seqscan = off AS $$
DECLARE
  at room_and_actor := lock_room(p_room, p_actor);
  v_old JSONB := settings_facts(p_room); v_new JSONB := v_old || p_changes;
BEGIN
  room_seq := at.last_room_seq;
  status := CASE WHEN at.kind IS NULL THEN 'NOT_FOUND' WHEN at.kind = 3 THEN 'DIRECT'
    WHEN coalesce(at.permission_bits, 0) & 8 = 0 THEN 'FORBIDDEN' WHEN at.state = 1 THEN 'ARCHIVED'
    WHEN v_new = v_old THEN 'SAME' WHEN p_expected_version <> (v_old ->> 'version')::int THEN 'VERSION' ELSE 'OK' END;
  IF status = 'OK' AND v_new -> 'posting' <> v_old -> 'posting' THEN
    status := set_posting_policy(p_room, p_actor, v_new ->> 'posting');
  END IF;
  IF status = 'OK' THEN
    UPDATE room_heads h SET settings_version = h.settings_version + 1, slow_mode_seconds = (v_new ->> 'slowModeSeconds')::int
    WHERE h.room_id = p_room;
    DELETE FROM slow_mode_posts s WHERE s.room_id = p_room AND v_new ->> 'slowModeSeconds' IS NULL;
    room_seq := append_room_event(p_room, 33::smallint, p_actor, NULL, settings_facts(p_room));
  END IF;
  RETURN NEXT;
END $$;

-- Posts a batch of replies. The caller holds the locks of the rooms; those in p_busy are locked by somebody else.
-- status: those of apply_posts, NO_THREAD (there is no such message), DELETED (the message was deleted, and has no thread yet)
-- details: rootSeq and threadSeq; seq, if it is also in the main timeline; mentions, if it mentions anybody; expiresAt, if it expires. Of a repeated reply:
--          nothing; how long to wait with SLOW_MODE
-- A reply that is only in a thread needs the right to post or to reply.
-- A reply to a reply belongs to the same thread. Only what is also sent to the room moves its numbers and the author's marks.
-- Every lookup is a LATERAL with a limit: left to choose, the planner scans what was empty when it planned.
CREATE OR REPLACE FUNCTION apply_replies(p_replies thread_reply[], p_busy BIGINT[], p_mentions mention_name[]) RETURNS change_outcome[] LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  v_now TIMESTAMPTZ(3) := clock_timestamp(); v_stamp BIGINT := pg_current_xact_id()::text::bigint;
  v_facts JSONB[]; outcomes change_outcome[]; v_made placed_reply[]; v_slow_rooms BIGINT[]; v_slow_authors BIGINT[]; v_expiries message_expiries[];
BEGIN
  IF cardinality(p_mentions) > 0 THEN
    v_facts := mentions_of_posts(ARRAY(SELECT ROW(u.room_id, u.author_id, u.key, u.fingerprint, u.text, u.reply_to)::new_message
      FROM unnest(p_replies) WITH ORDINALITY AS u(room_id, author_id, key, fingerprint, text, reply_to, root_seq, is_in_room, ord) ORDER BY u.ord), p_mentions);
  END IF;
  WITH judged AS (
    SELECT u.room_id, u.author_id, u.key, u.fingerprint, u.text, u.reply_to, u.is_in_room, u.ord, h.last_room_seq, h.last_message_seq,
      greatest(v_now, h.last_at) AS at, greatest(v_now, h.last_at) + h.message_lifetime * interval '1 second' AS expires_at, w.username, w.display_name, o.root_seq, o.root_author_id, coalesce(t.last_thread_seq, 0) AS last_thread_seq,
      k.room_seq AS k_room_seq, k.created_at AS k_at, slow.seconds AS slow_seconds,
      CASE WHEN k.fingerprint = u.fingerprint THEN 'REPLAYED' WHEN k.fingerprint IS NOT NULL THEN 'KEY_CONFLICT'
        WHEN u.room_id = ANY (p_busy) THEN 'BUSY'
        ELSE coalesce(nullif(post_status(m.role, m.is_hidden, m.permission_bits | CASE WHEN u.is_in_room OR m.permission_bits & 16384 = 0 THEN 0 ELSE 1 END, m.timeout_until, h.state, v_now), 'OK'), CASE
          WHEN greatest(h.last_room_seq, h.last_message_seq) >= max_seq() - 10000 THEN 'FULL'
          WHEN slow.seconds IS NOT NULL AND slow_mode_wait(u.room_id, u.author_id, slow.seconds, v_now) IS NOT NULL THEN 'SLOW_MODE'
          WHEN row_number() OVER (PARTITION BY u.room_id, u.author_id, CASE WHEN slow.seconds IS NULL THEN u.key END ORDER BY u.ord) > 1 THEN 'AGAIN'
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
    LEFT JOIN LATERAL (SELECT o.room_seq, o.seq, r.room_seq AS root_seq, r.author_id AS root_author_id, r.text IS NULL OR r.expires_at <= v_now AS root_is_deleted
      FROM messages o CROSS JOIN LATERAL (SELECT * FROM messages r
        WHERE r.room_id = u.room_id AND r.room_seq = coalesce(o.thread_root_seq, o.room_seq) LIMIT 1) r
      WHERE o.room_id = u.room_id AND o.room_seq = u.root_seq LIMIT 1) o ON true
    LEFT JOIN LATERAL (SELECT * FROM threads t WHERE t.room_id = u.room_id AND t.root_seq = o.root_seq LIMIT 1) t ON true
    LEFT JOIN LATERAL (SELECT * FROM messages q WHERE q.room_id = u.room_id AND q.room_seq = u.reply_to LIMIT 1) q ON true
    CROSS JOIN LATERAL (SELECT CASE WHEN m.permission_bits & 4096 = 0 THEN h.slow_mode_seconds END AS seconds) slow
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
    INSERT INTO messages (room_id, room_seq, seq, author_id, idempotency_key, fingerprint, text, reply_to_room_seq, created_at, thread_root_seq, thread_seq, expires_at)
    SELECT p.room_id, p.room_seq, p.seq, p.author_id, p.key, p.fingerprint, p.text, p.reply_to, p.at, p.root_seq, p.thread_seq, p.expires_at FROM posted p
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
      CASE WHEN n.status = 'SLOW_MODE' THEN jsonb_build_object('retryAfterMs', slow_mode_wait(n.room_id, n.author_id, n.slow_seconds, v_now))
        WHEN n.is_made THEN jsonb_build_object('rootSeq', n.root_seq, 'threadSeq', n.thread_seq, 'seq', n.seq,
        'mentions', v_facts[n.ord], 'expiresAt', timeout_ms(n.expires_at)) END)::change_outcome),
    array_agg(ROW(n.room_id, n.root_seq, n.thread_seq, n.room_seq, n.seq, n.author_id, n.root_author_id, n.at, v_facts[n.ord])::placed_reply)
      FILTER (WHERE n.is_made),
    array_agg(n.room_id) FILTER (WHERE n.is_made AND n.slow_seconds IS NOT NULL),
    array_agg(n.author_id) FILTER (WHERE n.is_made AND n.slow_seconds IS NOT NULL),
    array_agg(ROW(n.room_id, n.room_seq, n.expires_at)::message_expiries) FILTER (WHERE n.is_made AND n.expires_at IS NOT NULL)
  INTO outcomes, v_made, v_slow_rooms, v_slow_authors, v_expiries FROM numbered n;
  IF v_made IS NOT NULL THEN
    PERFORM store_replies(v_made);
  END IF;
  IF v_slow_rooms IS NOT NULL THEN
    PERFORM note_slow_mode_posts(v_slow_rooms, v_slow_authors, v_now);
  END IF;
  IF v_expiries IS NOT NULL THEN
    INSERT INTO message_expiries SELECT * FROM unnest(v_expiries);
  END IF;
  RETURN outcomes;
END $$;

-- Moderators and higher roles get the new permissions: 4096, 8192 and 16384. Those of other roles do not change, and there are no
-- overrides of them yet. Only the bits are set, because a node may be changing overrides meanwhile: what this statement read of them
-- would be stored after them. One statement: it writes the rows of those who manage a room, mostly one of each room.
UPDATE memberships SET permission_bits = permission_bits | 28672 WHERE role >= 30;
