-- CreateTable
CREATE TABLE "message_metadata" (
    "room_id" BIGINT NOT NULL,
    "room_seq" BIGINT NOT NULL,
    "entries" JSONB NOT NULL,

    CONSTRAINT "message_metadata_pkey" PRIMARY KEY ("room_id","room_seq")
);

-- A function may call one that is created after it.
SET LOCAL check_function_bodies = off;

DROP FUNCTION apply_polls(new_poll[],bigint[],mention_name[]);

DROP FUNCTION make_changes(boolean,new_message[],message_edit[],message_deletion[],room_join[],message_reaction[],read_mark[],mention_name[],mention_name[],message_pin[],thread_reply[],mention_name[],new_poll[],mention_name[],poll_vote[]);

-- Makes a batch of changes in one transaction: one array for each kind, one row for each change, in no order.
-- A refused change is a row that says why, so the others are made. The status BUSY is given to changes of locked rooms.
-- The functions of the kinds are called after the locks, so the snapshots of their statements begin after them.
CREATE OR REPLACE FUNCTION make_changes(p_skip_locked BOOLEAN, p_posts new_message[] DEFAULT '{}', p_edits message_edit[] DEFAULT '{}',
  p_deletions message_deletion[] DEFAULT '{}', p_joins room_join[] DEFAULT '{}', p_reactions message_reaction[] DEFAULT '{}',
  p_marks read_mark[] DEFAULT '{}', p_post_mentions mention_name[] DEFAULT '{}', p_edit_mentions mention_name[] DEFAULT '{}',
  p_pins message_pin[] DEFAULT '{}', p_replies thread_reply[] DEFAULT '{}', p_reply_mentions mention_name[] DEFAULT '{}',
  p_messages_with_parts message_with_parts[] DEFAULT '{}', p_part_mentions mention_name[] DEFAULT '{}', p_votes poll_vote[] DEFAULT '{}')
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
    UNION ALL SELECT u.room_id FROM unnest(p_messages_with_parts) AS u UNION ALL SELECT u.room_id FROM unnest(p_votes) AS u), p_skip_locked);
  IF cardinality(p_joins) + cardinality(p_marks) > 0 THEN
    -- Of all whose own logs grow by this batch, in one order: the first message of a direct room tells its other members.
    PERFORM lock_accounts(ARRAY(SELECT u.user_id FROM unnest(p_joins) AS u
        WHERE NOT EXISTS (SELECT FROM memberships m WHERE m.room_id = u.room_id AND m.user_id = u.user_id)
      UNION SELECT u.user_id FROM unnest(p_marks) AS u WHERE u.mode <> 'delivered'
      UNION SELECT m.user_id FROM (SELECT u.room_id FROM unnest(p_posts) AS u UNION SELECT u.room_id FROM unnest(p_messages_with_parts) AS u) AS r
        CROSS JOIN LATERAL (SELECT FROM room_heads h WHERE h.room_id = r.room_id AND h.has_hidden LIMIT 1) AS h
        CROSS JOIN LATERAL (SELECT m.user_id FROM memberships m WHERE m.room_id = r.room_id AND m.is_hidden OFFSET 0) AS m));
  END IF;
  IF cardinality(p_posts) > 0 THEN
    RETURN QUERY SELECT * FROM unnest(apply_posts(p_posts, v_busy, p_post_mentions));
  END IF;
  IF cardinality(p_replies) > 0 THEN
    RETURN QUERY SELECT * FROM unnest(apply_replies(p_replies, v_busy, p_reply_mentions));
  END IF;
  IF cardinality(p_messages_with_parts) > 0 THEN
    RETURN QUERY SELECT * FROM unnest(apply_messages_with_parts(p_messages_with_parts, v_busy, p_part_mentions));
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

-- Posts a batch of messages with parts, in rooms and in threads. The caller holds the locks of the rooms; those in p_busy are
-- locked by somebody else.
-- status: those of apply_posts and apply_replies, and those of the parts (TOO_FAR)
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
    CROSS JOIN LATERAL (SELECT poll_status(u.parts -> 'poll', v_now) AS status OFFSET 0) s
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
END $$;

-- Stores the metadata of new messages.
CREATE OR REPLACE FUNCTION store_metadata(p_parts message_part[]) RETURNS VOID LANGUAGE sql VOLATILE AS $$
  INSERT INTO message_metadata (room_id, room_seq, entries)
  SELECT p.room_id, p.room_seq, p.content FROM unnest(p_parts) AS p WHERE p.name = 'metadata'
$$;

-- Why a message cannot have that poll: TOO_FAR (it closes in the past, or more than 366 days ahead). NULL where it can.
CREATE OR REPLACE FUNCTION poll_status(p_poll JSONB, p_now TIMESTAMPTZ) RETURNS TEXT LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN (p_poll ->> 'closesAt')::timestamptz <= p_now OR (p_poll ->> 'closesAt')::timestamptz > p_now + interval '366 days' THEN 'TOO_FAR' END
$$;

-- Stores the polls of new messages, and adds the jobs of the module polls that close them.
CREATE OR REPLACE FUNCTION store_polls(p_parts message_part[]) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  INSERT INTO polls (room_id, room_seq, options, counts, max_choices, is_anonymous, hides_results, closes_at)
  SELECT p.room_id, p.room_seq, x.options, array_fill(0, ARRAY[cardinality(x.options)]), (p.content ->> 'maxChoices')::int,
    (p.content ->> 'isAnonymous')::boolean, (p.content ->> 'hidesResults')::boolean, (p.content ->> 'closesAt')::timestamptz
  FROM unnest(p_parts) AS p
  CROSS JOIN LATERAL (SELECT ARRAY(SELECT jsonb_array_elements_text(p.content -> 'options')) AS options) x
  WHERE p.name = 'poll';
  PERFORM jobs.add_job('close-poll', json_build_object('roomId', p.room_id, 'roomSeq', p.room_seq), run_at => (p.content ->> 'closesAt')::timestamptz)
  FROM unnest(p_parts) AS p WHERE p.name = 'poll' AND p.content ->> 'closesAt' IS NOT NULL;
END $$;

DROP TYPE new_poll;
