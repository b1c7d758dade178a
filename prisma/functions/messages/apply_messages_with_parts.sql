-- Posts a batch of messages with parts, in rooms and in threads. The caller holds the locks of the rooms; those in p_busy are
-- locked by somebody else.
-- status: those of apply_posts and apply_replies, and those of the parts (TOO_FAR, NO_ORIGIN, LIMIT)
-- details: those of apply_posts or apply_replies
-- Posts and replies are made by the functions of their kinds: parts cost other messages nothing.
-- A part has a function that stores it (store_polls), and one that may refuse it (poll_status).
CREATE OR REPLACE FUNCTION apply_messages_with_parts(p_messages message_with_parts[], p_busy BIGINT[], p_mentions mention_name[]) RETURNS change_outcome[] LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_now TIMESTAMPTZ(3) := clock_timestamp(); v_refused change_outcome[]; v_ords BIGINT[]; v_mentions mention_name[]; v_made change_outcome[];
  v_parts message_part[]; v_names TEXT[]; outcomes change_outcome[];
BEGIN
  -- A known key is answered all the same.
  v_refused := ARRAY(SELECT ROW('message_with_parts', u.ord, s.status, NULL, NULL, NULL, NULL, NULL, NULL)::change_outcome
    FROM unnest(p_messages) WITH ORDINALITY AS u(room_id, author_id, key, fingerprint, text, reply_to, root_seq, is_in_room, parts, ord)
    CROSS JOIN LATERAL (SELECT coalesce(poll_status(u.parts -> 'poll', v_now), forward_status(u.parts -> 'forward'),
      CASE WHEN u.parts -> 'location' ->> 'liveForSeconds' IS NOT NULL THEN location_status(u.room_id, u.author_id, v_now,
        (SELECT count(*) FROM generate_series(1, u.ord - 1) AS e(ord) WHERE p_messages[e.ord].room_id = u.room_id
          AND p_messages[e.ord].author_id = u.author_id AND p_messages[e.ord].parts -> 'location' ->> 'liveForSeconds' IS NOT NULL)) END) AS status OFFSET 0) s
    WHERE s.status IS NOT NULL AND u.room_id <> ALL (p_busy)
      AND NOT EXISTS (SELECT FROM messages k WHERE k.room_id = u.room_id AND k.author_id = u.author_id AND k.idempotency_key = u.key COLLATE "C"));
  outcomes := v_refused;
  FOR v_is_reply IN 0..1 LOOP
    v_ords := ARRAY(SELECT o.ord FROM generate_subscripts(p_messages, 1) AS o(ord)
      WHERE (p_messages[o.ord].root_seq IS NOT NULL)::int = v_is_reply AND o.ord <> ALL (ARRAY(SELECT r.ord FROM unnest(v_refused) AS r)) ORDER BY o.ord);
    CONTINUE WHEN cardinality(v_ords) = 0;
    v_mentions := ARRAY(SELECT ROW(array_position(v_ords, m.ord::bigint), m.name)::mention_name FROM unnest(p_mentions) AS m WHERE m.ord = ANY (v_ords));
    IF v_is_reply = 0 THEN
      v_made := apply_posts(ARRAY(SELECT ROW(p_messages[o.ord].room_id, p_messages[o.ord].author_id, p_messages[o.ord].key, p_messages[o.ord].fingerprint,
        p_messages[o.ord].text, p_messages[o.ord].reply_to)::new_message FROM unnest(v_ords) AS o(ord)), p_busy, v_mentions);
    ELSE
      v_made := apply_replies(ARRAY(SELECT ROW(p_messages[o.ord].room_id, p_messages[o.ord].author_id, p_messages[o.ord].key, p_messages[o.ord].fingerprint,
        p_messages[o.ord].text, p_messages[o.ord].reply_to, p_messages[o.ord].root_seq, p_messages[o.ord].is_in_room)::thread_reply
        FROM unnest(v_ords) AS o(ord)), p_busy, v_mentions);
    END IF;
    outcomes := outcomes || ARRAY(SELECT ROW('message_with_parts', v_ords[o.ord], o.status, o.room_seq, o.message_seq, o.created_at, o.username,
      o.display_name, o.details)::change_outcome FROM unnest(v_made) AS o);
  END LOOP;
  v_parts := ARRAY(SELECT ROW(u.room_id, o.room_seq, o.created_at, p.key, p.value)::message_part
    FROM unnest(outcomes) AS o CROSS JOIN LATERAL unnest(p_messages[o.ord:o.ord]) AS u CROSS JOIN LATERAL jsonb_each(u.parts) AS p WHERE o.status = 'OK');
  v_names := ARRAY(SELECT DISTINCT p.name FROM unnest(v_parts) AS p);
  -- Each stores those of its name.
  IF 'poll' = ANY (v_names) THEN
    PERFORM store_polls(v_parts);
  END IF;
  IF 'metadata' = ANY (v_names) THEN
    PERFORM store_metadata(v_parts);
  END IF;
  IF 'forward' = ANY (v_names) THEN
    PERFORM store_forwards(v_parts);
  END IF;
  IF 'location' = ANY (v_names) THEN
    PERFORM store_locations(v_parts);
  END IF;
  IF 'lifetime' = ANY (v_names) THEN
    PERFORM store_lifetimes(v_parts);
  END IF;
  RETURN outcomes;
END $$;
