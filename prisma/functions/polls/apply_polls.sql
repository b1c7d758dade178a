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
