-- A function may call one that is created after it.
SET LOCAL check_function_bodies = off;

DROP FUNCTION make_changes(boolean,new_message[],message_edit[],message_deletion[],room_join[],message_reaction[],read_mark[],mention_name[],mention_name[],message_pin[],thread_reply[],mention_name[]);

-- Makes a batch of changes in one transaction: one array for each kind, one row for each change, in no order.
-- A refused change is a row that says why, so the others are made. The status BUSY is given to changes of locked rooms.
-- The functions of the kinds are called after the locks, so the snapshots of their statements begin after them.
CREATE OR REPLACE FUNCTION make_changes(p_skip_locked BOOLEAN, p_posts new_message[] DEFAULT '{}', p_edits message_edit[] DEFAULT '{}',
  p_deletions message_deletion[] DEFAULT '{}', p_joins room_join[] DEFAULT '{}', p_reactions message_reaction[] DEFAULT '{}',
  p_marks read_mark[] DEFAULT '{}', p_post_mentions mention_name[] DEFAULT '{}', p_edit_mentions mention_name[] DEFAULT '{}',
  p_pins message_pin[] DEFAULT '{}', p_replies thread_reply[] DEFAULT '{}', p_reply_mentions mention_name[] DEFAULT '{}',
  p_polls new_poll[] DEFAULT '{}', p_poll_mentions mention_name[] DEFAULT '{}', p_votes poll_vote[] DEFAULT '{}')
RETURNS SETOF change_outcome LANGUAGE plpgsql VOLATILE ROWS 256 AS $$
DECLARE
  v_busy BIGINT[];
BEGIN
  IF cardinality(p_joins) > 0 THEN
    PERFORM lock_places(ARRAY(SELECT u.user_id FROM unnest(p_joins) AS u));
  END IF;
  v_busy := lock_rooms(ARRAY(SELECT u.room_id FROM unnest(p_posts) AS u UNION ALL SELECT u.room_id FROM unnest(p_edits) AS u
    UNION ALL SELECT u.room_id FROM unnest(p_deletions) AS u UNION ALL SELECT u.room_id FROM unnest(p_joins) AS u
    UNION ALL SELECT u.room_id FROM unnest(p_reactions) AS u UNION ALL SELECT u.room_id FROM unnest(p_marks) AS u
    UNION ALL SELECT u.room_id FROM unnest(p_pins) AS u UNION ALL SELECT u.room_id FROM unnest(p_replies) AS u
    UNION ALL SELECT u.room_id FROM unnest(p_polls) AS u UNION ALL SELECT u.room_id FROM unnest(p_votes) AS u), p_skip_locked);
  IF cardinality(p_joins) + cardinality(p_marks) > 0 THEN
    -- Of all whose own logs grow by this batch, in one order: the first message of a direct room tells its other members.
    PERFORM lock_accounts(ARRAY(SELECT u.user_id FROM unnest(p_joins) AS u
        WHERE NOT EXISTS (SELECT FROM memberships m WHERE m.room_id = u.room_id AND m.user_id = u.user_id)
      UNION SELECT u.user_id FROM unnest(p_marks) AS u WHERE u.mode <> 'delivered'
      UNION SELECT m.user_id FROM (SELECT u.room_id FROM unnest(p_posts) AS u UNION SELECT u.room_id FROM unnest(p_polls) AS u) AS r
        CROSS JOIN LATERAL (SELECT FROM room_heads h WHERE h.room_id = r.room_id AND h.has_hidden LIMIT 1) AS h
        CROSS JOIN LATERAL (SELECT m.user_id FROM memberships m WHERE m.room_id = r.room_id AND m.is_hidden OFFSET 0) AS m));
  END IF;
  IF cardinality(p_posts) > 0 THEN
    RETURN QUERY SELECT * FROM unnest(apply_posts(p_posts, v_busy, p_post_mentions));
  END IF;
  IF cardinality(p_replies) > 0 THEN
    RETURN QUERY SELECT * FROM unnest(apply_replies(p_replies, v_busy, p_reply_mentions));
  END IF;
  IF cardinality(p_polls) > 0 THEN
    RETURN QUERY SELECT * FROM unnest(apply_polls(p_polls, v_busy, p_poll_mentions));
  END IF;
  IF cardinality(p_edits) > 0 THEN
    RETURN QUERY SELECT * FROM unnest(apply_edits(p_edits, v_busy, p_edit_mentions));
  END IF;
  IF cardinality(p_deletions) > 0 THEN
    RETURN QUERY SELECT * FROM unnest(apply_deletions(p_deletions, v_busy));
  END IF;
  IF cardinality(p_joins) > 0 THEN
    RETURN QUERY SELECT * FROM unnest(apply_joins(p_joins, v_busy));
  END IF;
  IF cardinality(p_reactions) > 0 THEN
    RETURN QUERY SELECT * FROM unnest(apply_reactions(p_reactions, v_busy));
  END IF;
  IF cardinality(p_marks) > 0 THEN
    RETURN QUERY SELECT * FROM unnest(apply_marks(p_marks, v_busy));
  END IF;
  IF cardinality(p_pins) > 0 THEN
    RETURN QUERY SELECT * FROM unnest(apply_pins(p_pins, v_busy));
  END IF;
  IF cardinality(p_votes) > 0 THEN
    RETURN QUERY SELECT * FROM unnest(apply_votes(p_votes, v_busy));
  END IF;
END $$;

-- Removes what is attached to deleted messages: every table that a registration of a satellite names.
CREATE OR REPLACE FUNCTION remove_satellites(p_rooms BIGINT[], p_room_seqs BIGINT[]) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  DELETE FROM reactions s USING unnest(p_rooms, p_room_seqs) AS x(room_id, room_seq) WHERE s.room_id = x.room_id AND s.room_seq = x.room_seq;
  DELETE FROM reaction_groups s USING unnest(p_rooms, p_room_seqs) AS x(room_id, room_seq) WHERE s.room_id = x.room_id AND s.room_seq = x.room_seq;
  -- A join with a table that was empty when it was planned reads the whole index.
  DELETE FROM message_mentions s WHERE s.ctid = ANY (ARRAY(SELECT o.ctid FROM unnest(p_rooms, p_room_seqs) AS x(room_id, room_seq)
    CROSS JOIN LATERAL (SELECT o.ctid FROM message_mentions o WHERE o.room_id = x.room_id AND o.room_seq = x.room_seq OFFSET 0) o));
  DELETE FROM pins s WHERE s.ctid = ANY (ARRAY(SELECT o.ctid FROM unnest(p_rooms, p_room_seqs) AS x(room_id, room_seq)
    CROSS JOIN LATERAL (SELECT o.ctid FROM pins o WHERE o.room_id = x.room_id AND o.room_seq = x.room_seq OFFSET 0) o));
  DELETE FROM polls s WHERE s.ctid = ANY (ARRAY(SELECT o.ctid FROM unnest(p_rooms, p_room_seqs) AS x(room_id, room_seq)
    CROSS JOIN LATERAL (SELECT o.ctid FROM polls o WHERE o.room_id = x.room_id AND o.room_seq = x.room_seq OFFSET 0) o));
  DELETE FROM poll_votes s WHERE s.ctid = ANY (ARRAY(SELECT o.ctid FROM unnest(p_rooms, p_room_seqs) AS x(room_id, room_seq)
    CROSS JOIN LATERAL (SELECT o.ctid FROM poll_votes o WHERE o.room_id = x.room_id AND o.room_seq = x.room_seq OFFSET 0) o));
END $$;

-- Posts a batch of messages with polls, in rooms and in threads. The caller holds the locks of the rooms; those in p_busy are
-- locked by somebody else.
-- status: those of apply_posts and apply_replies, TOO_FAR (it closes in the past, or more than 366 days ahead)
-- details: those of apply_posts or apply_replies
-- Posts and replies are made by the functions of their kinds: a poll costs other messages nothing.
CREATE OR REPLACE FUNCTION apply_polls(p_polls new_poll[], p_busy BIGINT[], p_mentions mention_name[]) RETURNS change_outcome[] LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_now TIMESTAMPTZ(3) := clock_timestamp(); v_refused BIGINT[]; v_ords BIGINT[]; v_mentions mention_name[]; v_made change_outcome[];
  outcomes change_outcome[];
BEGIN
  -- A known key is answered all the same.
  v_refused := ARRAY(SELECT u.ord FROM unnest(p_polls)
      WITH ORDINALITY AS u(room_id, author_id, key, fingerprint, text, reply_to, root_seq, is_in_room, options, max_choices, is_anonymous, hides_results, closes_at, ord)
    WHERE u.closes_at IS NOT NULL AND (u.closes_at <= v_now OR u.closes_at > v_now + interval '366 days') AND u.room_id <> ALL (p_busy)
      AND NOT EXISTS (SELECT FROM messages k WHERE k.room_id = u.room_id AND k.author_id = u.author_id AND k.idempotency_key = u.key COLLATE "C"));
  outcomes := ARRAY(SELECT ROW('poll', o.ord, 'TOO_FAR', NULL, NULL, NULL, NULL, NULL, NULL)::change_outcome FROM unnest(v_refused) AS o(ord));
  FOR v_is_reply IN 0..1 LOOP
    v_ords := ARRAY(SELECT o.ord FROM generate_subscripts(p_polls, 1) AS o(ord)
      WHERE (p_polls[o.ord].root_seq IS NOT NULL)::int = v_is_reply AND o.ord <> ALL (v_refused) ORDER BY o.ord);
    CONTINUE WHEN cardinality(v_ords) = 0;
    v_mentions := ARRAY(SELECT ROW(array_position(v_ords, m.ord::bigint), m.name)::mention_name FROM unnest(p_mentions) AS m WHERE m.ord = ANY (v_ords));
    IF v_is_reply = 0 THEN
      v_made := apply_posts(ARRAY(SELECT ROW(p_polls[o.ord].room_id, p_polls[o.ord].author_id, p_polls[o.ord].key, p_polls[o.ord].fingerprint,
        p_polls[o.ord].text, p_polls[o.ord].reply_to)::new_message FROM unnest(v_ords) AS o(ord)), p_busy, v_mentions);
    ELSE
      v_made := apply_replies(ARRAY(SELECT ROW(p_polls[o.ord].room_id, p_polls[o.ord].author_id, p_polls[o.ord].key, p_polls[o.ord].fingerprint,
        p_polls[o.ord].text, p_polls[o.ord].reply_to, p_polls[o.ord].root_seq, p_polls[o.ord].is_in_room)::thread_reply FROM unnest(v_ords) AS o(ord)), p_busy, v_mentions);
    END IF;
    outcomes := outcomes || ARRAY(SELECT ROW('poll', v_ords[o.ord], o.status, o.room_seq, o.message_seq, o.created_at, o.username, o.display_name,
      o.details)::change_outcome FROM unnest(v_made) AS o);
  END LOOP;
  INSERT INTO polls (room_id, room_seq, options, counts, max_choices, is_anonymous, hides_results, closes_at)
  SELECT u.room_id, o.room_seq, x.options, array_fill(0, ARRAY[cardinality(x.options)]), u.max_choices, u.is_anonymous, u.hides_results, u.closes_at
  FROM unnest(outcomes) AS o CROSS JOIN LATERAL unnest(p_polls[o.ord:o.ord]) AS u
  CROSS JOIN LATERAL (SELECT ARRAY(SELECT jsonb_array_elements_text(u.options::jsonb)) AS options) x
  WHERE o.status = 'OK';
  -- The job of the module polls.
  PERFORM jobs.add_job('close-poll', json_build_object('roomId', p_polls[o.ord].room_id, 'roomSeq', o.room_seq), run_at => p_polls[o.ord].closes_at)
  FROM unnest(outcomes) AS o WHERE o.status = 'OK' AND p_polls[o.ord].closes_at IS NOT NULL;
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
          WHEN old.text IS NULL THEN 'DELETED'
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
      WHEN old.text IS NULL THEN 'DELETED'
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

-- Who has chosen what in a poll: an object of user ids and places of options.
CREATE OR REPLACE FUNCTION poll_choices(p_room BIGINT, p_room_seq BIGINT) RETURNS JSONB LANGUAGE sql STABLE AS $$
  SELECT coalesce(jsonb_object_agg(v.user_id, v.options), '{}')
  FROM (SELECT v.user_id, jsonb_agg(v.option ORDER BY v.option) AS options FROM poll_votes v
    WHERE v.room_id = p_room AND v.room_seq = p_room_seq GROUP BY v.user_id) v
$$;

-- A poll in the form of events. Times are in ms since 1970.
CREATE OR REPLACE FUNCTION poll_record(p_poll polls) RETURNS JSONB LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('options', p_poll.options, 'counts', p_poll.counts, 'voterCount', p_poll.voter_count, 'maxChoices', p_poll.max_choices,
    'isAnonymous', p_poll.is_anonymous, 'hidesResults', p_poll.hides_results, 'closesAt', timeout_ms(p_poll.closes_at),
    'closedAt', timeout_ms(p_poll.closed_at))
$$;
