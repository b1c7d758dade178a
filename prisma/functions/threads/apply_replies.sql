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
