CREATE TYPE message_reaction AS (room_id BIGINT, room_seq BIGINT, actor_id BIGINT, emoji TEXT, is_added BOOLEAN);

-- CreateTable
CREATE TABLE "reactions" (
    "room_id" BIGINT NOT NULL,
    "room_seq" BIGINT NOT NULL,
    "emoji" TEXT NOT NULL,
    "user_id" BIGINT NOT NULL,

    CONSTRAINT "reactions_pkey" PRIMARY KEY ("room_id","room_seq","emoji","user_id")
);

-- CreateTable
CREATE TABLE "reaction_groups" (
    "room_id" BIGINT NOT NULL,
    "room_seq" BIGINT NOT NULL,
    "emoji" TEXT NOT NULL,
    "count" INTEGER NOT NULL,
    "first_seq" BIGINT NOT NULL,

    CONSTRAINT "reaction_groups_pkey" PRIMARY KEY ("room_id","room_seq","emoji")
);

-- CreateIndex
CREATE INDEX "reactions_user_id_idx" ON "reactions"("user_id");

-- A function may call one that is created after it.
SET LOCAL check_function_bodies = off;

DROP FUNCTION make_changes(boolean,new_message[],message_edit[],message_deletion[],room_join[]);

-- Makes a batch of changes in one transaction: one array for each kind, one row for each change, in no order.
-- A refused change is a row that says why, so the others are made. The status BUSY is given to changes of locked rooms.
-- The functions of the kinds are called after the locks, so the snapshots of their statements begin after them.
CREATE OR REPLACE FUNCTION make_changes(p_skip_locked BOOLEAN, p_posts new_message[] DEFAULT '{}', p_edits message_edit[] DEFAULT '{}',
  p_deletions message_deletion[] DEFAULT '{}', p_joins room_join[] DEFAULT '{}', p_reactions message_reaction[] DEFAULT '{}')
RETURNS SETOF change_outcome LANGUAGE plpgsql VOLATILE ROWS 256 AS $$
DECLARE
  v_busy BIGINT[];
BEGIN
  IF cardinality(p_joins) > 0 THEN
    PERFORM lock_places(ARRAY(SELECT u.user_id FROM unnest(p_joins) AS u));
  END IF;
  v_busy := lock_rooms(ARRAY(SELECT u.room_id FROM unnest(p_posts) AS u UNION ALL SELECT u.room_id FROM unnest(p_edits) AS u
    UNION ALL SELECT u.room_id FROM unnest(p_deletions) AS u UNION ALL SELECT u.room_id FROM unnest(p_joins) AS u
    UNION ALL SELECT u.room_id FROM unnest(p_reactions) AS u), p_skip_locked);
  IF cardinality(p_joins) > 0 THEN
    -- Of all who hear of a room by this batch, in one order: the first message of a direct room tells its other members.
    PERFORM lock_accounts(ARRAY(SELECT u.user_id FROM unnest(p_joins) AS u
        WHERE NOT EXISTS (SELECT FROM memberships m WHERE m.room_id = u.room_id AND m.user_id = u.user_id)
      UNION SELECT m.user_id FROM unnest(p_posts) AS u JOIN room_heads h ON h.room_id = u.room_id AND h.has_hidden
        JOIN memberships m ON m.room_id = h.room_id AND m.is_hidden));
  END IF;
  IF cardinality(p_posts) > 0 THEN
    RETURN QUERY SELECT * FROM unnest(apply_posts(p_posts, v_busy));
  END IF;
  IF cardinality(p_edits) > 0 THEN
    RETURN QUERY SELECT * FROM unnest(apply_edits(p_edits, v_busy));
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
END $$;

-- Deletes a batch of messages. The caller holds the locks of the rooms; those in p_busy are locked by somebody else.
-- status: OK, SAME (it is deleted already), BUSY, NOT_FOUND, FORBIDDEN, ARCHIVED, FULL
-- Authors may delete their own messages, members with that right those of lower ranks. The event also shows the author's names.
CREATE OR REPLACE FUNCTION apply_deletions(p_deletions message_deletion[], p_busy BIGINT[]) RETURNS change_outcome[] LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  v_now TIMESTAMPTZ(3) := clock_timestamp(); v_stamp BIGINT := pg_current_xact_id()::text::bigint; outcomes change_outcome[];
BEGIN
  WITH judged AS (
    SELECT u.*, h.last_room_seq, h.last_message_seq, greatest(v_now, h.last_at) AS at, old.version AS old_version, old.text AS old_text,
      w.username, w.display_name, a.username AS author_username, a.display_name AS author_name, a.deleted_at AS author_deleted_at,
      CASE WHEN u.room_id = ANY (p_busy) THEN 'BUSY'
        WHEN m.role IS NULL OR m.is_hidden OR old.room_id IS NULL OR h.state = 2 OR old.seq < m.visible_from_seq THEN 'NOT_FOUND'
        WHEN old.author_id <> u.actor_id AND (m.permission_bits & 16 = 0 OR coalesce(am.role, 0) >= m.role) THEN 'FORBIDDEN'
        WHEN old.text IS NULL THEN 'SAME'
        WHEN h.state = 1 THEN 'ARCHIVED'
        WHEN h.last_room_seq > max_seq() - cardinality(p_deletions) THEN 'FULL'
        ELSE 'OK' END AS status
    FROM unnest(p_deletions) WITH ORDINALITY AS u(room_id, room_seq, actor_id, ord)
    LEFT JOIN room_heads h ON h.room_id = u.room_id
    LEFT JOIN memberships m ON m.room_id = u.room_id AND m.user_id = u.actor_id
    LEFT JOIN users w ON w.id = u.actor_id
    LEFT JOIN messages old ON old.room_id = u.room_id AND old.room_seq = u.room_seq
    LEFT JOIN memberships am ON am.room_id = u.room_id AND am.user_id = old.author_id
    LEFT JOIN users a ON a.id = old.author_id
  ), once AS (
    SELECT j.*, j.status = 'OK' AND row_number() OVER (PARTITION BY j.room_id, j.room_seq, j.status ORDER BY j.ord) = 1 AS is_made FROM judged j
  ), numbered AS MATERIALIZED (
    SELECT j.*, j.last_room_seq + count(*) FILTER (WHERE j.is_made) OVER (PARTITION BY j.room_id ORDER BY j.ord) AS new_room_seq FROM once j
  ), made AS MATERIALIZED (
    SELECT * FROM numbered n WHERE n.is_made
  ), revision AS (
    INSERT INTO message_revisions SELECT n.room_id, n.room_seq, n.old_version, n.old_text, n.at, n.actor_id FROM made n
  ), message AS (
    UPDATE messages m SET text = NULL, version = m.version + 1, deleted_at = n.at
    FROM made n WHERE m.room_id = n.room_id AND m.room_seq = n.room_seq
    RETURNING n.ord, message_record(m) || jsonb_build_object('author', jsonb_build_object('id', m.author_id, 'username', n.author_username,
      'displayName', n.author_name, 'deletedAt', timeout_ms(n.author_deleted_at))) AS record
  ), event AS (
    INSERT INTO room_events (room_id, room_seq, kind, actor_id, subject, message_seq, stamp, created_at)
    SELECT n.room_id, n.new_room_seq, 7, n.actor_id, n.room_seq, n.last_message_seq, v_stamp, n.at FROM made n
  ), head AS (
    UPDATE room_heads h SET last_room_seq = x.room_seq, last_at = x.at, last_stamp = v_stamp, top_stamp = greatest(v_stamp, h.top_stamp)
    FROM (SELECT n.room_id, max(n.new_room_seq) AS room_seq, max(n.at) AS at FROM made n GROUP BY n.room_id) x WHERE h.room_id = x.room_id
  )
  SELECT array_agg(ROW('deletion', n.ord, CASE WHEN n.status = 'OK' AND NOT n.is_made THEN 'SAME' ELSE n.status END, n.new_room_seq, n.last_message_seq, n.at, n.username, n.display_name, m.record)::change_outcome)
  INTO outcomes FROM numbered n LEFT JOIN message m ON m.ord = n.ord;
  PERFORM remove_satellites(array_agg(u.room_id), array_agg(u.room_seq))
  FROM unnest(p_deletions) WITH ORDINALITY AS u(room_id, room_seq, actor_id, ord) JOIN unnest(outcomes) AS o ON o.ord = u.ord AND o.status = 'OK'
  HAVING count(*) > 0;
  RETURN outcomes;
END $$;

-- Removes what is attached to deleted messages: every table that a registration in src/satellites.ts names.
CREATE OR REPLACE FUNCTION remove_satellites(p_rooms BIGINT[], p_room_seqs BIGINT[]) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  DELETE FROM reactions s USING unnest(p_rooms, p_room_seqs) AS x(room_id, room_seq) WHERE s.room_id = x.room_id AND s.room_seq = x.room_seq;
  DELETE FROM reaction_groups s USING unnest(p_rooms, p_room_seqs) AS x(room_id, room_seq) WHERE s.room_id = x.room_id AND s.room_seq = x.room_seq;
END $$;

-- Adds and removes a batch of reactions, one after the other. The caller holds the locks of the rooms; those in p_busy are
-- locked by somebody else.
-- status: OK, SAME, BUSY, NOT_FOUND, DELETED, ARCHIVED, FORBIDDEN, TIMED_OUT, LIMIT (20 emoji under the message), FULL
-- Adding speaks to the room: it needs the right to post. Members may always take back their own.
CREATE OR REPLACE FUNCTION apply_reactions(p_reactions message_reaction[], p_busy BIGINT[]) RETURNS change_outcome[] LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  given RECORD; head room_heads; member memberships; message messages; actor users; author users;
  v_facts JSONB; outcome change_outcome; outcomes change_outcome[] := '{}';
BEGIN
  FOR given IN SELECT u.* FROM unnest(p_reactions) WITH ORDINALITY AS u(room_id, room_seq, actor_id, emoji, is_added, ord) ORDER BY u.ord LOOP
    SELECT * INTO head FROM room_heads h WHERE h.room_id = given.room_id;
    SELECT * INTO member FROM memberships m WHERE m.room_id = given.room_id AND m.user_id = given.actor_id AND NOT m.is_hidden;
    SELECT * INTO message FROM messages m WHERE m.room_id = given.room_id AND m.room_seq = given.room_seq;
    SELECT * INTO actor FROM users w WHERE w.id = given.actor_id;
    outcome := NULL;
    outcome.kind := 'reaction'; outcome.ord := given.ord; outcome.room_seq := head.last_room_seq; outcome.message_seq := head.last_message_seq;
    outcome.username := actor.username; outcome.display_name := actor.display_name;
    outcome.status := CASE WHEN given.room_id = ANY (p_busy) THEN 'BUSY'
      WHEN member.room_id IS NULL OR message.room_id IS NULL OR head.state = 2 OR message.seq < member.visible_from_seq THEN 'NOT_FOUND'
      WHEN message.text IS NULL THEN CASE WHEN given.is_added THEN 'DELETED' ELSE 'SAME' END
      WHEN head.state = 1 THEN 'ARCHIVED'
      WHEN head.last_room_seq >= max_seq() - cardinality(p_reactions) THEN 'FULL'
      WHEN NOT given.is_added THEN 'OK'
      ELSE post_status(member.role, member.is_hidden, member.permission_bits, member.timeout_until, head.state, clock_timestamp()) END;
    IF outcome.status = 'OK' AND given.is_added AND (SELECT count(*) >= 20 AND bool_and(g.emoji <> given.emoji)
        FROM reaction_groups g WHERE g.room_id = given.room_id AND g.room_seq = given.room_seq) THEN
      outcome.status := 'LIMIT';
    END IF;
    IF outcome.status = 'OK' AND NOT set_reaction(given.room_id, given.room_seq, given.actor_id, given.emoji, given.is_added, head.last_room_seq + 1) THEN
      outcome.status := 'SAME';
    END IF;
    IF outcome.status = 'OK' THEN
      v_facts := reaction_facts(given.room_id, given.room_seq, given.emoji)
        || jsonb_build_object('userId', given.actor_id, 'isAdded', given.is_added);
      outcome.room_seq := append_room_event(given.room_id, 11::smallint, given.actor_id, given.room_seq, v_facts);
      SELECT h.last_at INTO outcome.created_at FROM room_heads h WHERE h.room_id = given.room_id;
      SELECT * INTO author FROM users a WHERE a.id = message.author_id;
      outcome.details := jsonb_build_object('facts', v_facts, 'message', message_record(message) || jsonb_build_object('text', message.text),
        'author', jsonb_build_object('id', author.id, 'username', author.username, 'displayName', author.display_name,
          'deletedAt', timeout_ms(author.deleted_at)));
    ELSIF outcome.status = 'SAME' THEN
      outcome.details := jsonb_build_object('facts', reaction_facts(given.room_id, given.room_seq, given.emoji));
    END IF;
    outcomes := outcomes || outcome;
  END LOOP;
  RETURN outcomes;
END $$;

-- Removes reactions of erased users, at most p_limit, each with its event. Returns how many there were.
CREATE OR REPLACE FUNCTION erase_reactions(p_limit INT) RETURNS BIGINT LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  gone reactions[] := ARRAY(SELECT r FROM users u JOIN reactions r ON r.user_id = u.id WHERE u.deleted_at IS NOT NULL LIMIT p_limit);
  r reactions; head room_heads;
BEGIN
  PERFORM lock_rooms(ARRAY(SELECT u.room_id FROM unnest(gone) AS u), false);
  FOREACH r IN ARRAY gone LOOP
    SELECT * INTO head FROM room_heads h WHERE h.room_id = r.room_id;
    IF set_reaction(r.room_id, r.room_seq, r.user_id, r.emoji, false, head.last_room_seq + 1) AND head.state < 2 THEN
      PERFORM append_room_event(r.room_id, 11::smallint, NULL, r.room_seq,
        reaction_facts(r.room_id, r.room_seq, r.emoji) || jsonb_build_object('userId', r.user_id, 'isAdded', false));
    END IF;
  END LOOP;
  RETURN cardinality(gone);
END $$;

-- A group of reactions, as an event shows it. reactorIds is NULL where there are more than 50.
CREATE OR REPLACE FUNCTION reaction_facts(p_room BIGINT, p_room_seq BIGINT, p_emoji TEXT) RETURNS JSONB LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_count INT := coalesce((SELECT g.count FROM reaction_groups g WHERE g.room_id = p_room AND g.room_seq = p_room_seq AND g.emoji = p_emoji), 0);
BEGIN
  RETURN jsonb_build_object('emoji', p_emoji, 'count', v_count, 'reactorIds', CASE WHEN v_count <= 50 THEN to_jsonb(ARRAY(
    SELECT r.user_id FROM reactions r WHERE r.room_id = p_room AND r.room_seq = p_room_seq AND r.emoji = p_emoji ORDER BY r.user_id)) END);
END $$;

-- Adds or removes one reaction and counts it. Returns whether anything changed. The caller holds the lock of the room.
CREATE OR REPLACE FUNCTION set_reaction(p_room BIGINT, p_room_seq BIGINT, p_user BIGINT, p_emoji TEXT, p_is_added BOOLEAN, p_log_seq BIGINT)
RETURNS BOOLEAN LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  IF p_is_added THEN
    INSERT INTO reactions (room_id, room_seq, emoji, user_id) VALUES (p_room, p_room_seq, p_emoji, p_user) ON CONFLICT DO NOTHING;
    IF FOUND THEN
      INSERT INTO reaction_groups AS g (room_id, room_seq, emoji, count, first_seq) VALUES (p_room, p_room_seq, p_emoji, 1, p_log_seq)
      ON CONFLICT (room_id, room_seq, emoji) DO UPDATE SET count = g.count + 1;
      RETURN true;
    END IF;
    RETURN false;
  END IF;
  DELETE FROM reactions WHERE room_id = p_room AND room_seq = p_room_seq AND emoji = p_emoji AND user_id = p_user;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  DELETE FROM reaction_groups WHERE room_id = p_room AND room_seq = p_room_seq AND emoji = p_emoji AND count = 1;
  IF NOT FOUND THEN
    UPDATE reaction_groups SET count = count - 1 WHERE room_id = p_room AND room_seq = p_room_seq AND emoji = p_emoji;
  END IF;
  RETURN true;
END $$;
