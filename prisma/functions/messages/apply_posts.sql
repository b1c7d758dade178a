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
