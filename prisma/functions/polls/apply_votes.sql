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
