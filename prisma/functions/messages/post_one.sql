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
