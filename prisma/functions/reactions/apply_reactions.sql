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
