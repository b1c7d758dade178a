-- Moves the read and delivered marks of members. The caller holds the locks of the rooms and of the users' own logs; rooms in
-- p_busy are locked by somebody else.
-- status: OK, SAME (it is there, or beyond), BUSY, NOT_FOUND, BEYOND (there is no such message yet), TOO_FAR (a mark moves back by
--         10000 messages at most)
-- details: the membership; accountSeq of the event where the read mark moved. A delivered mark has no event.
-- Marks of one member are moved one after the other: the second of them in a second round.
-- Every lookup is a LATERAL with a limit: left to choose, the planner scans what was empty when it planned.
CREATE OR REPLACE FUNCTION apply_marks(p_marks read_mark[], p_busy BIGINT[]) RETURNS change_outcome[] LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  v_now TIMESTAMPTZ(3) := clock_timestamp();
  v_rounds INT := (SELECT max(x.n) FROM (SELECT count(*) AS n FROM unnest(p_marks) AS u GROUP BY u.room_id, u.user_id) x);
  outcomes change_outcome[] := '{}'; v_more change_outcome[];
BEGIN
  FOR v_round IN 1..v_rounds LOOP
    WITH given AS (
      SELECT u.*, row_number() OVER (PARTITION BY u.room_id, u.user_id ORDER BY u.ord) AS round
      FROM unnest(p_marks) WITH ORDINALITY AS u(room_id, user_id, mode, seq, ord)
    ), judged AS (
      SELECT u.*, h.last_room_seq, h.last_message_seq, m.role, m.joined_at, m.read_seq, m.delivered_seq, m.own_above, m.own_until, a.last_account_seq,
        CASE WHEN u.room_id = ANY (p_busy) THEN 'BUSY'
          WHEN m.role IS NULL OR m.is_hidden OR h.state = 2 THEN 'NOT_FOUND'
          WHEN u.seq > h.last_message_seq THEN 'BEYOND'
          WHEN u.mode = 'delivered' THEN CASE WHEN u.seq > m.delivered_seq THEN 'OK' ELSE 'SAME' END
          WHEN u.mode = 'read' THEN CASE WHEN u.seq > m.read_seq THEN 'OK' ELSE 'SAME' END
          WHEN u.seq >= m.read_seq THEN 'SAME'
          WHEN u.seq < h.last_message_seq - 10000 THEN 'TOO_FAR'
          ELSE 'OK' END AS status
      FROM given u
      LEFT JOIN LATERAL (SELECT * FROM room_heads h WHERE h.room_id = u.room_id LIMIT 1) h ON true
      LEFT JOIN LATERAL (SELECT * FROM memberships m WHERE m.room_id = u.room_id AND m.user_id = u.user_id LIMIT 1) m ON true
      LEFT JOIN LATERAL (SELECT * FROM account_heads a WHERE a.user_id = u.user_id LIMIT 1) a ON true
      WHERE u.round = v_round
    ), passed AS (
      SELECT j.*, j.status = 'OK' AND j.mode <> 'delivered' AS is_read,
        -- Own messages that the mark passes: a post moves it to the end, so there are some only where it was moved back.
        CASE WHEN j.status = 'OK' AND (j.mode = 'unread' OR j.mode = 'read' AND j.own_above > 0) THEN (SELECT count(*) FROM messages o
          WHERE o.room_id = j.room_id AND o.seq > least(j.seq, j.read_seq) AND o.seq <= least(greatest(j.seq, j.read_seq), greatest(j.own_until, j.read_seq))
            AND o.author_id = j.user_id AND o.text IS NOT NULL) ELSE 0 END AS passed
      FROM judged j
    ), numbered AS MATERIALIZED (
      SELECT p.*, CASE WHEN p.is_read THEN p.seq ELSE p.read_seq END AS new_read_seq,
        CASE WHEN p.status = 'OK' AND p.mode <> 'unread' THEN greatest(p.delivered_seq, p.seq) ELSE p.delivered_seq END AS new_delivered_seq,
        count(*) FILTER (WHERE p.is_read) OVER (PARTITION BY p.user_id ORDER BY p.ord) AS nth_of_user
      FROM passed p
    ), made AS MATERIALIZED (
      SELECT * FROM numbered n WHERE n.status = 'OK'
    ), mark AS (
      UPDATE memberships m SET read_seq = n.new_read_seq, delivered_seq = n.new_delivered_seq,
        own_above = CASE n.mode WHEN 'unread' THEN n.own_above + n.passed WHEN 'read' THEN n.own_above - n.passed ELSE n.own_above END,
        own_until = CASE n.mode WHEN 'unread' THEN greatest(n.own_until, n.read_seq) ELSE n.own_until END
      FROM made n WHERE m.room_id = n.room_id AND m.user_id = n.user_id
    ), account AS (
      UPDATE account_heads a SET last_account_seq = a.last_account_seq + x.told
      FROM (SELECT n.user_id, count(*) AS told FROM made n WHERE n.is_read GROUP BY n.user_id) x WHERE a.user_id = x.user_id
    ), account_event AS (
      INSERT INTO account_events (user_id, account_seq, kind, room_id, room_seq, created_at)
      SELECT n.user_id, n.last_account_seq + n.nth_of_user, 3, n.room_id, n.last_room_seq, v_now FROM made n WHERE n.is_read
    )
    SELECT array_agg(ROW('mark', n.ord, n.status, n.last_room_seq, n.last_message_seq, v_now, NULL, NULL,
      CASE WHEN n.status IN ('OK', 'SAME') THEN jsonb_build_object('role', n.role, 'joinedAt', timeout_ms(n.joined_at), 'readSeq', n.new_read_seq,
        'deliveredSeq', n.new_delivered_seq, 'accountSeq', n.last_account_seq + n.nth_of_user) END)::change_outcome)
    INTO v_more FROM numbered n;
    outcomes := outcomes || v_more;
  END LOOP;
  RETURN outcomes;
END $$;
