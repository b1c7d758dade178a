-- AlterTable
ALTER TABLE "memberships" ADD COLUMN     "hidden_at_seq" BIGINT,
ADD COLUMN     "mentioned_seq" BIGINT NOT NULL DEFAULT 0,
ADD COLUMN     "muted_until" TIMESTAMPTZ(3),
ADD COLUMN     "own_above" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "own_until" BIGINT NOT NULL DEFAULT 0,
ADD COLUMN     "pinned_at" TIMESTAMPTZ(3),
ADD COLUMN     "shares_receipts" BOOLEAN;

-- AlterTable
ALTER TABLE "room_heads" ADD COLUMN     "last_call_seq" BIGINT NOT NULL DEFAULT 0,
ADD COLUMN     "last_deleted_seq" BIGINT NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "users" ADD COLUMN     "shares_receipts" BOOLEAN NOT NULL DEFAULT true;

-- CreateTable
CREATE TABLE "message_mentions" (
    "room_id" BIGINT NOT NULL,
    "room_seq" BIGINT NOT NULL,
    "user_id" BIGINT NOT NULL,

    CONSTRAINT "message_mentions_pkey" PRIMARY KEY ("room_id","room_seq","user_id")
);

-- CreateTable
CREATE TABLE "tallies" (
    "room_id" BIGINT NOT NULL,
    "subject" BIGINT NOT NULL,
    "level" SMALLINT NOT NULL,
    "block" BIGINT NOT NULL,
    "count" BIGINT NOT NULL,

    CONSTRAINT "tallies_pkey" PRIMARY KEY ("room_id","subject","level","block")
);

-- CreateIndex
CREATE INDEX "message_mentions_user_id_idx" ON "message_mentions"("user_id");

-- A function may call one that is created after it.
SET LOCAL check_function_bodies = off;

DROP FUNCTION apply_edits(message_edit[],bigint[]);

DROP FUNCTION apply_posts(new_message[],bigint[]);

DROP FUNCTION make_changes(boolean,new_message[],message_edit[],message_deletion[],room_join[],message_reaction[]);

-- Makes a batch of changes in one transaction: one array for each kind, one row for each change, in no order.
-- A refused change is a row that says why, so the others are made. The status BUSY is given to changes of locked rooms.
-- The functions of the kinds are called after the locks, so the snapshots of their statements begin after them.
CREATE OR REPLACE FUNCTION make_changes(p_skip_locked BOOLEAN, p_posts new_message[] DEFAULT '{}', p_edits message_edit[] DEFAULT '{}',
  p_deletions message_deletion[] DEFAULT '{}', p_joins room_join[] DEFAULT '{}', p_reactions message_reaction[] DEFAULT '{}',
  p_marks read_mark[] DEFAULT '{}', p_post_mentions mention_name[] DEFAULT '{}', p_edit_mentions mention_name[] DEFAULT '{}')
RETURNS SETOF change_outcome LANGUAGE plpgsql VOLATILE ROWS 256 AS $$
DECLARE
  v_busy BIGINT[];
BEGIN
  IF cardinality(p_joins) > 0 THEN
    PERFORM lock_places(ARRAY(SELECT u.user_id FROM unnest(p_joins) AS u));
  END IF;
  v_busy := lock_rooms(ARRAY(SELECT u.room_id FROM unnest(p_posts) AS u UNION ALL SELECT u.room_id FROM unnest(p_edits) AS u
    UNION ALL SELECT u.room_id FROM unnest(p_deletions) AS u UNION ALL SELECT u.room_id FROM unnest(p_joins) AS u
    UNION ALL SELECT u.room_id FROM unnest(p_reactions) AS u UNION ALL SELECT u.room_id FROM unnest(p_marks) AS u), p_skip_locked);
  IF cardinality(p_joins) + cardinality(p_marks) > 0 THEN
    -- Of all whose own logs grow by this batch, in one order: the first message of a direct room tells its other members.
    PERFORM lock_accounts(ARRAY(SELECT u.user_id FROM unnest(p_joins) AS u
        WHERE NOT EXISTS (SELECT FROM memberships m WHERE m.room_id = u.room_id AND m.user_id = u.user_id)
      UNION SELECT u.user_id FROM unnest(p_marks) AS u WHERE u.mode <> 'delivered'
      UNION SELECT m.user_id FROM (SELECT DISTINCT u.room_id FROM unnest(p_posts) AS u) AS r
        CROSS JOIN LATERAL (SELECT FROM room_heads h WHERE h.room_id = r.room_id AND h.has_hidden LIMIT 1) AS h
        CROSS JOIN LATERAL (SELECT m.user_id FROM memberships m WHERE m.room_id = r.room_id AND m.is_hidden OFFSET 0) AS m));
  END IF;
  IF cardinality(p_posts) > 0 THEN
    RETURN QUERY SELECT * FROM unnest(apply_posts(p_posts, v_busy, p_post_mentions));
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
END $$;

-- Puts messages into the sets of those that mention somebody, or takes them out. Set -1 has those that mention all members.
CREATE OR REPLACE FUNCTION count_mentions(p_rooms BIGINT[], p_seqs BIGINT[], p_facts JSONB[], p_by INT) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_rooms BIGINT[]; v_subjects BIGINT[]; v_seqs BIGINT[];
BEGIN
  SELECT array_agg(x.room_id), array_agg(u.id::bigint), array_agg(x.seq) INTO v_rooms, v_subjects, v_seqs
  FROM unnest(p_rooms, p_seqs, p_facts) AS x(room_id, seq, facts)
  CROSS JOIN LATERAL (SELECT '-1' WHERE (x.facts ->> 'isEverybody')::boolean
    UNION ALL SELECT jsonb_array_elements_text(x.facts -> 'userIds') WHERE NOT (x.facts ->> 'isEverybody')::boolean) AS u(id);
  IF v_rooms IS NULL THEN
    RETURN;
  END IF;
  IF p_by > 0 THEN
    PERFORM add_to_tallies(v_rooms, v_subjects, v_seqs);
  ELSE
    PERFORM remove_from_tallies(v_rooms, v_subjects, v_seqs);
  END IF;
END $$;

-- Removes mentions of erased users, at most p_limit. Returns how many there were.
CREATE OR REPLACE FUNCTION erase_mentions(p_limit INT) RETURNS BIGINT LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  gone message_mentions[] := ARRAY(SELECT s FROM users u JOIN message_mentions s ON s.user_id = u.id WHERE u.deleted_at IS NOT NULL LIMIT p_limit);
BEGIN
  DELETE FROM message_mentions s USING unnest(gone) AS g WHERE s.room_id = g.room_id AND s.room_seq = g.room_seq AND s.user_id = g.user_id;
  RETURN cardinality(gone);
END $$;

-- Whom a message mentions, of these names: members but the author; '' stands for all members, where the author may mention them.
-- NULL where it is nobody.
CREATE OR REPLACE FUNCTION mention_facts(p_room BIGINT, p_author BIGINT, p_names TEXT[]) RETURNS JSONB LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_ids BIGINT[] := ARRAY(SELECT w.id FROM unnest(p_names) AS n(name)
    CROSS JOIN LATERAL (SELECT w.id FROM users w WHERE lower(w.username COLLATE "C") = n.name COLLATE "C" AND w.deleted_at IS NULL LIMIT 1) w
    CROSS JOIN LATERAL (SELECT FROM memberships m WHERE m.room_id = p_room AND m.user_id = w.id LIMIT 1) m
    WHERE w.id <> p_author ORDER BY w.id);
  v_all BOOLEAN := '' = ANY (p_names)
    AND (SELECT m.permission_bits & 128 = 0 FROM memberships m WHERE m.room_id = p_room AND m.user_id = p_author) IS FALSE;
BEGIN
  RETURN CASE WHEN v_all OR cardinality(v_ids) > 0 THEN jsonb_build_object('userIds', v_ids, 'isEverybody', v_all) END;
END $$;

-- The same of a batch of edits: an edit mentions whom its text names, whoever its author is.
CREATE OR REPLACE FUNCTION mentions_of_edits(p_edits message_edit[], p_mentions mention_name[]) RETURNS JSONB[] LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_facts JSONB[] := array_fill(NULL::jsonb, ARRAY[cardinality(p_edits)]); named RECORD;
BEGIN
  FOR named IN SELECT u.ord, array_agg(u.name) AS names FROM unnest(p_mentions) AS u GROUP BY u.ord LOOP
    v_facts[named.ord] := mention_facts(p_edits[named.ord].room_id, p_edits[named.ord].actor_id, named.names);
  END LOOP;
  RETURN v_facts;
END $$;

-- Whom each post of a batch mentions, by its place; NULL where it is nobody.
CREATE OR REPLACE FUNCTION mentions_of_posts(p_posts new_message[], p_mentions mention_name[]) RETURNS JSONB[] LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_facts JSONB[] := array_fill(NULL::jsonb, ARRAY[cardinality(p_posts)]); named RECORD;
BEGIN
  FOR named IN SELECT u.ord, array_agg(u.name) AS names FROM unnest(p_mentions) AS u GROUP BY u.ord LOOP
    v_facts[named.ord] := mention_facts(p_posts[named.ord].room_id, p_posts[named.ord].author_id, named.names);
  END LOOP;
  RETURN v_facts;
END $$;

-- Stores whom edited messages mention now, in place of those that they did before. The caller holds the locks of the rooms.
CREATE OR REPLACE FUNCTION replace_mentions(p_rooms BIGINT[], p_room_seqs BIGINT[], p_seqs BIGINT[], p_facts JSONB[]) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  -- A join with a table that was empty when it was planned reads the whole index.
  DELETE FROM message_mentions s WHERE s.ctid = ANY (ARRAY(SELECT o.ctid FROM unnest(p_rooms, p_room_seqs) AS x(room_id, room_seq)
    CROSS JOIN LATERAL (SELECT o.ctid FROM message_mentions o WHERE o.room_id = x.room_id AND o.room_seq = x.room_seq OFFSET 0) o));
  PERFORM count_mentions(array_agg(x.room_id), array_agg(x.seq), array_agg(x.facts -> 'was'), -1)
  FROM unnest(p_rooms, p_seqs, p_facts) AS x(room_id, seq, facts) WHERE x.facts -> 'was' <> 'null' HAVING count(*) > 0;
  PERFORM store_mentions(array_agg(x.room_id), array_agg(x.room_seq), array_agg(x.seq), array_agg(x.facts -> 'now'))
  FROM unnest(p_rooms, p_room_seqs, p_seqs, p_facts) AS x(room_id, room_seq, seq, facts) WHERE x.facts -> 'now' <> 'null' HAVING count(*) > 0;
END $$;

-- Stores whom messages mention: rows for those who show it, and tallies for those who count it. A message that mentions all
-- members counts once for each. The caller holds the locks of the rooms.
CREATE OR REPLACE FUNCTION store_mentions(p_rooms BIGINT[], p_room_seqs BIGINT[], p_seqs BIGINT[], p_facts JSONB[]) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  INSERT INTO message_mentions (room_id, room_seq, user_id)
  SELECT x.room_id, x.room_seq, u.id::bigint FROM unnest(p_rooms, p_room_seqs, p_facts) AS x(room_id, room_seq, facts)
  CROSS JOIN LATERAL (SELECT jsonb_array_elements_text(x.facts -> 'userIds') UNION ALL SELECT '0' WHERE (x.facts ->> 'isEverybody')::boolean) AS u(id);
  UPDATE room_heads h SET last_call_seq = greatest(h.last_call_seq, x.seq)
  FROM (SELECT x.room_id, max(x.seq) AS seq FROM unnest(p_rooms, p_seqs, p_facts) AS x(room_id, seq, facts)
    WHERE (x.facts ->> 'isEverybody')::boolean GROUP BY x.room_id) x WHERE h.room_id = x.room_id;
  UPDATE memberships m SET mentioned_seq = greatest(m.mentioned_seq, x.seq)
  FROM (SELECT x.room_id, u.id::bigint AS user_id, max(x.seq) AS seq FROM unnest(p_rooms, p_seqs, p_facts) AS x(room_id, seq, facts)
    CROSS JOIN LATERAL jsonb_array_elements_text(x.facts -> 'userIds') AS u(id) GROUP BY 1, 2) x
  WHERE m.room_id = x.room_id AND m.user_id = x.user_id;
  PERFORM count_mentions(p_rooms, p_seqs, p_facts, 1);
END $$;

-- Whom a message mentions, as mention_facts returned it.
CREATE OR REPLACE FUNCTION stored_mentions(p_room BIGINT, p_room_seq BIGINT) RETURNS JSONB LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN count(*) > 0 THEN jsonb_build_object(
    'userIds', coalesce(jsonb_agg(s.user_id ORDER BY s.user_id) FILTER (WHERE s.user_id > 0), '[]'), 'isEverybody', bool_or(s.user_id = 0)) END
  -- OFFSET keeps the order of users out of this query: for it, a plan made for an empty table reads the index by users.
  FROM (SELECT s.user_id FROM message_mentions s WHERE s.room_id = p_room AND s.room_seq = p_room_seq OFFSET 0) s
$$;

-- Deletes a batch of messages. The caller holds the locks of the rooms; those in p_busy are locked by somebody else.
-- status: OK, SAME (it is deleted already), BUSY, NOT_FOUND, FORBIDDEN, ARCHIVED, FULL
-- Authors may delete their own messages, members with that right those of lower ranks.
-- details: the message before; where somebody else deletes it, also its author; as mentions whom it mentioned, if anybody
-- Every lookup is a LATERAL with a limit: left to choose, the planner scans what was empty when it planned.
CREATE OR REPLACE FUNCTION apply_deletions(p_deletions message_deletion[], p_busy BIGINT[]) RETURNS change_outcome[] LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  v_now TIMESTAMPTZ(3) := clock_timestamp(); v_stamp BIGINT := pg_current_xact_id()::text::bigint;
  outcomes change_outcome[]; v_rooms BIGINT[]; v_room_seqs BIGINT[]; v_seqs BIGINT[]; v_mentions JSONB[];
BEGIN
  WITH judged AS (
    SELECT u.*, h.last_room_seq, h.last_message_seq, greatest(v_now, h.last_at) AS at, old.version AS old_version, old.text AS old_text, old.author_id, old.seq,
      CASE WHEN old.author_id = u.actor_id THEN message_record(old.message)
        ELSE message_record(old.message) || jsonb_build_object('author', user_record(a.author)) END AS record, w.username, w.display_name, s.mentions,
      CASE WHEN u.room_id = ANY (p_busy) THEN 'BUSY'
        WHEN m.role IS NULL OR m.is_hidden OR old.room_id IS NULL OR h.state = 2 OR old.seq < m.visible_from_seq THEN 'NOT_FOUND'
        WHEN old.author_id <> u.actor_id AND (m.permission_bits & 16 = 0 OR coalesce(am.role, 0) >= m.role) THEN 'FORBIDDEN'
        WHEN old.text IS NULL THEN 'SAME'
        WHEN h.state = 1 THEN 'ARCHIVED'
        WHEN h.last_room_seq > max_seq() - cardinality(p_deletions) THEN 'FULL'
        ELSE 'OK' END AS status
    FROM unnest(p_deletions) WITH ORDINALITY AS u(room_id, room_seq, actor_id, ord)
    LEFT JOIN LATERAL (SELECT * FROM room_heads h WHERE h.room_id = u.room_id LIMIT 1) h ON true
    LEFT JOIN LATERAL (SELECT * FROM memberships m WHERE m.room_id = u.room_id AND m.user_id = u.actor_id LIMIT 1) m ON true
    LEFT JOIN LATERAL (SELECT * FROM users w WHERE w.id = u.actor_id LIMIT 1) w ON true
    LEFT JOIN LATERAL (SELECT old.*, old AS message FROM messages old WHERE old.room_id = u.room_id AND old.room_seq = u.room_seq LIMIT 1) old ON true
    LEFT JOIN LATERAL (SELECT * FROM memberships am
      WHERE old.author_id <> u.actor_id AND am.room_id = u.room_id AND am.user_id = old.author_id LIMIT 1) am ON true
    LEFT JOIN LATERAL stored_mentions(old.room_id, old.room_seq) AS s(mentions) ON true
    LEFT JOIN LATERAL (SELECT a AS author FROM users a WHERE old.author_id <> u.actor_id AND a.id = old.author_id LIMIT 1) a ON true
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
  ), event AS (
    INSERT INTO room_events (room_id, room_seq, kind, actor_id, subject, message_seq, stamp, created_at, facts)
    SELECT n.room_id, n.new_room_seq, 7, n.actor_id, n.room_seq, n.last_message_seq, v_stamp, n.at, n.mentions FROM made n
  ), head AS (
    UPDATE room_heads h SET last_room_seq = x.room_seq, last_at = x.at, last_stamp = v_stamp, top_stamp = greatest(v_stamp, h.top_stamp),
      last_deleted_seq = greatest(x.seq, h.last_deleted_seq)
    FROM (SELECT n.room_id, max(n.new_room_seq) AS room_seq, max(n.at) AS at, max(n.seq) AS seq FROM made n GROUP BY n.room_id) x
    WHERE h.room_id = x.room_id
  ), mark AS (
    -- Of authors whose mark was moved back.
    UPDATE memberships m SET own_above = m.own_above - x.gone
    FROM (SELECT n.room_id, n.author_id, o.read_seq, count(*) AS gone FROM made n
      CROSS JOIN LATERAL (SELECT * FROM memberships o WHERE o.room_id = n.room_id AND o.user_id = n.author_id AND o.own_above > 0 LIMIT 1) o
      WHERE n.seq > o.read_seq GROUP BY n.room_id, n.author_id, o.read_seq) x
    WHERE m.room_id = x.room_id AND m.user_id = x.author_id
  )
  SELECT array_agg(ROW('deletion', n.ord, CASE WHEN n.status = 'OK' AND NOT n.is_made THEN 'SAME' ELSE n.status END, n.new_room_seq,
      n.last_message_seq, n.at, n.username, n.display_name,
      CASE WHEN n.mentions IS NULL THEN n.record ELSE n.record || jsonb_build_object('mentions', n.mentions) END)::change_outcome),
    array_agg(n.room_id) FILTER (WHERE n.is_made), array_agg(n.room_seq) FILTER (WHERE n.is_made),
    array_agg(n.seq) FILTER (WHERE n.is_made), array_agg(n.mentions) FILTER (WHERE n.is_made)
  INTO outcomes, v_rooms, v_room_seqs, v_seqs, v_mentions FROM numbered n;
  IF v_rooms IS NOT NULL THEN
    PERFORM remove_satellites(v_rooms, v_room_seqs);
    PERFORM count_mentions(v_rooms, v_seqs, v_mentions, -1);
    PERFORM add_to_tallies(v_rooms, array_fill(0::bigint, ARRAY[cardinality(v_rooms)]), v_seqs);
  END IF;
  RETURN outcomes;
END $$;

-- Edits a batch of messages. The caller holds the locks of the rooms; those in p_busy are locked by somebody else.
-- status: OK, SAME, BUSY, NOT_FOUND, NOT_AUTHOR, ARCHIVED, DELETED, FORBIDDEN, TIMED_OUT, VERSION (the version was passed by), FULL
-- An edit speaks to the room like a post: it needs the right to post. SAME repeats what the same author already made of it.
-- details: the message before; as mentions what the event says of them, if the message mentions anybody now or did before
-- Edits of one message are judged one after the other: the second of them in a second round.
-- Every lookup is a LATERAL with a limit: left to choose, the planner scans what was empty when it planned.
CREATE OR REPLACE FUNCTION apply_edits(p_edits message_edit[], p_busy BIGINT[], p_mentions mention_name[]) RETURNS change_outcome[] LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  v_now TIMESTAMPTZ(3) := clock_timestamp(); v_stamp BIGINT := pg_current_xact_id()::text::bigint;
  v_rounds INT := (SELECT max(x.n) FROM (SELECT count(*) AS n FROM unnest(p_edits) AS u GROUP BY u.room_id, u.room_seq) x);
  v_mentions JSONB[]; outcomes change_outcome[] := '{}'; v_more change_outcome[];
BEGIN
  IF cardinality(p_mentions) > 0 THEN
    v_mentions := mentions_of_edits(p_edits, p_mentions);
  END IF;
  FOR v_round IN 1..v_rounds LOOP
    WITH given AS (
      SELECT u.*, row_number() OVER (PARTITION BY u.room_id, u.room_seq ORDER BY u.ord) AS round
      FROM unnest(p_edits) WITH ORDINALITY AS u(room_id, room_seq, actor_id, text, expected_version, ord)
    ), judged AS (
      SELECT u.*, h.last_room_seq, h.last_message_seq, greatest(v_now, h.last_at) AS at, old.version AS old_version, old.text AS old_text,
        message_record(old.message) AS record, w.username, w.display_name, s.was,
        CASE WHEN u.room_id = ANY (p_busy) THEN 'BUSY'
          WHEN m.role IS NULL OR m.is_hidden OR old.room_id IS NULL OR h.state = 2 OR old.seq < m.visible_from_seq THEN 'NOT_FOUND'
          WHEN old.author_id <> u.actor_id THEN 'NOT_AUTHOR'
          WHEN h.state = 1 THEN 'ARCHIVED'
          WHEN old.text IS NULL THEN 'DELETED'
          ELSE coalesce(nullif(post_status(m.role, m.is_hidden, m.permission_bits, m.timeout_until, h.state, v_now), 'OK'), CASE
            WHEN old.text = u.text AND (u.expected_version IS NULL OR u.expected_version IN (old.version, old.version - 1)) THEN 'SAME'
            WHEN u.expected_version <> old.version THEN 'VERSION'
            WHEN h.last_room_seq > max_seq() - cardinality(p_edits) THEN 'FULL'
            ELSE 'OK' END) END AS status
      FROM given u
      LEFT JOIN LATERAL (SELECT * FROM room_heads h WHERE h.room_id = u.room_id LIMIT 1) h ON true
      LEFT JOIN LATERAL (SELECT * FROM memberships m WHERE m.room_id = u.room_id AND m.user_id = u.actor_id LIMIT 1) m ON true
      LEFT JOIN LATERAL (SELECT * FROM users w WHERE w.id = u.actor_id LIMIT 1) w ON true
      LEFT JOIN LATERAL (SELECT old.*, old AS message FROM messages old WHERE old.room_id = u.room_id AND old.room_seq = u.room_seq LIMIT 1) old ON true
      LEFT JOIN LATERAL stored_mentions(old.room_id, old.room_seq) AS s(was) ON true
      WHERE u.round = v_round
    ), numbered AS MATERIALIZED (
      SELECT j.*, CASE WHEN coalesce(j.was, v_mentions[j.ord]) IS NOT NULL THEN jsonb_build_object('was', j.was, 'now', v_mentions[j.ord]) END AS facts, j.last_room_seq + count(*) FILTER (WHERE j.status = 'OK') OVER (PARTITION BY j.room_id ORDER BY j.ord) AS new_room_seq
      FROM judged j
    ), made AS MATERIALIZED (
      SELECT * FROM numbered n WHERE n.status = 'OK'
    ), revision AS (
      INSERT INTO message_revisions SELECT n.room_id, n.room_seq, n.old_version, n.old_text, n.at, n.actor_id FROM made n
    ), message AS (
      UPDATE messages m SET text = n.text, version = m.version + 1, edited_at = n.at
      FROM made n WHERE m.room_id = n.room_id AND m.room_seq = n.room_seq
    ), event AS (
      INSERT INTO room_events (room_id, room_seq, kind, actor_id, subject, message_seq, stamp, created_at, facts)
      SELECT n.room_id, n.new_room_seq, 6, n.actor_id, n.room_seq, n.last_message_seq, v_stamp, n.at, n.facts FROM made n
    ), head AS (
      UPDATE room_heads h SET last_room_seq = x.room_seq, last_at = x.at, last_stamp = v_stamp, top_stamp = greatest(v_stamp, h.top_stamp)
      FROM (SELECT n.room_id, max(n.new_room_seq) AS room_seq, max(n.at) AS at FROM made n GROUP BY n.room_id) x WHERE h.room_id = x.room_id
    )
    SELECT array_agg(ROW('edit', n.ord, n.status, n.new_room_seq, n.last_message_seq, n.at, n.username, n.display_name,
      CASE WHEN n.facts IS NULL THEN n.record ELSE n.record || jsonb_build_object('mentions', n.facts) END)::change_outcome)
    INTO v_more FROM numbered n;
    PERFORM replace_mentions(array_agg(p_edits[o.ord].room_id), array_agg(p_edits[o.ord].room_seq), array_agg((o.details ->> 'seq')::bigint),
      array_agg(o.details -> 'mentions'))
    FROM unnest(v_more) AS o WHERE o.status = 'OK' AND o.details ? 'mentions' HAVING count(*) > 0;
    outcomes := outcomes || v_more;
  END LOOP;
  RETURN outcomes;
END $$;

-- Posts a batch. The caller holds the locks of the rooms; those in p_busy are locked by somebody else.
-- status: OK, REPLAYED, KEY_CONFLICT (the key was used for something else), BUSY, those of post_status, FULL,
--         AGAIN (the same key is earlier in this batch: send it again), NO_QUOTE (no such message to reply to)
-- details: whom the message mentions, as mention_facts returns it; NULL for most
-- A known key is answered before rights are judged: who was removed after posting still gets the own result.
-- Every lookup is a LATERAL with a limit: left to choose, the planner scans what was empty when it planned.
CREATE OR REPLACE FUNCTION apply_posts(p_posts new_message[], p_busy BIGINT[], p_mentions mention_name[]) RETURNS change_outcome[] LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  v_now TIMESTAMPTZ(3) := clock_timestamp(); v_stamp BIGINT := pg_current_xact_id()::text::bigint;
  -- Of one room, one partition is opened instead of all.
  v_room BIGINT := (p_posts[1]).room_id; v_is_one BOOLEAN := v_room = ALL (ARRAY(SELECT u.room_id FROM unnest(p_posts) AS u));
  -- By the place in the batch: what is stored with the same key, and the number of the quoted message.
  k_same BOOLEAN[]; k_room_seq BIGINT[]; k_seq BIGINT[]; k_at TIMESTAMPTZ[]; v_quoted BIGINT[];
  v_hidden BIGINT[]; v_facts JSONB[]; outcomes change_outcome[];
BEGIN
  IF v_is_one THEN
    SELECT array_agg(k.fingerprint = u.fingerprint ORDER BY u.ord), array_agg(k.room_seq ORDER BY u.ord), array_agg(k.seq ORDER BY u.ord),
      array_agg(k.created_at ORDER BY u.ord) INTO k_same, k_room_seq, k_seq, k_at
    FROM unnest(p_posts) WITH ORDINALITY AS u(room_id, author_id, key, fingerprint, text, reply_to, ord)
    LEFT JOIN LATERAL (SELECT * FROM messages k
      WHERE k.room_id = v_room AND k.author_id = u.author_id AND k.idempotency_key = u.key COLLATE "C" LIMIT 1) k ON true;
  ELSE
    SELECT array_agg(k.fingerprint = u.fingerprint ORDER BY u.ord), array_agg(k.room_seq ORDER BY u.ord), array_agg(k.seq ORDER BY u.ord),
      array_agg(k.created_at ORDER BY u.ord) INTO k_same, k_room_seq, k_seq, k_at
    FROM unnest(p_posts) WITH ORDINALITY AS u(room_id, author_id, key, fingerprint, text, reply_to, ord)
    LEFT JOIN LATERAL (SELECT * FROM messages k
      WHERE k.room_id = u.room_id AND k.author_id = u.author_id AND k.idempotency_key = u.key COLLATE "C" LIMIT 1) k ON true;
  END IF;
  IF EXISTS (SELECT FROM unnest(p_posts) AS u WHERE u.reply_to IS NOT NULL) THEN
    SELECT array_agg(r.seq ORDER BY u.ord) INTO v_quoted
    FROM unnest(p_posts) WITH ORDINALITY AS u(room_id, author_id, key, fingerprint, text, reply_to, ord)
    LEFT JOIN LATERAL (SELECT * FROM messages r WHERE r.room_id = u.room_id AND r.room_seq = u.reply_to LIMIT 1) r ON true;
  END IF;
  IF cardinality(p_mentions) > 0 THEN
    v_facts := mentions_of_posts(p_posts, p_mentions);
  END IF;
  WITH judged AS (
    SELECT u.*, h.last_room_seq, h.last_message_seq, h.has_hidden, greatest(v_now, h.last_at) AS at,
      -- Read under the locks of the heads: a name is never older than the events of the room that tell of its change.
      w.username, w.display_name,
      CASE WHEN k_same[u.ord] THEN 'REPLAYED' WHEN NOT k_same[u.ord] THEN 'KEY_CONFLICT' WHEN u.room_id = ANY (p_busy) THEN 'BUSY'
        ELSE coalesce(nullif(post_status(m.role, m.is_hidden, m.permission_bits, m.timeout_until, h.state, v_now), 'OK'), CASE
          WHEN greatest(h.last_room_seq, h.last_message_seq) >= max_seq() - 10000 THEN 'FULL'
          WHEN row_number() OVER (PARTITION BY u.room_id, u.author_id, u.key ORDER BY u.ord) > 1 THEN 'AGAIN'
          WHEN u.reply_to IS NOT NULL AND (v_quoted[u.ord] IS NULL OR v_quoted[u.ord] < m.visible_from_seq) THEN 'NO_QUOTE'
          ELSE 'OK' END) END AS status
    FROM unnest(p_posts) WITH ORDINALITY AS u(room_id, author_id, key, fingerprint, text, reply_to, ord)
    LEFT JOIN LATERAL (SELECT * FROM room_heads h WHERE h.room_id = u.room_id LIMIT 1) h ON true
    LEFT JOIN LATERAL (SELECT * FROM memberships m WHERE m.room_id = u.room_id AND m.user_id = u.author_id LIMIT 1) m ON true
    LEFT JOIN LATERAL (SELECT * FROM users w WHERE w.id = u.author_id LIMIT 1) w ON true
  ), numbered AS MATERIALIZED (
    SELECT j.*, count(*) FILTER (WHERE j.status = 'OK') OVER (PARTITION BY j.room_id ORDER BY j.ord) AS nth FROM judged j
  ), posted AS MATERIALIZED (
    SELECT n.*, n.last_room_seq + n.nth AS new_room_seq, n.last_message_seq + n.nth AS new_seq FROM numbered n WHERE n.status = 'OK'
  ), message AS (
    INSERT INTO messages (room_id, room_seq, seq, author_id, idempotency_key, fingerprint, text, reply_to_room_seq, created_at)
    SELECT p.room_id, p.new_room_seq, p.new_seq, p.author_id, p.key, p.fingerprint, p.text, p.reply_to, p.at FROM posted p
  ), event AS (
    INSERT INTO room_events (room_id, room_seq, kind, actor_id, subject, message_seq, stamp, created_at, facts)
    SELECT p.room_id, p.new_room_seq, 5, p.author_id, p.new_room_seq, p.new_seq, v_stamp, p.at, v_facts[p.ord] FROM posted p
  ), head AS (
    UPDATE room_heads h SET last_room_seq = x.room_seq, last_message_seq = x.seq, last_at = x.at, last_stamp = v_stamp,
      top_stamp = greatest(v_stamp, h.top_stamp)
    FROM (SELECT p.room_id, max(p.new_room_seq) AS room_seq, max(p.new_seq) AS seq, max(p.at) AS at FROM posted p GROUP BY p.room_id) x
    WHERE h.room_id = x.room_id
  ), marker AS (
    UPDATE memberships m SET read_seq = x.seq, delivered_seq = greatest(m.delivered_seq, x.seq), own_above = 0
    FROM (SELECT p.room_id, p.author_id, max(p.new_seq) AS seq FROM posted p GROUP BY p.room_id, p.author_id) x
    WHERE m.room_id = x.room_id AND m.user_id = x.author_id AND m.read_seq < x.seq
  )
  SELECT array_agg(ROW('post', n.ord, n.status,
      CASE n.status WHEN 'OK' THEN n.last_room_seq + n.nth WHEN 'REPLAYED' THEN k_room_seq[n.ord] END,
      CASE n.status WHEN 'OK' THEN n.last_message_seq + n.nth WHEN 'REPLAYED' THEN k_seq[n.ord] END,
      CASE n.status WHEN 'OK' THEN n.at WHEN 'REPLAYED' THEN k_at[n.ord] END,
      CASE n.status WHEN 'OK' THEN n.username END, CASE n.status WHEN 'OK' THEN n.display_name END,
      CASE n.status WHEN 'OK' THEN v_facts[n.ord] END)::change_outcome),
    array_agg(DISTINCT n.room_id) FILTER (WHERE n.has_hidden AND n.status = 'OK')
  INTO outcomes, v_hidden FROM numbered n;
  IF v_facts IS NOT NULL THEN
    PERFORM store_mentions(array_agg(p_posts[o.ord].room_id), array_agg(o.room_seq), array_agg(o.message_seq), array_agg(o.details))
    FROM unnest(outcomes) AS o WHERE o.status = 'OK' AND o.details IS NOT NULL HAVING count(*) > 0;
  END IF;
  IF v_hidden IS NOT NULL THEN
    PERFORM reveal_direct_rooms(v_hidden);
  END IF;
  RETURN outcomes;
END $$;

-- The same as make_changes for a single post, as at rest: one partition is opened instead of all, by fewer statements.
-- It waits for the lock. Why there are two bodies: docs/decisions/0012.
CREATE OR REPLACE FUNCTION post_one(p_post new_message) RETURNS SETOF change_outcome LANGUAGE plpgsql VOLATILE ROWS 1
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
  head room_heads; known RECORD; v_quoted BIGINT; v_now TIMESTAMPTZ(3); v_stamp BIGINT; outcome change_outcome;
BEGIN
  SELECT * INTO head FROM room_heads h WHERE h.room_id = p_post.room_id FOR NO KEY UPDATE;
  -- A statement of its own, hence with a snapshot from after the lock.
  SELECT m.role, m.is_hidden, m.permission_bits, m.timeout_until, m.visible_from_seq,
    k.room_seq, k.seq, k.created_at, k.fingerprint, w.username, w.display_name INTO known
  FROM users w
  LEFT JOIN memberships m ON m.room_id = p_post.room_id AND m.user_id = p_post.author_id
  LEFT JOIN messages k ON k.room_id = p_post.room_id AND k.author_id = p_post.author_id AND k.idempotency_key = p_post.key COLLATE "C"
  WHERE w.id = p_post.author_id;
  v_now := greatest(clock_timestamp(), head.last_at);
  IF p_post.reply_to IS NOT NULL THEN
    SELECT r.seq INTO v_quoted FROM messages r WHERE r.room_id = p_post.room_id AND r.room_seq = p_post.reply_to;
  END IF;
  outcome.kind := 'post'; outcome.ord := 1;
  outcome.status := CASE WHEN known.fingerprint = p_post.fingerprint THEN 'REPLAYED' WHEN known.fingerprint IS NOT NULL THEN 'KEY_CONFLICT'
    ELSE coalesce(nullif(post_status(known.role, known.is_hidden, known.permission_bits, known.timeout_until, head.state, clock_timestamp()), 'OK'), CASE
      WHEN greatest(head.last_room_seq, head.last_message_seq) >= max_seq() - 10000 THEN 'FULL'
      WHEN p_post.reply_to IS NOT NULL AND (v_quoted IS NULL OR v_quoted < known.visible_from_seq) THEN 'NO_QUOTE'
      ELSE 'OK' END) END;
  IF outcome.status = 'OK' THEN
    outcome.room_seq := head.last_room_seq + 1; outcome.message_seq := head.last_message_seq + 1; outcome.created_at := v_now;
    outcome.username := known.username; outcome.display_name := known.display_name;
    v_stamp := pg_current_xact_id()::text::bigint;
    WITH message AS (
      INSERT INTO messages (room_id, room_seq, seq, author_id, idempotency_key, fingerprint, text, reply_to_room_seq, created_at)
      VALUES (p_post.room_id, outcome.room_seq, outcome.message_seq, p_post.author_id, p_post.key, p_post.fingerprint, p_post.text,
        p_post.reply_to, v_now)
    ), event AS (
      INSERT INTO room_events (room_id, room_seq, kind, actor_id, subject, message_seq, stamp, created_at)
      VALUES (p_post.room_id, outcome.room_seq, 5, p_post.author_id, outcome.room_seq, outcome.message_seq, v_stamp, v_now)
    ), marker AS (
      UPDATE memberships m SET read_seq = outcome.message_seq, delivered_seq = greatest(m.delivered_seq, outcome.message_seq), own_above = 0
      WHERE m.room_id = p_post.room_id AND m.user_id = p_post.author_id AND m.read_seq < outcome.message_seq
    )
    UPDATE room_heads h SET last_room_seq = outcome.room_seq, last_message_seq = outcome.message_seq, last_at = v_now, last_stamp = v_stamp,
      top_stamp = greatest(v_stamp, h.top_stamp)
    WHERE h.room_id = p_post.room_id;
    IF head.has_hidden THEN
      PERFORM reveal_direct_rooms(ARRAY[p_post.room_id]);
    END IF;
  ELSIF outcome.status = 'REPLAYED' THEN
    outcome.room_seq := known.room_seq; outcome.message_seq := known.seq; outcome.created_at := known.created_at;
  END IF;
  RETURN NEXT outcome;
END $$;

-- Removes what is attached to deleted messages: every table that a registration of a satellite names.
CREATE OR REPLACE FUNCTION remove_satellites(p_rooms BIGINT[], p_room_seqs BIGINT[]) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  DELETE FROM reactions s USING unnest(p_rooms, p_room_seqs) AS x(room_id, room_seq) WHERE s.room_id = x.room_id AND s.room_seq = x.room_seq;
  DELETE FROM reaction_groups s USING unnest(p_rooms, p_room_seqs) AS x(room_id, room_seq) WHERE s.room_id = x.room_id AND s.room_seq = x.room_seq;
  -- A join with a table that was empty when it was planned reads the whole index.
  DELETE FROM message_mentions s WHERE s.ctid = ANY (ARRAY(SELECT o.ctid FROM unnest(p_rooms, p_room_seqs) AS x(room_id, room_seq)
    CROSS JOIN LATERAL (SELECT o.ctid FROM message_mentions o WHERE o.room_id = x.room_id AND o.room_seq = x.room_seq OFFSET 0) o));
END $$;

-- Puts numbers into sets. None of them is in there. The caller holds the locks of the rooms.
CREATE OR REPLACE FUNCTION add_to_tallies(p_rooms BIGINT[], p_subjects BIGINT[], p_seqs BIGINT[]) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  INSERT INTO tallies AS t (room_id, subject, level, block, count)
  SELECT x.room_id, x.subject, l.level, x.seq >> 6 * l.level, count(*)
  FROM unnest(p_rooms, p_subjects, p_seqs) AS x(room_id, subject, seq) CROSS JOIN generate_series(0, 4) AS l(level) GROUP BY 1, 2, 3, 4
  ON CONFLICT (room_id, subject, level, block) DO UPDATE SET count = t.count + excluded.count;
END $$;

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

-- Takes numbers out of sets that they are in. The caller holds the locks of the rooms.
CREATE OR REPLACE FUNCTION remove_from_tallies(p_rooms BIGINT[], p_subjects BIGINT[], p_seqs BIGINT[]) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  UPDATE tallies t SET count = t.count - y.count
  FROM (SELECT x.room_id, x.subject, l.level, x.seq >> 6 * l.level AS block, count(*) AS count
    FROM unnest(p_rooms, p_subjects, p_seqs) AS x(room_id, subject, seq) CROSS JOIN generate_series(0, 4) AS l(level) GROUP BY 1, 2, 3, 4) y
  WHERE t.room_id = y.room_id AND t.subject = y.subject AND t.level = y.level AND t.block = y.block;
  DELETE FROM tallies t USING (SELECT DISTINCT x.room_id, x.subject, l.level, x.seq >> 6 * l.level AS block
    FROM unnest(p_rooms, p_subjects, p_seqs) AS x(room_id, subject, seq) CROSS JOIN generate_series(0, 4) AS l(level)) y
  WHERE t.room_id = y.room_id AND t.subject = y.subject AND t.level = y.level AND t.block = y.block AND t.count = 0;
END $$;

-- What a member has set for a room. NULL leaves a value as it is; p_muted_until in the past ends a mute.
-- status: OK, SAME, NOT_FOUND
CREATE OR REPLACE FUNCTION set_room_preferences(p_room BIGINT, p_user BIGINT, p_pinned BOOLEAN, p_hidden BOOLEAN, p_muted_until TIMESTAMPTZ,
  p_shares_receipts BOOLEAN)
RETURNS TABLE (status TEXT, account_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  head room_heads; old memberships; new memberships;
BEGIN
  SELECT * INTO head FROM room_heads h WHERE h.room_id = p_room FOR NO KEY UPDATE;
  SELECT * INTO old FROM memberships m WHERE m.room_id = p_room AND m.user_id = p_user AND NOT m.is_hidden;
  IF old.user_id IS NULL OR head.state = 2 THEN
    status := 'NOT_FOUND';
    RETURN NEXT;
    RETURN;
  END IF;
  new := old;
  IF p_pinned IS NOT NULL THEN
    new.pinned_at := CASE WHEN p_pinned THEN coalesce(old.pinned_at, clock_timestamp()) END;
  END IF;
  IF p_hidden IS NOT NULL THEN
    new.hidden_at_seq := CASE WHEN p_hidden THEN head.last_message_seq END;
  END IF;
  IF p_muted_until IS NOT NULL THEN
    new.muted_until := CASE WHEN p_muted_until > clock_timestamp() THEN p_muted_until END;
  END IF;
  new.shares_receipts := coalesce(p_shares_receipts, old.shares_receipts);
  IF new IS NOT DISTINCT FROM old THEN
    status := 'SAME';
  ELSE
    UPDATE memberships m SET pinned_at = new.pinned_at, hidden_at_seq = new.hidden_at_seq, muted_until = new.muted_until,
      shares_receipts = new.shares_receipts
    WHERE m.room_id = p_room AND m.user_id = p_user;
    PERFORM append_account_events(ARRAY[p_user], 4::smallint, p_room, ARRAY[head.last_room_seq]);
    status := 'OK';
  END IF;
  SELECT a.last_account_seq INTO account_seq FROM account_heads a WHERE a.user_id = p_user;
  RETURN NEXT;
END $$;

-- How many numbers of a set are above p_seq: of each level the blocks up to the end of the block of the next level.
CREATE OR REPLACE FUNCTION tally_above(p_room BIGINT, p_subject BIGINT, p_seq BIGINT) RETURNS BIGINT LANGUAGE sql STABLE AS $$
  SELECT coalesce(sum(x.count), 0)::bigint FROM generate_series(0, 4) AS l(level)
  CROSS JOIN LATERAL (SELECT sum(t.count) AS count FROM tallies t
    WHERE t.room_id = p_room AND t.subject = p_subject AND t.level = l.level AND t.block > p_seq >> 6 * l.level
      AND t.block < CASE WHEN l.level = 4 THEN max_seq() ELSE ((p_seq >> 6 * (l.level + 1)) + 1) << 6 END) x
$$;

-- What a member has not read in these rooms: living messages of others above the mark and inside the visible history. The head
-- and accountSeq are of the same snapshot: the numbers hold up to them.
CREATE OR REPLACE FUNCTION unread_counts(p_user BIGINT, p_rooms BIGINT[])
RETURNS TABLE ("roomId" BIGINT, "head" BIGINT, "accountSeq" BIGINT, "readSeq" BIGINT, "floor" BIGINT, "messages" BIGINT, "mentions" BIGINT, "mutedUntil" BIGINT,
  "isPinned" BOOLEAN, "isHidden" BOOLEAN, "sharesReceipts" BOOLEAN)
LANGUAGE sql STABLE AS $$
  SELECT m.room_id, h.last_room_seq, coalesce((SELECT a.last_account_seq FROM account_heads a WHERE a.user_id = p_user), 0), m.read_seq, f.seq,
    CASE WHEN h.last_message_seq <= f.seq THEN 0 ELSE h.last_message_seq - f.seq
      - CASE WHEN h.last_deleted_seq <= f.seq THEN 0 ELSE tally_above(m.room_id, 0, f.seq) END
      - CASE WHEN m.own_above = 0 OR f.seq = m.read_seq THEN m.own_above ELSE (SELECT count(*) FROM messages o
          WHERE o.room_id = m.room_id AND o.seq > f.seq AND o.seq <= m.own_until AND o.author_id = p_user AND o.text IS NOT NULL) END END,
    CASE WHEN h.last_message_seq <= f.seq THEN 0 ELSE CASE WHEN m.mentioned_seq <= f.seq THEN 0 ELSE tally_above(m.room_id, p_user, f.seq) END
      + CASE WHEN h.last_call_seq <= f.seq THEN 0 ELSE tally_above(m.room_id, -1, f.seq)
        - CASE WHEN m.own_above = 0 THEN 0 ELSE (SELECT count(*) FROM messages o
            WHERE o.room_id = m.room_id AND o.seq > f.seq AND o.seq <= m.own_until AND o.author_id = p_user AND EXISTS (SELECT FROM message_mentions s
              WHERE s.room_id = o.room_id AND s.room_seq = o.room_seq AND s.user_id = 0)) END END END, timeout_ms(m.muted_until), m.pinned_at IS NOT NULL,
    (m.hidden_at_seq >= h.last_message_seq) IS TRUE, m.shares_receipts
  FROM unnest(p_rooms) AS x(room_id) JOIN memberships m ON m.room_id = x.room_id AND m.user_id = p_user
  JOIN room_heads h ON h.room_id = x.room_id CROSS JOIN LATERAL (SELECT greatest(m.read_seq, m.visible_from_seq - 1) AS seq) f
  WHERE NOT m.is_hidden AND h.state < 2
$$;

-- A member in the form of events. Marks that the member does not share are 0 in it.
CREATE OR REPLACE FUNCTION member_facts(p_member memberships) RETURNS JSONB LANGUAGE sql STABLE AS $$
  SELECT membership_facts(p_member.role, p_member.permission_bits, p_member.timeout_until, CASE WHEN x.is_shared THEN p_member.read_seq ELSE 0 END,
    CASE WHEN x.is_shared THEN p_member.delivered_seq ELSE 0 END, p_member.joined_at)
  FROM (SELECT coalesce(p_member.shares_receipts, (SELECT u.shares_receipts FROM users u WHERE u.id = p_member.user_id)) AS is_shared) x
$$;

-- The default permissions of a role. 1 post, 2 add members, 4 remove members and change roles, 8 change the room, 16
-- delete others' messages, 32 archive the room, 64 delete the room, 128 mention all members.
CREATE OR REPLACE FUNCTION role_permissions(p_role SMALLINT) RETURNS BIGINT LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE p_role WHEN 50 THEN 255 WHEN 40 THEN 191 WHEN 30 THEN 151 ELSE 1 END::bigint
$$;

-- What was deleted before sets were counted.
INSERT INTO tallies (room_id, subject, level, block, count)
SELECT m.room_id, 0, l.level, m.seq >> 6 * l.level, count(*)
FROM messages m CROSS JOIN generate_series(0, 4) AS l(level) WHERE m.text IS NULL GROUP BY 1, 2, 3, 4;

UPDATE room_heads h SET last_deleted_seq = x.seq
FROM (SELECT m.room_id, max(m.seq) AS seq FROM messages m WHERE m.text IS NULL GROUP BY m.room_id) x WHERE h.room_id = x.room_id;

-- The new right of moderators and higher ranks: to mention all members.
UPDATE memberships SET permission_bits = permission_bits | 128 WHERE role >= 30 AND permission_bits & 128 = 0;
