-- The same for a batch of one, as at rest: one partition is opened instead of all sixteen, twice. It waits for the lock.
CREATE OR REPLACE FUNCTION post_message(p_room BIGINT, p_author BIGINT, p_key TEXT, p_fingerprint UUID, p_text TEXT, p_reply_to BIGINT)
RETURNS TABLE (status SMALLINT, room_seq BIGINT, seq BIGINT, created_at TIMESTAMPTZ, username TEXT, display_name TEXT)
LANGUAGE plpgsql VOLATILE ROWS 1
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
  head room_heads; known RECORD; v_quoted BIGINT; v_now TIMESTAMPTZ(3); v_stamp BIGINT;
BEGIN
  SELECT * INTO head FROM room_heads h WHERE h.room_id = p_room FOR NO KEY UPDATE;
  -- A statement of its own, hence with a snapshot from after the lock.
  SELECT m.role, m.is_hidden, m.permission_bits, m.timeout_until, m.visible_from_seq,
    k.room_seq, k.seq, k.created_at, k.fingerprint, w.username, w.display_name INTO known
  FROM users w
  LEFT JOIN memberships m ON m.room_id = p_room AND m.user_id = p_author
  LEFT JOIN messages k ON k.room_id = p_room AND k.author_id = p_author AND k.idempotency_key = p_key COLLATE "C"
  WHERE w.id = p_author;
  v_now := greatest(clock_timestamp(), head.last_at);
  IF p_reply_to IS NOT NULL THEN
    SELECT r.seq INTO v_quoted FROM messages r WHERE r.room_id = p_room AND r.room_seq = p_reply_to;
  END IF;
  status := CASE WHEN known.fingerprint = p_fingerprint THEN 1 WHEN known.fingerprint IS NOT NULL THEN 2
    WHEN known.role IS NULL OR known.is_hidden OR head.state = 2 THEN 3 WHEN head.state = 1 THEN 4
    WHEN known.permission_bits & 1 = 0 THEN 5 WHEN known.timeout_until > clock_timestamp() THEN 6
    WHEN greatest(head.last_room_seq, head.last_message_seq) >= 2147473647 THEN 10
    WHEN p_reply_to IS NOT NULL AND (v_quoted IS NULL OR v_quoted < known.visible_from_seq) THEN 8
    ELSE 0 END;
  IF status = 0 THEN
    room_seq := head.last_room_seq + 1; seq := head.last_message_seq + 1; created_at := v_now;
    username := known.username; display_name := known.display_name;
    v_stamp := pg_current_xact_id()::text::bigint;
    WITH message AS (
      INSERT INTO messages (room_id, room_seq, seq, author_id, idempotency_key, fingerprint, text, reply_to_room_seq, created_at)
      VALUES (p_room, post_message.room_seq, post_message.seq, p_author, p_key, p_fingerprint, p_text, p_reply_to, v_now)
    ), event AS (
      INSERT INTO room_events (room_id, room_seq, kind, actor_id, subject, message_seq, stamp, created_at)
      VALUES (p_room, post_message.room_seq, 5, p_author, post_message.room_seq, post_message.seq, v_stamp, v_now)
    ), marker AS (
      UPDATE memberships m SET read_seq = post_message.seq, delivered_seq = greatest(m.delivered_seq, post_message.seq)
      WHERE m.room_id = p_room AND m.user_id = p_author AND m.read_seq < post_message.seq
    )
    UPDATE room_heads h SET last_room_seq = post_message.room_seq, last_message_seq = post_message.seq, last_at = v_now, last_stamp = v_stamp,
      top_stamp = greatest(v_stamp, h.top_stamp)
    WHERE h.room_id = p_room;
    IF head.has_hidden THEN
      PERFORM reveal_direct_rooms(ARRAY[p_room]);
    END IF;
  ELSIF status = 1 THEN
    room_seq := known.room_seq; seq := known.seq; created_at := known.created_at;
  END IF;
  RETURN NEXT;
END $$;
