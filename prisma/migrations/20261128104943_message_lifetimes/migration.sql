-- AlterTable
ALTER TABLE "messages" ADD COLUMN     "expires_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "room_heads" ADD COLUMN     "message_lifetime" INTEGER;

-- CreateTable
CREATE TABLE "message_expiries" (
    "room_id" BIGINT NOT NULL,
    "room_seq" BIGINT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "message_expiries_pkey" PRIMARY KEY ("room_id","room_seq")
);

-- CreateIndex
CREATE INDEX "message_expiries_expires_at_idx" ON "message_expiries"("expires_at");

-- A function may call one that is created after it.
SET LOCAL check_function_bodies = off;

DROP FUNCTION update_room(bigint,bigint,text,text);

-- Deletes a batch of messages. The caller holds the locks of the rooms; those in p_busy are locked by somebody else.
-- status: OK, SAME (it is deleted already), BUSY, NOT_FOUND, FORBIDDEN, ARCHIVED, FULL
-- Authors may delete their own messages, members with that right those of lower ranks. Without an actor, the message has expired.
-- Time goes on in archived rooms. A user can no longer delete a message that has expired: it is deleted already.
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
    SELECT u.*, h.last_room_seq, h.last_message_seq, greatest(v_now, h.last_at) AS at, old.author_id, old.seq, old.thread_root_seq, old.thread_seq,
      CASE WHEN u.actor_id IS NULL THEN old.expires_at ELSE greatest(v_now, h.last_at) END AS deleted_at,
      CASE WHEN old.author_id = u.actor_id THEN message_record(old.message)
        ELSE message_record(old.message) || jsonb_build_object('author', user_record(a.author)) END AS record, w.username, w.display_name, s.mentions,
      CASE WHEN u.room_id = ANY (p_busy) THEN 'BUSY'
        WHEN u.actor_id IS NULL AND (h.state < 2 AND old.expires_at <= v_now) IS NOT TRUE THEN 'NOT_FOUND'
        WHEN u.actor_id IS NOT NULL AND (m.role IS NULL OR m.is_hidden OR old.room_id IS NULL OR h.state = 2 OR coalesce(old.seq < m.visible_from_seq, old.room_seq < m.visible_from_room_seq)) THEN 'NOT_FOUND'
        WHEN old.author_id <> u.actor_id AND (m.permission_bits & 16 = 0 OR coalesce(am.role, 0) >= m.role) THEN 'FORBIDDEN'
        WHEN old.text IS NULL OR u.actor_id IS NOT NULL AND old.expires_at <= v_now THEN 'SAME'
        WHEN u.actor_id IS NOT NULL AND h.state = 1 THEN 'ARCHIVED'
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
    LEFT JOIN LATERAL (SELECT a AS author FROM users a WHERE old.author_id IS DISTINCT FROM u.actor_id AND a.id = old.author_id LIMIT 1) a ON true
  ), once AS (
    SELECT j.*, j.status = 'OK' AND row_number() OVER (PARTITION BY j.room_id, j.room_seq, j.status ORDER BY j.ord) = 1 AS is_made FROM judged j
  ), numbered AS MATERIALIZED (
    SELECT j.*, j.last_room_seq + count(*) FILTER (WHERE j.is_made) OVER (PARTITION BY j.room_id ORDER BY j.ord) AS new_room_seq FROM once j
  ), made AS MATERIALIZED (
    SELECT * FROM numbered n WHERE n.is_made
  ), message AS (
    UPDATE messages m SET text = NULL, version = m.version + 1, deleted_at = n.deleted_at
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
    PERFORM remove_revisions(v_rooms, v_room_seqs);
    PERFORM remove_expiries(v_rooms, v_room_seqs);
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
          WHEN old.text IS NULL OR old.expires_at <= v_now THEN 'DELETED'
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
    PERFORM remove_revision(p_edits[o.ord].room_id, p_edits[o.ord].room_seq, (o.details ->> 'version')::int - 100)
    FROM unnest(v_more) AS o WHERE o.status = 'OK' AND (o.details ->> 'version')::int > 100;
    outcomes := outcomes || v_more;
  END LOOP;
  RETURN outcomes;
END $$;

-- Posts a batch. The caller holds the locks of the rooms; those in p_busy are locked by somebody else.
-- status: OK, REPLAYED, KEY_CONFLICT (the key was used for something else), BUSY, those of post_status, FULL,
--         AGAIN (the same key is earlier in this batch: send it again), NO_QUOTE (no such message to reply to)
-- details: whom the message mentions, as mention_facts returns it, with expiresAt in a room where messages expire; NULL for most
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
  v_hidden BIGINT[]; v_expiries message_expiries[]; v_facts JSONB[]; outcomes change_outcome[];
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
      CASE WHEN n.status <> 'OK' THEN NULL WHEN n.expires_at IS NULL THEN v_facts[n.ord] ELSE expiring_facts(v_facts[n.ord], n.expires_at) END)::change_outcome),
    array_agg(DISTINCT n.room_id) FILTER (WHERE n.has_hidden AND n.status = 'OK'),
    array_agg(ROW(n.room_id, n.last_room_seq + n.nth, n.expires_at)::message_expiries) FILTER (WHERE n.expires_at IS NOT NULL AND n.status = 'OK')
  INTO outcomes, v_hidden, v_expiries FROM numbered n;
  IF v_facts IS NOT NULL THEN
    PERFORM store_mentions(array_agg(p_posts[o.ord].room_id), array_agg(o.room_seq), array_agg(o.message_seq), array_agg(v_facts[o.ord]))
    FROM unnest(outcomes) AS o WHERE o.status = 'OK' AND v_facts[o.ord] IS NOT NULL HAVING count(*) > 0;
  END IF;
  IF v_expiries IS NOT NULL THEN
    INSERT INTO message_expiries SELECT * FROM unnest(v_expiries);
  END IF;
  IF v_hidden IS NOT NULL THEN
    PERFORM reveal_direct_rooms(v_hidden);
  END IF;
  RETURN outcomes;
END $$;

-- Erases expired messages of deleted rooms. There is no event: RoomDeleted is the last one, and nobody reads the room.
CREATE OR REPLACE FUNCTION erase_expired(p_rooms BIGINT[], p_room_seqs BIGINT[]) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_rooms BIGINT[]; v_room_seqs BIGINT[];
BEGIN
  SELECT array_agg(x.room_id), array_agg(x.room_seq) INTO v_rooms, v_room_seqs FROM unnest(p_rooms, p_room_seqs) AS x(room_id, room_seq)
  CROSS JOIN LATERAL (SELECT FROM room_heads h WHERE h.room_id = x.room_id AND h.state = 2 LIMIT 1) h
  CROSS JOIN LATERAL (SELECT FROM message_expiries e WHERE e.room_id = x.room_id AND e.room_seq = x.room_seq AND e.expires_at <= clock_timestamp() LIMIT 1) e;
  IF v_rooms IS NOT NULL THEN
    FOR i IN 1..cardinality(v_rooms) LOOP
      UPDATE messages m SET text = NULL, version = m.version + 1, deleted_at = m.expires_at
      WHERE m.room_id = v_rooms[i] AND m.room_seq = v_room_seqs[i] AND m.text IS NOT NULL;
    END LOOP;
    PERFORM remove_satellites(v_rooms, v_room_seqs);
    PERFORM remove_revisions(v_rooms, v_room_seqs);
    PERFORM remove_expiries(v_rooms, v_room_seqs);
  END IF;
END $$;

-- The details of a post that expires: whom it mentions, and when it expires. Nodes of the previous release read only the mentions.
CREATE OR REPLACE FUNCTION expiring_facts(p_mentions JSONB, p_expires_at TIMESTAMPTZ) RETURNS JSONB LANGUAGE sql STABLE AS $$
  SELECT coalesce(p_mentions, '{"userIds": [], "isEverybody": false}') || jsonb_build_object('expiresAt', timeout_ms(p_expires_at))
$$;

-- A message without its text, for the event of its change. Times are in ms since 1970.
CREATE OR REPLACE FUNCTION message_record(p_message messages) RETURNS JSONB LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('seq', p_message.seq, 'authorId', p_message.author_id, 'idempotencyKey', p_message.idempotency_key,
    'replyToRoomSeq', p_message.reply_to_room_seq, 'threadRootSeq', p_message.thread_root_seq, 'threadSeq', p_message.thread_seq, 'version', p_message.version, 'createdAt', timeout_ms(p_message.created_at),
    'editedAt', timeout_ms(p_message.edited_at), 'deletedAt', timeout_ms(p_message.deleted_at), 'expiresAt', timeout_ms(p_message.expires_at))
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
    IF head.has_hidden THEN
      PERFORM reveal_direct_rooms(ARRAY[p_post.room_id]);
    END IF;
  ELSIF outcome.status = 'REPLAYED' THEN
    outcome.room_seq := known.room_seq; outcome.message_seq := known.seq; outcome.created_at := known.created_at;
  END IF;
  RETURN NEXT outcome;
END $$;

-- Forgets when deleted messages expire.
CREATE OR REPLACE FUNCTION remove_expiries(p_rooms BIGINT[], p_room_seqs BIGINT[]) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  DELETE FROM message_expiries s WHERE s.ctid = ANY (ARRAY(SELECT o.ctid FROM unnest(p_rooms, p_room_seqs) AS x(room_id, room_seq)
    CROSS JOIN LATERAL (SELECT o.ctid FROM message_expiries o WHERE o.room_id = x.room_id AND o.room_seq = x.room_seq OFFSET 0) o));
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
        WHEN m.role IS NULL OR m.is_hidden OR old.room_id IS NULL OR h.state = 2 OR coalesce(old.seq < m.visible_from_seq, old.room_seq < m.visible_from_room_seq) THEN 'NOT_FOUND'
        WHEN old.text IS NULL OR old.expires_at <= v_now THEN CASE WHEN u.is_pinned THEN 'DELETED' ELSE 'SAME' END
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

-- Sets the choices of users in polls, a batch. The caller holds the locks of the rooms; those in p_busy are locked by somebody else.
-- status: OK, SAME, BUSY, NOT_FOUND, DELETED, NO_POLL, NO_OPTION, LIMIT (more choices than the poll allows), ARCHIVED, CLOSED, TIMED_OUT, FULL
-- details: if the change was made, the poll after it, the message and, unless it is the actor, its author
-- All members who see the message may vote, also without the right to post, and may take back their votes during a timeout.
-- Votes are judged one after the other, in memory: each row is written once. The clock of the database decides whether a poll is closed.
-- Every lookup is a LATERAL with a limit: left to choose, the planner scans what was empty when it planned.
CREATE OR REPLACE FUNCTION apply_votes(p_votes poll_vote[], p_busy BIGINT[]) RETURNS change_outcome[] LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  v_now TIMESTAMPTZ(3) := clock_timestamp(); v_stamp BIGINT := pg_current_xact_id()::text::bigint;
  v RECORD; v_option INT; v_room BIGINT; v_room_seq BIGINT; v_counts INT[]; v_voters INT; v_choices JSONB;
  v_changed poll_vote[] := '{}'; outcomes change_outcome[] := '{}';
BEGIN
  FOR v IN
    WITH judged AS (
      SELECT u.*, h.last_room_seq, h.last_message_seq, greatest(v_now, h.last_at) AS at, w.username, w.display_name, old.message, a.author, p.poll, c.had,
        CASE WHEN u.room_id = ANY (p_busy) THEN 'BUSY'
          WHEN m.role IS NULL OR m.is_hidden OR old.room_id IS NULL OR h.state = 2 OR coalesce(old.seq < m.visible_from_seq, old.room_seq < m.visible_from_room_seq) THEN 'NOT_FOUND'
          WHEN old.text IS NULL OR old.expires_at <= v_now THEN 'DELETED'
          WHEN p.poll IS NULL THEN 'NO_POLL'
          WHEN u.options[cardinality(u.options)] > cardinality((p.poll).options) THEN 'NO_OPTION'
          WHEN cardinality(u.options) > (p.poll).max_choices THEN 'LIMIT'
          WHEN (p.poll).closed_at IS NOT NULL OR (p.poll).closes_at <= v_now THEN CASE WHEN u.options = c.had THEN 'SAME' ELSE 'CLOSED' END
          WHEN h.state = 1 THEN 'ARCHIVED'
          WHEN h.last_room_seq > max_seq() - cardinality(p_votes) THEN 'FULL'
          WHEN m.timeout_until > v_now AND cardinality(u.options) > 0 THEN 'TIMED_OUT'
          ELSE 'OK' END AS status
      FROM unnest(p_votes) WITH ORDINALITY AS u(room_id, room_seq, actor_id, options, ord)
      LEFT JOIN LATERAL (SELECT * FROM room_heads h WHERE h.room_id = u.room_id LIMIT 1) h ON true
      LEFT JOIN LATERAL (SELECT * FROM memberships m WHERE m.room_id = u.room_id AND m.user_id = u.actor_id LIMIT 1) m ON true
      LEFT JOIN LATERAL (SELECT * FROM users w WHERE w.id = u.actor_id LIMIT 1) w ON true
      LEFT JOIN LATERAL (SELECT old.*, old AS message FROM messages old WHERE old.room_id = u.room_id AND old.room_seq = u.room_seq LIMIT 1) old ON true
      LEFT JOIN LATERAL (SELECT a AS author FROM users a WHERE old.author_id <> u.actor_id AND a.id = old.author_id LIMIT 1) a ON true
      LEFT JOIN LATERAL (SELECT p AS poll FROM polls p WHERE p.room_id = u.room_id AND p.room_seq = u.room_seq LIMIT 1) p ON true
      CROSS JOIN LATERAL (SELECT ARRAY(SELECT o.option FROM poll_votes o
        WHERE o.room_id = u.room_id AND o.room_seq = u.room_seq AND o.user_id = u.actor_id ORDER BY o.option) AS had) c
    ), placed AS (
      SELECT j.*, coalesce(lag(j.options) OVER of_voter, j.had) AS before, lead(j.ord) OVER of_voter IS NULL AS is_last,
        row_number() OVER (PARTITION BY j.room_id, j.room_seq, j.status ORDER BY j.ord) = 1 AS is_first
      FROM judged j WINDOW of_voter AS (PARTITION BY j.room_id, j.room_seq, j.actor_id, j.status ORDER BY j.ord)
    )
    SELECT p.*, CASE WHEN p.status = 'OK' AND p.is_first AND (p.poll).voter_count <= 50 + cardinality(p_votes)
      THEN poll_choices(p.room_id, p.room_seq) END AS choices
    FROM placed p ORDER BY p.room_id, p.room_seq, p.ord
  LOOP
    IF v.room_id IS DISTINCT FROM v_room THEN
      v_room := v.room_id;
      v_room_seq := v.last_room_seq;
    END IF;
    IF v.status = 'OK' AND v.is_first THEN
      v_counts := (v.poll).counts;
      v_voters := (v.poll).voter_count;
      v_choices := v.choices;
    END IF;
    IF v.status = 'OK' AND v.is_last AND v.options <> v.had THEN
      v_changed := array_append(v_changed, p_votes[v.ord]);
    END IF;
    IF v.status <> 'OK' OR v.options = v.before THEN
      outcomes := array_append(outcomes, ROW('vote', v.ord, CASE v.status WHEN 'OK' THEN 'SAME' ELSE v.status END, v_room_seq, v.last_message_seq, v.at,
        v.username, v.display_name, NULL)::change_outcome);
      CONTINUE;
    END IF;
    FOREACH v_option IN ARRAY v.before LOOP
      v_counts[v_option] := v_counts[v_option] - 1;
    END LOOP;
    FOREACH v_option IN ARRAY v.options LOOP
      v_counts[v_option] := v_counts[v_option] + 1;
    END LOOP;
    v_voters := v_voters + (cardinality(v.options) > 0)::int - (cardinality(v.before) > 0)::int;
    v_choices := CASE WHEN cardinality(v.options) > 0 THEN v_choices || jsonb_build_object(v.actor_id, v.options) ELSE v_choices - v.actor_id::text END;
    v_room_seq := v_room_seq + 1;
    outcomes := array_append(outcomes, ROW('vote', v.ord, 'OK', v_room_seq, v.last_message_seq, v.at, v.username, v.display_name, jsonb_build_object(
      'poll', poll_record(v.poll) || jsonb_build_object('counts', v_counts, 'voterCount', v_voters, 'choices', CASE WHEN v_voters <= 50 THEN v_choices END),
      'message', message_record(v.message), 'text', (v.message).text, 'author', CASE WHEN (v.author).id IS NOT NULL THEN user_record(v.author) END))::change_outcome);
  END LOOP;
  IF cardinality(v_changed) > 0 THEN
    -- A join with a table that was empty when it was planned reads the whole index.
    DELETE FROM poll_votes s WHERE s.ctid = ANY (ARRAY(SELECT o.ctid FROM unnest(v_changed) AS x
      CROSS JOIN LATERAL (SELECT o.ctid FROM poll_votes o WHERE o.room_id = x.room_id AND o.room_seq = x.room_seq AND o.user_id = x.actor_id OFFSET 0) o));
    INSERT INTO poll_votes (room_id, room_seq, option, user_id)
    SELECT x.room_id, x.room_seq, o.option, x.actor_id FROM unnest(v_changed) AS x CROSS JOIN LATERAL unnest(x.options) AS o(option);
  END IF;
  FOR v IN SELECT DISTINCT ON (x.room_id, x.room_seq) x.room_id, x.room_seq, o.details -> 'poll' AS poll
    FROM unnest(outcomes) AS o CROSS JOIN LATERAL unnest(p_votes[o.ord:o.ord]) AS x
    WHERE o.status = 'OK' ORDER BY x.room_id, x.room_seq, o.room_seq DESC
  LOOP
    UPDATE polls p SET voter_count = (v.poll ->> 'voterCount')::int, counts = ARRAY(SELECT c::int FROM jsonb_array_elements_text(v.poll -> 'counts') AS c)
    WHERE p.room_id = v.room_id AND p.room_seq = v.room_seq;
  END LOOP;
  -- Nobody sees who has voted in an anonymous poll, nor before hidden results are shown. The choices are in no log.
  INSERT INTO room_events (room_id, room_seq, kind, actor_id, subject, message_seq, stamp, created_at, facts)
  SELECT x.room_id, o.room_seq, 22, CASE WHEN NOT (o.details -> 'poll' ->> 'isAnonymous')::boolean AND NOT (o.details -> 'poll' ->> 'hidesResults')::boolean
    THEN x.actor_id END, x.room_seq, o.message_seq, v_stamp, o.created_at, jsonb_build_object('userId', x.actor_id)
  FROM unnest(outcomes) AS o CROSS JOIN LATERAL unnest(p_votes[o.ord:o.ord]) AS x WHERE o.status = 'OK';
  UPDATE room_heads h SET last_room_seq = x.room_seq, last_at = x.at, last_stamp = v_stamp, top_stamp = greatest(v_stamp, h.top_stamp)
  FROM (SELECT p_votes[o.ord].room_id AS room_id, max(o.room_seq) AS room_seq, max(o.created_at) AS at FROM unnest(outcomes) AS o
    WHERE o.status = 'OK' GROUP BY 1) x WHERE h.room_id = x.room_id;
  RETURN outcomes;
END $$;

-- Closes a poll: for a user, or with NULL because its time is over.
-- status: OK, SAME (it is closed), NOT_FOUND, DELETED, NO_POLL, FORBIDDEN, ARCHIVED, AGAIN (its time is not over)
-- Who may delete the message may close its poll. Time goes on in archived rooms.
CREATE OR REPLACE FUNCTION close_poll(p_room BIGINT, p_room_seq BIGINT, p_actor BIGINT) RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  v RECORD; v_now TIMESTAMPTZ(3);
BEGIN
  PERFORM lock_rooms(ARRAY[p_room], false);
  v_now := clock_timestamp();
  SELECT h.last_room_seq, greatest(v_now, h.last_at) AS at, p.closes_at,
    CASE WHEN h.state = 2 OR old.room_id IS NULL OR p_actor IS NOT NULL
        AND (m.role IS NULL OR m.is_hidden OR coalesce(old.seq < m.visible_from_seq, old.room_seq < m.visible_from_room_seq)) THEN 'NOT_FOUND'
      WHEN old.text IS NULL OR old.expires_at <= v_now THEN 'DELETED'
      WHEN p.room_id IS NULL THEN 'NO_POLL'
      WHEN old.author_id <> p_actor AND (m.permission_bits & 16 = 0 OR coalesce(am.role, 0) >= m.role) THEN 'FORBIDDEN'
      WHEN p.closed_at IS NOT NULL THEN 'SAME'
      WHEN p_actor IS NULL AND (p.closes_at > v_now) IS NOT FALSE THEN 'AGAIN'
      WHEN p_actor IS NOT NULL AND h.state = 1 THEN 'ARCHIVED'
      ELSE 'OK' END AS status
  INTO v FROM room_heads h
  LEFT JOIN LATERAL (SELECT * FROM memberships m WHERE m.room_id = p_room AND m.user_id = p_actor LIMIT 1) m ON true
  LEFT JOIN LATERAL (SELECT * FROM messages old WHERE old.room_id = p_room AND old.room_seq = p_room_seq LIMIT 1) old ON true
  LEFT JOIN LATERAL (SELECT * FROM memberships am WHERE am.room_id = p_room AND am.user_id = old.author_id LIMIT 1) am ON true
  LEFT JOIN LATERAL (SELECT * FROM polls p WHERE p.room_id = p_room AND p.room_seq = p_room_seq LIMIT 1) p ON true
  WHERE h.room_id = p_room;
  status := coalesce(v.status, 'NOT_FOUND');
  room_seq := v.last_room_seq;
  IF status = 'OK' THEN
    UPDATE polls p SET closed_at = least(p.closes_at, v.at) WHERE p.room_id = p_room AND p.room_seq = p_room_seq;
    room_seq := append_room_event(p_room, 22::smallint, p_actor, p_room_seq, NULL);
  END IF;
  RETURN NEXT;
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
          WHEN old.text IS NULL OR old.expires_at <= v_now THEN CASE WHEN u.is_added THEN 'DELETED' ELSE 'SAME' END
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

-- status: OK, NOT_FOUND, FORBIDDEN, ARCHIVED, DIRECT. NULL keeps a value, '' clears the description, 0 the lifetime of new messages.
-- Every member of a direct room can set that lifetime, and nothing else.
CREATE OR REPLACE FUNCTION update_room(p_room BIGINT, p_actor BIGINT, p_name TEXT, p_description TEXT, p_message_lifetime INT DEFAULT NULL)
RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  at room_and_actor := lock_room(p_room, p_actor); v_is_direct BOOLEAN := at.kind = 3; v_is_changed BOOLEAN;
BEGIN
  room_seq := at.last_room_seq;
  status := CASE WHEN at.kind IS NULL THEN 'NOT_FOUND' WHEN v_is_direct AND coalesce(p_name, p_description) IS NOT NULL THEN 'DIRECT'
    WHEN NOT v_is_direct AND coalesce(at.permission_bits, 0) & 8 = 0 THEN 'FORBIDDEN' WHEN at.state = 1 THEN 'ARCHIVED' ELSE 'OK' END;
  IF status = 'OK' THEN
    UPDATE rooms r SET name = coalesce(p_name, r.name), description = nullif(coalesce(p_description, r.description), '')
    WHERE r.id = p_room AND (r.name IS DISTINCT FROM coalesce(p_name, r.name)
      OR r.description IS DISTINCT FROM nullif(coalesce(p_description, r.description), ''));
    v_is_changed := FOUND;
    UPDATE room_heads h SET message_lifetime = nullif(p_message_lifetime, 0)
    WHERE h.room_id = p_room AND p_message_lifetime IS NOT NULL AND h.message_lifetime IS DISTINCT FROM nullif(p_message_lifetime, 0);
    IF FOUND OR v_is_changed THEN
      room_seq := append_room_event(p_room, 2::smallint, p_actor, NULL, NULL);
    END IF;
  END IF;
  RETURN NEXT;
END $$;

-- Rooms and the membership of one user in each: the data for access checks. It is a plain query, so that the planner inlines it.
CREATE OR REPLACE FUNCTION viewed_rooms(p_viewer BIGINT, p_rooms BIGINT[])
RETURNS TABLE (
  "id" BIGINT, "kind" SMALLINT, "name" TEXT, "description" TEXT, "memberCount" INTEGER, "isArchived" BOOLEAN, "isDeleted" BOOLEAN,
  "lastRoomSeq" BIGINT, "lastMessageSeq" BIGINT,
  "roomId" BIGINT, "userId" BIGINT, "role" SMALLINT, "permissions" BIGINT, "joinedAt" TIMESTAMPTZ, "readSeq" BIGINT,
  "deliveredSeq" BIGINT, "fromRoomSeq" BIGINT, "visibleFromRoomSeq" BIGINT, "visibleFromSeq" BIGINT, "isHidden" BOOLEAN,
  "timeoutUntil" BIGINT, "hasEdge" BOOLEAN, "messageLifetime" INTEGER
) LANGUAGE sql STABLE AS $$
  SELECT r.id, r.kind, r.name, r.description, r.member_count, r.archived_at IS NOT NULL, r.deleted_at IS NOT NULL,
    h.last_room_seq, h.last_message_seq,
    m.room_id, m.user_id, m.role, m.permission_bits, m.joined_at, m.read_seq,
    m.delivered_seq, m.from_room_seq, m.visible_from_room_seq, m.visible_from_seq, m.is_hidden,
    timeout_ms(m.timeout_until), EXISTS (SELECT FROM memberships e WHERE e.room_id = r.id AND e.visible_from_seq > 0), h.message_lifetime
  FROM rooms r JOIN room_heads h ON h.room_id = r.id
  LEFT JOIN memberships m ON m.room_id = r.id AND m.user_id = p_viewer
  WHERE r.id = ANY (p_rooms)
$$;

-- Adds a message to those that a user has saved, or removes it.
-- status: OK, SAME, NOT_FOUND (it is not saved, and the user may not see it), DELETED, LIMIT (1000 saved messages)
-- A message that was deleted, or that the user may no longer see, stays saved until the user removes it.
CREATE OR REPLACE FUNCTION save_message(p_user BIGINT, p_room BIGINT, p_room_seq BIGINT, p_is_saved BOOLEAN)
RETURNS TABLE (status TEXT, account_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  member memberships; message messages; v_is_known BOOLEAN;
BEGIN
  PERFORM lock_accounts(ARRAY[p_user]);
  v_is_known := EXISTS (SELECT FROM saved_messages s WHERE s.user_id = p_user AND s.room_id = p_room AND s.room_seq = p_room_seq);
  IF v_is_known THEN
    status := CASE WHEN p_is_saved THEN 'SAME' ELSE 'OK' END;
  ELSE
    SELECT * INTO member FROM memberships m WHERE m.room_id = p_room AND m.user_id = p_user AND NOT m.is_hidden
      AND EXISTS (SELECT FROM room_heads h WHERE h.room_id = p_room AND h.state < 2);
    SELECT * INTO message FROM messages m WHERE m.room_id = p_room AND m.room_seq = p_room_seq;
    status := CASE WHEN member.user_id IS NULL OR message.room_id IS NULL OR message.seq < member.visible_from_seq THEN 'NOT_FOUND'
      WHEN NOT p_is_saved THEN 'SAME'
      WHEN message.text IS NULL OR message.expires_at <= clock_timestamp() THEN 'DELETED'
      WHEN (SELECT count(*) FROM saved_messages s WHERE s.user_id = p_user) > 999 THEN 'LIMIT'
      ELSE 'OK' END;
  END IF;
  IF status = 'OK' THEN
    PERFORM append_account_events(ARRAY[p_user], 10::smallint, p_room, ARRAY[p_room_seq]);
  END IF;
  SELECT a.last_account_seq INTO account_seq FROM account_heads a WHERE a.user_id = p_user;
  IF status = 'OK' AND p_is_saved THEN
    INSERT INTO saved_messages (user_id, room_id, room_seq, save_seq, saved_at) VALUES (p_user, p_room, p_room_seq, account_seq, clock_timestamp());
  ELSIF status = 'OK' THEN
    DELETE FROM saved_messages s WHERE s.user_id = p_user AND s.room_id = p_room AND s.room_seq = p_room_seq;
  END IF;
  RETURN NEXT;
END $$;

-- Posts a batch of replies. The caller holds the locks of the rooms; those in p_busy are locked by somebody else.
-- status: those of apply_posts, NO_THREAD (there is no such message), DELETED (the message was deleted, and has no thread yet)
-- details: rootSeq and threadSeq; seq, if it is also in the main timeline; mentions, if it mentions anybody; expiresAt, if it expires. Of a repeated reply:
--          nothing
-- A reply to a reply belongs to the same thread. Only what is also sent to the room moves its numbers and the author's marks.
-- Every lookup is a LATERAL with a limit: left to choose, the planner scans what was empty when it planned.
CREATE OR REPLACE FUNCTION apply_replies(p_replies thread_reply[], p_busy BIGINT[], p_mentions mention_name[]) RETURNS change_outcome[] LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  v_now TIMESTAMPTZ(3) := clock_timestamp(); v_stamp BIGINT := pg_current_xact_id()::text::bigint;
  v_facts JSONB[]; outcomes change_outcome[]; v_made placed_reply[]; v_expiries message_expiries[];
BEGIN
  IF cardinality(p_mentions) > 0 THEN
    v_facts := mentions_of_posts(ARRAY(SELECT ROW(u.room_id, u.author_id, u.key, u.fingerprint, u.text, u.reply_to)::new_message
      FROM unnest(p_replies) WITH ORDINALITY AS u(room_id, author_id, key, fingerprint, text, reply_to, root_seq, is_in_room, ord) ORDER BY u.ord), p_mentions);
  END IF;
  WITH judged AS (
    SELECT u.room_id, u.author_id, u.key, u.fingerprint, u.text, u.reply_to, u.is_in_room, u.ord, h.last_room_seq, h.last_message_seq,
      greatest(v_now, h.last_at) AS at, greatest(v_now, h.last_at) + h.message_lifetime * interval '1 second' AS expires_at, w.username, w.display_name, o.root_seq, o.root_author_id, coalesce(t.last_thread_seq, 0) AS last_thread_seq,
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
    LEFT JOIN LATERAL (SELECT o.room_seq, o.seq, r.room_seq AS root_seq, r.author_id AS root_author_id, r.text IS NULL OR r.expires_at <= v_now AS root_is_deleted
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
      CASE WHEN n.is_made THEN jsonb_build_object('rootSeq', n.root_seq, 'threadSeq', n.thread_seq, 'seq', n.seq,
        'mentions', v_facts[n.ord], 'expiresAt', timeout_ms(n.expires_at)) END)::change_outcome),
    array_agg(ROW(n.room_id, n.root_seq, n.thread_seq, n.room_seq, n.seq, n.author_id, n.root_author_id, n.at, v_facts[n.ord])::placed_reply)
      FILTER (WHERE n.is_made),
    array_agg(ROW(n.room_id, n.room_seq, n.expires_at)::message_expiries) FILTER (WHERE n.is_made AND n.expires_at IS NOT NULL)
  INTO outcomes, v_made, v_expiries FROM numbered n;
  IF v_made IS NOT NULL THEN
    PERFORM store_replies(v_made);
  END IF;
  IF v_expiries IS NOT NULL THEN
    INSERT INTO message_expiries SELECT * FROM unnest(v_expiries);
  END IF;
  RETURN outcomes;
END $$;
