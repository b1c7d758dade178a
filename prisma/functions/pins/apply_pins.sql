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
