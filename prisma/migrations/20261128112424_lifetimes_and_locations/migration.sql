-- CreateTable
CREATE TABLE "message_locations" (
    "room_id" BIGINT NOT NULL,
    "room_seq" BIGINT NOT NULL,
    "latitude" DOUBLE PRECISION NOT NULL,
    "longitude" DOUBLE PRECISION NOT NULL,
    "accuracy_meters" DOUBLE PRECISION,
    "label" TEXT,
    "ends_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),
    "position" JSONB,

    CONSTRAINT "message_locations_pkey" PRIMARY KEY ("room_id","room_seq")
);

-- A function may call one that is created after it.
SET LOCAL check_function_bodies = off;

-- Ends a live location: for its author, or with NULL because its time is over.
-- status: OK, SAME (it has ended), NOT_FOUND, NOT_AUTHOR, NO_LOCATION (it has no live location), AGAIN (its time is not over)
-- Time goes on in archived rooms, and there the author can end it, too.
CREATE OR REPLACE FUNCTION end_live_location(p_room BIGINT, p_room_seq BIGINT, p_actor BIGINT) RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  v RECORD; v_now TIMESTAMPTZ(3);
BEGIN
  PERFORM lock_rooms(ARRAY[p_room], false);
  v_now := clock_timestamp();
  SELECT h.last_room_seq, greatest(v_now, h.last_at) AS at, l.ends_at,
    CASE WHEN h.state = 2 OR old.room_id IS NULL OR p_actor IS NOT NULL
        AND (m.role IS NULL OR m.is_hidden OR coalesce(old.seq < m.visible_from_seq, old.room_seq < m.visible_from_room_seq)) THEN 'NOT_FOUND'
      WHEN old.author_id <> p_actor THEN 'NOT_AUTHOR'
      WHEN l.ends_at IS NULL OR old.text IS NULL OR old.expires_at <= v_now THEN 'NO_LOCATION'
      WHEN l.ended_at IS NOT NULL THEN 'SAME'
      WHEN p_actor IS NULL AND l.ends_at > v_now THEN 'AGAIN'
      ELSE 'OK' END AS status
  INTO v FROM room_heads h
  LEFT JOIN LATERAL (SELECT * FROM memberships m WHERE m.room_id = p_room AND m.user_id = p_actor LIMIT 1) m ON true
  LEFT JOIN LATERAL (SELECT * FROM messages old WHERE old.room_id = p_room AND old.room_seq = p_room_seq LIMIT 1) old ON true
  LEFT JOIN LATERAL (SELECT * FROM message_locations l WHERE l.room_id = p_room AND l.room_seq = p_room_seq LIMIT 1) l ON true
  WHERE h.room_id = p_room;
  status := coalesce(v.status, 'NOT_FOUND');
  room_seq := v.last_room_seq;
  IF status = 'OK' THEN
    UPDATE message_locations l SET ended_at = least(l.ends_at, v.at) WHERE l.room_id = p_room AND l.room_seq = p_room_seq;
    room_seq := append_room_event(p_room, 23::smallint, p_actor, p_room_seq, NULL);
  END IF;
  RETURN NEXT;
END $$;

-- Replaces the position of a live location by a newer one.
-- status: OK, NOT_FOUND, NOT_AUTHOR, NO_LOCATION (it has no live location), CLOSED (it has ended), TIMED_OUT, ARCHIVED
-- There is no event. The row is locked, so a position is stored before the end or refused; deleting the message deletes the row.
CREATE OR REPLACE FUNCTION move_live_location(p_room BIGINT, p_room_seq BIGINT, p_actor BIGINT, p_position JSONB) RETURNS TEXT LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  v_status TEXT; v_ends_at TIMESTAMPTZ; v_now TIMESTAMPTZ(3) := clock_timestamp();
BEGIN
  SELECT l.ends_at, CASE WHEN old.author_id <> p_actor THEN 'NOT_AUTHOR' WHEN l.ends_at IS NULL OR old.text IS NULL OR old.expires_at <= v_now THEN 'NO_LOCATION'
    ELSE nullif(post_status(m.role, m.is_hidden, m.permission_bits | 1, m.timeout_until, h.state, v_now), 'OK') END INTO v_ends_at, v_status
  FROM room_heads h CROSS JOIN LATERAL (SELECT * FROM messages old WHERE old.room_id = p_room AND old.room_seq = p_room_seq LIMIT 1) old
  CROSS JOIN LATERAL (SELECT * FROM memberships m WHERE m.room_id = p_room AND m.user_id = p_actor LIMIT 1) m
  LEFT JOIN LATERAL (SELECT * FROM message_locations l WHERE l.room_id = p_room AND l.room_seq = p_room_seq LIMIT 1) l ON true
  WHERE h.room_id = p_room AND NOT m.is_hidden AND h.state < 2 AND NOT coalesce(old.seq < m.visible_from_seq, old.room_seq < m.visible_from_room_seq);
  IF NOT FOUND THEN
    RETURN 'NOT_FOUND';
  END IF;
  IF v_status IS NULL THEN
    UPDATE message_locations l SET position = p_position || jsonb_build_object('at', timeout_ms(v_now))
    WHERE l.room_id = p_room AND l.room_seq = p_room_seq AND l.ended_at IS NULL AND l.ends_at > v_now;
    v_status := CASE WHEN FOUND THEN 'OK' ELSE 'CLOSED' END;
  END IF;
  RETURN v_status;
END $$;

-- Stores the locations of new messages, and adds the jobs of the module locations that end live ones.
CREATE OR REPLACE FUNCTION store_locations(p_parts message_part[]) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  INSERT INTO message_locations (room_id, room_seq, latitude, longitude, accuracy_meters, label, ends_at)
  SELECT p.room_id, p.room_seq, (p.content ->> 'latitude')::float8, (p.content ->> 'longitude')::float8, (p.content ->> 'accuracyMeters')::float8,
    p.content ->> 'label', p.created_at + (p.content ->> 'liveForSeconds')::int * interval '1 second'
  FROM unnest(p_parts) AS p WHERE p.name = 'location';
  PERFORM jobs.add_job('end-live-location', json_build_object('roomId', p.room_id, 'roomSeq', p.room_seq),
    run_at => p.created_at + (p.content ->> 'liveForSeconds')::int * interval '1 second')
  FROM unnest(p_parts) AS p WHERE p.name = 'location' AND p.content ->> 'liveForSeconds' IS NOT NULL;
END $$;

-- Posts a batch of messages with parts, in rooms and in threads. The caller holds the locks of the rooms; those in p_busy are
-- locked by somebody else.
-- status: those of apply_posts and apply_replies, and those of the parts (TOO_FAR, NO_ORIGIN)
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
    CROSS JOIN LATERAL (SELECT coalesce(poll_status(u.parts -> 'poll', v_now), forward_status(u.parts -> 'forward')) AS status OFFSET 0) s
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
  DELETE FROM message_metadata s WHERE s.ctid = ANY (ARRAY(SELECT o.ctid FROM unnest(p_rooms, p_room_seqs) AS x(room_id, room_seq)
    CROSS JOIN LATERAL (SELECT o.ctid FROM message_metadata o WHERE o.room_id = x.room_id AND o.room_seq = x.room_seq OFFSET 0) o));
  PERFORM remove_forwards(p_rooms, p_room_seqs);
  DELETE FROM message_locations s WHERE s.ctid = ANY (ARRAY(SELECT o.ctid FROM unnest(p_rooms, p_room_seqs) AS x(room_id, room_seq)
    CROSS JOIN LATERAL (SELECT o.ctid FROM message_locations o WHERE o.room_id = x.room_id AND o.room_seq = x.room_seq OFFSET 0) o));
END $$;

-- Lets new messages expire at their own time, where that is before the time of their room.
CREATE OR REPLACE FUNCTION store_lifetimes(p_parts message_part[]) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  FOR i IN 1..cardinality(p_parts) LOOP
    CONTINUE WHEN p_parts[i].name <> 'lifetime';
    UPDATE messages m SET expires_at = least(m.expires_at, p_parts[i].created_at + (p_parts[i].content ->> 'seconds')::int * interval '1 second')
    WHERE m.room_id = p_parts[i].room_id AND m.room_seq = p_parts[i].room_seq;
    INSERT INTO message_expiries AS e (room_id, room_seq, expires_at)
    VALUES (p_parts[i].room_id, p_parts[i].room_seq, p_parts[i].created_at + (p_parts[i].content ->> 'seconds')::int * interval '1 second')
    ON CONFLICT (room_id, room_seq) DO UPDATE SET expires_at = least(e.expires_at, excluded.expires_at);
  END LOOP;
END $$;

-- The live locations of a room that have not ended.
CREATE INDEX message_locations_live_idx ON message_locations (room_id, room_seq) WHERE ends_at IS NOT NULL AND ended_at IS NULL;
