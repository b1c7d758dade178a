-- Every writer of a room is one call of one function here. What they all rest on:
--
-- * READ COMMITTED, VOLATILE. The head row is locked by one statement; everything is judged by later statements,
--   whose snapshots begin after the lock was had. Under REPEATABLE READ or in one statement this breaks.
-- * Locks are taken in one order everywhere: room heads by id, account heads by user id, memberships, the rest.
-- * A number is taken under the head's lock and committed with the change it numbers: number order is commit
--   order, and a rollback leaves no hole.
-- * A refusal is a status in the answer, never an exception.
-- * Times inside a room never run backwards: greatest(clock, the room's last time).

-- What a role may do by default. 1 post, 2 add members, 4 remove members and change roles, 8 change the room,
-- 16 delete others' messages, 32 archive the room, 64 delete the room.
CREATE FUNCTION role_permissions(p_role SMALLINT) RETURNS INTEGER LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE p_role WHEN 50 THEN 127 WHEN 40 THEN 63 WHEN 30 THEN 23 ELSE 1 END
$$;

-- Appends one event to a room's log. The caller holds the lock of the head.
CREATE FUNCTION append_room_event(p_room BIGINT, p_kind SMALLINT, p_actor BIGINT, p_subject BIGINT, p_facts JSONB)
RETURNS BIGINT LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  head room_heads;
BEGIN
  UPDATE room_heads SET last_room_seq = last_room_seq + 1,
    last_stamp = pg_current_xact_id()::text::bigint,
    last_at = greatest(clock_timestamp()::timestamptz(3), last_at)
  WHERE room_id = p_room RETURNING * INTO head;
  INSERT INTO room_events (room_id, room_seq, kind, actor_id, subject, message_seq, stamp, created_at, facts)
  VALUES (p_room, head.last_room_seq, p_kind, p_actor, p_subject, head.last_message_seq, head.last_stamp, head.last_at, p_facts);
  RETURN head.last_room_seq;
END $$;

-- Appends one event to each person's own log. Kinds: 1 access granted, 2 access lost.
CREATE FUNCTION append_account_events(p_users BIGINT[], p_kind SMALLINT, p_room BIGINT, p_room_seqs BIGINT[])
RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  INSERT INTO account_heads (user_id) SELECT u FROM unnest(p_users) AS u ORDER BY u ON CONFLICT DO NOTHING;
  PERFORM 1 FROM account_heads WHERE user_id = ANY (p_users) ORDER BY user_id FOR NO KEY UPDATE;
  WITH numbered AS (
    UPDATE account_heads h SET last_account_seq = h.last_account_seq + 1
    FROM unnest(p_users, p_room_seqs) AS x(user_id, room_seq) WHERE h.user_id = x.user_id
    RETURNING h.user_id, h.last_account_seq, x.room_seq
  )
  INSERT INTO account_events (user_id, account_seq, kind, room_id, room_seq, created_at)
  SELECT user_id, last_account_seq, p_kind, p_room, room_seq, clock_timestamp() FROM numbered;
END $$;

CREATE FUNCTION member_facts(p_member memberships) RETURNS JSONB LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('role', p_member.role, 'permissions', p_member.permission_bits, 'readSeq', p_member.read_seq, 'deliveredSeq', p_member.delivered_seq,
    'joinedAt', to_char(p_member.joined_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
$$;

-- Adds people to a room whose head the caller has locked; those who are members already are left as they are.
-- Each gets a MemberJoined in the room and, unless hidden, an access granted of their own. Returns the last number.
CREATE FUNCTION admit_members(p_room BIGINT, p_actor BIGINT, p_users BIGINT[], p_role SMALLINT, p_from_start BOOLEAN, p_hidden_from BIGINT)
RETURNS BIGINT LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  head room_heads; member memberships; v_user BIGINT; v_seq BIGINT;
  v_granted BIGINT[] := '{}'; v_seqs BIGINT[] := '{}'; v_added INTEGER := 0;
BEGIN
  SELECT * INTO head FROM room_heads WHERE room_id = p_room;
  -- Waits for a renaming that has begun, or the room would keep the old name: rename_user changes this row before it
  -- looks for memberships. FOR KEY SHARE would not wait for it.
  PERFORM 1 FROM users u WHERE u.id = ANY (p_users)
    AND NOT EXISTS (SELECT FROM memberships m WHERE m.room_id = p_room AND m.user_id = u.id) ORDER BY u.id FOR SHARE;
  v_seq := head.last_room_seq;
  FOR v_user IN SELECT DISTINCT u FROM unnest(p_users) AS u ORDER BY u LOOP
    CONTINUE WHEN EXISTS (SELECT FROM memberships WHERE room_id = p_room AND user_id = v_user);
    INSERT INTO memberships (room_id, user_id, role, permission_bits, from_room_seq, read_seq, delivered_seq, is_hidden, joined_at)
    VALUES (p_room, v_user, p_role, role_permissions(p_role), CASE WHEN p_from_start THEN 1 ELSE v_seq + 1 END,
      head.last_message_seq, head.last_message_seq, p_hidden_from IS NOT NULL AND v_user <> p_hidden_from,
      greatest(clock_timestamp()::timestamptz(3), head.last_at))
    RETURNING * INTO member;
    v_seq := append_room_event(p_room, 8::smallint, p_actor, v_user, member_facts(member));
    v_added := v_added + 1;
    IF NOT member.is_hidden THEN
      v_granted := v_granted || v_user; v_seqs := v_seqs || member.from_room_seq;
    END IF;
  END LOOP;
  UPDATE rooms SET member_count = member_count + v_added WHERE id = p_room AND v_added > 0;
  PERFORM append_account_events(v_granted, 1::smallint, p_room, v_seqs);
  RETURN v_seq;
END $$;

-- Takes one member out of a room whose head the caller has locked.
CREATE FUNCTION dismiss_member(p_room BIGINT, p_actor BIGINT, p_user BIGINT, p_removed BOOLEAN)
RETURNS BIGINT LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_seq BIGINT;
BEGIN
  v_seq := append_room_event(p_room, 10::smallint, p_actor, p_user, jsonb_build_object('removed', p_removed));
  DELETE FROM memberships WHERE room_id = p_room AND user_id = p_user;
  UPDATE rooms SET member_count = member_count - 1 WHERE id = p_room;
  PERFORM append_account_events(ARRAY[p_user], 2::smallint, p_room, ARRAY[v_seq]);
  RETURN v_seq;
END $$;

-- Posting ------------------------------------------------------------------------------------

-- Posts a batch in one call: arrays in, one row out per post, in order.
-- status: 0 posted, 1 replayed, 2 the key was used for something else, 3 no such room (or not a member), 4 archived,
--         5 may not post, 6 timed out, 7 the same key is earlier in this batch: send it again, 8 no such message to reply to
-- A known key is answered before rights are judged: who was removed after posting still gets the own result.
CREATE FUNCTION post_messages(p_room BIGINT[], p_author BIGINT[], p_key TEXT[], p_fingerprint UUID[], p_text TEXT[], p_reply_to BIGINT[])
RETURNS TABLE (ord INT, status SMALLINT, room_seq BIGINT, seq BIGINT, created_at TIMESTAMPTZ, username TEXT, display_name TEXT)
LANGUAGE plpgsql VOLATILE ROWS 256
-- Without these, every call is planned afresh (0.8 -> 1.5 ms at rest), and a plan made on empty tables stays.
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
  v_now TIMESTAMPTZ(3); v_stamp BIGINT; v_hidden BIGINT[];
  r_ord INT[]; r_status SMALLINT[]; r_room_seq BIGINT[]; r_seq BIGINT[]; r_at TIMESTAMPTZ[];
BEGIN
  PERFORM 1 FROM room_heads h WHERE h.room_id = ANY (p_room) ORDER BY h.room_id FOR NO KEY UPDATE;
  v_now := clock_timestamp();
  v_stamp := pg_current_xact_id()::text::bigint;
  WITH judged AS (
    SELECT u.ord, u.room_id, u.author_id, u.key, u.fingerprint, u.text, u.reply_to,
      h.last_room_seq, h.last_message_seq, h.has_hidden, greatest(v_now, h.last_at) AS at,
      k.room_seq AS old_room_seq, k.seq AS old_seq, k.created_at AS old_at,
      CASE WHEN k.fingerprint = u.fingerprint THEN 1 WHEN k.fingerprint IS NOT NULL THEN 2
        WHEN m.role IS NULL OR m.is_hidden OR h.state = 2 THEN 3 WHEN h.state = 1 THEN 4
        WHEN m.permission_bits & 1 = 0 THEN 5 WHEN m.timeout_until > v_now THEN 6
        WHEN row_number() OVER (PARTITION BY u.room_id, u.author_id, u.key ORDER BY u.ord) > 1 THEN 7
        WHEN u.reply_to IS NOT NULL AND (r.seq IS NULL OR r.seq < m.visible_from_seq) THEN 8
        ELSE 0 END AS status
    FROM unnest(p_room, p_author, p_key, p_fingerprint, p_text, p_reply_to)
      WITH ORDINALITY AS u(room_id, author_id, key, fingerprint, text, reply_to, ord)
    LEFT JOIN LATERAL (SELECT * FROM room_heads h WHERE h.room_id = u.room_id LIMIT 1) h ON true
    LEFT JOIN LATERAL (SELECT m.role, m.is_hidden, m.permission_bits, m.timeout_until, m.visible_from_seq
      FROM memberships m WHERE m.room_id = u.room_id AND m.user_id = u.author_id LIMIT 1) m ON true
    LEFT JOIN LATERAL (SELECT k.room_seq, k.seq, k.created_at, k.fingerprint FROM messages k
      WHERE k.room_id = u.room_id AND k.author_id = u.author_id AND k.idempotency_key = u.key COLLATE "C" LIMIT 1) k ON true
    LEFT JOIN LATERAL (SELECT r.seq FROM messages r
      WHERE r.room_id = u.room_id AND r.room_seq = u.reply_to LIMIT 1) r ON u.reply_to IS NOT NULL
  ), numbered AS MATERIALIZED (
    SELECT j.*, count(*) FILTER (WHERE j.status = 0) OVER (PARTITION BY j.room_id ORDER BY j.ord) AS nth FROM judged j
  ), posted AS MATERIALIZED (
    SELECT n.*, n.last_room_seq + n.nth AS new_room_seq, n.last_message_seq + n.nth AS new_seq FROM numbered n WHERE n.status = 0
  ), message AS (
    INSERT INTO messages (room_id, room_seq, seq, author_id, idempotency_key, fingerprint, text, reply_to_room_seq, created_at)
    SELECT p.room_id, p.new_room_seq, p.new_seq, p.author_id, p.key, p.fingerprint, p.text, p.reply_to, p.at FROM posted p
  ), event AS (
    INSERT INTO room_events (room_id, room_seq, kind, actor_id, subject, message_seq, stamp, created_at)
    SELECT p.room_id, p.new_room_seq, 5, p.author_id, p.new_room_seq, p.new_seq, v_stamp, p.at FROM posted p
  ), head AS (
    UPDATE room_heads h SET last_room_seq = x.room_seq, last_message_seq = x.seq, last_at = x.at, last_stamp = v_stamp
    FROM (SELECT p.room_id, max(p.new_room_seq) AS room_seq, max(p.new_seq) AS seq, max(p.at) AS at FROM posted p GROUP BY p.room_id) x
    WHERE h.room_id = x.room_id
  ), marker AS (
    UPDATE memberships m SET read_seq = x.seq, delivered_seq = greatest(m.delivered_seq, x.seq)
    FROM (SELECT p.room_id, p.author_id, max(p.new_seq) AS seq FROM posted p GROUP BY p.room_id, p.author_id) x
    WHERE m.room_id = x.room_id AND m.user_id = x.author_id AND m.read_seq < x.seq
  )
  SELECT array_agg(n.ord), array_agg(n.status), array_agg(coalesce(n.old_room_seq, n.last_room_seq + n.nth)),
    array_agg(coalesce(n.old_seq, n.last_message_seq + n.nth)), array_agg(coalesce(n.old_at, n.at)),
    array_agg(DISTINCT n.room_id) FILTER (WHERE n.has_hidden AND n.status = 0)
  INTO r_ord, r_status, r_room_seq, r_seq, r_at, v_hidden
  FROM numbered n;
  IF v_hidden IS NOT NULL THEN
    PERFORM reveal_direct_rooms(v_hidden);
  END IF;
  -- Read under the locks of the heads: a name is never older than the events of the room that tell of its change.
  RETURN QUERY SELECT u.a, u.b, CASE WHEN u.b < 2 THEN u.c END, CASE WHEN u.b < 2 THEN u.d END, CASE WHEN u.b < 2 THEN u.e END,
      w.username, w.display_name
    FROM unnest(r_ord, r_status, r_room_seq, r_seq, r_at) AS u(a, b, c, d, e)
    LEFT JOIN LATERAL (SELECT w.username, w.display_name FROM users w WHERE w.id = p_author[u.a] LIMIT 1) w ON u.b = 0
    ORDER BY u.a;
END $$;

-- The same for a batch of one, as at rest: room and author are known before anything is planned, so one partition is
-- opened instead of all sixteen, twice (1.62 -> 1.22 ms a call at rest, of which the commit takes 0.4).
CREATE FUNCTION post_message(p_room BIGINT, p_author BIGINT, p_key TEXT, p_fingerprint UUID, p_text TEXT, p_reply_to BIGINT)
RETURNS TABLE (status SMALLINT, room_seq BIGINT, seq BIGINT, created_at TIMESTAMPTZ, username TEXT, display_name TEXT)
LANGUAGE plpgsql VOLATILE ROWS 1
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
  head room_heads; known RECORD; v_quoted BIGINT; v_now TIMESTAMPTZ(3); v_stamp BIGINT;
BEGIN
  SELECT * INTO head FROM room_heads h WHERE h.room_id = p_room FOR NO KEY UPDATE;
  -- A statement of its own, hence with a snapshot from after the lock.
  SELECT m.role, m.is_hidden, m.permission_bits, m.timeout_until, m.visible_from_seq,
    k.room_seq, k.seq, k.created_at, k.fingerprint, w.username, w.display_name INTO known
  FROM users w
  LEFT JOIN memberships m ON m.room_id = p_room AND m.user_id = p_author
  LEFT JOIN messages k ON k.room_id = p_room AND k.author_id = p_author AND k.idempotency_key = p_key COLLATE "C"
  WHERE w.id = p_author;
  v_now := greatest(clock_timestamp(), head.last_at);
  IF p_reply_to IS NOT NULL THEN
    SELECT r.seq INTO v_quoted FROM messages r WHERE r.room_id = p_room AND r.room_seq = p_reply_to;
  END IF;
  status := CASE WHEN known.fingerprint = p_fingerprint THEN 1 WHEN known.fingerprint IS NOT NULL THEN 2
    WHEN known.role IS NULL OR known.is_hidden OR head.state = 2 THEN 3 WHEN head.state = 1 THEN 4
    WHEN known.permission_bits & 1 = 0 THEN 5 WHEN known.timeout_until > clock_timestamp() THEN 6
    WHEN p_reply_to IS NOT NULL AND (v_quoted IS NULL OR v_quoted < known.visible_from_seq) THEN 8
    ELSE 0 END;
  IF status = 0 THEN
    room_seq := head.last_room_seq + 1; seq := head.last_message_seq + 1; created_at := v_now;
    username := known.username; display_name := known.display_name;
    v_stamp := pg_current_xact_id()::text::bigint;
    WITH message AS (
      INSERT INTO messages (room_id, room_seq, seq, author_id, idempotency_key, fingerprint, text, reply_to_room_seq, created_at)
      VALUES (p_room, post_message.room_seq, post_message.seq, p_author, p_key, p_fingerprint, p_text, p_reply_to, v_now)
    ), event AS (
      INSERT INTO room_events (room_id, room_seq, kind, actor_id, subject, message_seq, stamp, created_at)
      VALUES (p_room, post_message.room_seq, 5, p_author, post_message.room_seq, post_message.seq, v_stamp, v_now)
    ), marker AS (
      UPDATE memberships m SET read_seq = post_message.seq, delivered_seq = greatest(m.delivered_seq, post_message.seq)
      WHERE m.room_id = p_room AND m.user_id = p_author AND m.read_seq < post_message.seq
    )
    UPDATE room_heads h SET last_room_seq = post_message.room_seq, last_message_seq = post_message.seq, last_at = v_now, last_stamp = v_stamp
    WHERE h.room_id = p_room;
    IF head.has_hidden THEN
      PERFORM reveal_direct_rooms(ARRAY[p_room]);
    END IF;
  ELSIF status = 1 THEN
    room_seq := known.room_seq; seq := known.seq; created_at := known.created_at;
  END IF;
  RETURN NEXT;
END $$;

-- The first message of a direct room tells the others of it. The caller holds the locks of the heads.
CREATE FUNCTION reveal_direct_rooms(p_rooms BIGINT[]) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_users BIGINT[]; v_room BIGINT;
BEGIN
  -- All account heads first, in one order, then room by room.
  PERFORM 1 FROM account_heads WHERE user_id IN (SELECT user_id FROM memberships WHERE room_id = ANY (p_rooms) AND is_hidden)
    ORDER BY user_id FOR NO KEY UPDATE;
  FOREACH v_room IN ARRAY p_rooms LOOP
    WITH shown AS (UPDATE memberships SET is_hidden = false WHERE room_id = v_room AND is_hidden RETURNING user_id)
    SELECT array_agg(user_id ORDER BY user_id) INTO v_users FROM shown;
    UPDATE room_heads SET has_hidden = false WHERE room_id = v_room;
    IF v_users IS NOT NULL THEN
      PERFORM append_account_events(v_users, 1::smallint, v_room, array_fill(1::bigint, ARRAY[cardinality(v_users)]));
    END IF;
  END LOOP;
END $$;

-- Edits and deletions ------------------------------------------------------------------------

-- status: OK, NOT_FOUND, ARCHIVED, NOT_AUTHOR, TIMED_OUT, DELETED, VERSION (the version was passed by)
-- An edit that repeats what the same author already made of it is the state asked for: OK without a new event.
CREATE FUNCTION edit_message(p_room BIGINT, p_room_seq BIGINT, p_actor BIGINT, p_text TEXT, p_expected_version INT)
RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  head room_heads; member memberships; old messages; v_at TIMESTAMPTZ(3);
BEGIN
  PERFORM 1 FROM room_heads h WHERE h.room_id = p_room FOR NO KEY UPDATE;
  SELECT * INTO head FROM room_heads h WHERE h.room_id = p_room;
  SELECT * INTO member FROM memberships m WHERE m.room_id = p_room AND m.user_id = p_actor AND NOT m.is_hidden;
  SELECT * INTO old FROM messages m WHERE m.room_id = p_room AND m.room_seq = p_room_seq;
  room_seq := head.last_room_seq;
  status := CASE
    WHEN member.room_id IS NULL OR old.room_id IS NULL OR head.state = 2 OR old.seq < member.visible_from_seq THEN 'NOT_FOUND'
    WHEN old.author_id <> p_actor THEN 'NOT_AUTHOR'
    WHEN head.state = 1 THEN 'ARCHIVED'
    WHEN old.text IS NULL THEN 'DELETED'
    WHEN member.timeout_until > clock_timestamp() THEN 'TIMED_OUT'
    WHEN old.text = p_text AND (p_expected_version IS NULL OR p_expected_version IN (old.version, old.version - 1)) THEN 'SAME'
    WHEN p_expected_version <> old.version THEN 'VERSION'
    ELSE 'OK' END;
  IF status = 'OK' THEN
    v_at := greatest(clock_timestamp(), head.last_at);
    INSERT INTO message_revisions VALUES (p_room, p_room_seq, old.version, old.text, v_at, p_actor);
    UPDATE messages m SET text = p_text, version = m.version + 1, edited_at = v_at
    WHERE m.room_id = p_room AND m.room_seq = p_room_seq;
    room_seq := append_room_event(p_room, 6::smallint, p_actor, p_room_seq, NULL);
  ELSIF status = 'SAME' THEN
    status := 'OK';
  END IF;
  RETURN NEXT;
END $$;

-- status: OK, NOT_FOUND, ARCHIVED, FORBIDDEN. Deleting what is deleted is OK without a new event.
CREATE FUNCTION delete_message(p_room BIGINT, p_room_seq BIGINT, p_actor BIGINT)
RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  head room_heads; member memberships; author memberships; old messages; v_at TIMESTAMPTZ(3);
BEGIN
  PERFORM 1 FROM room_heads h WHERE h.room_id = p_room FOR NO KEY UPDATE;
  SELECT * INTO head FROM room_heads h WHERE h.room_id = p_room;
  SELECT * INTO member FROM memberships m WHERE m.room_id = p_room AND m.user_id = p_actor AND NOT m.is_hidden;
  SELECT * INTO old FROM messages m WHERE m.room_id = p_room AND m.room_seq = p_room_seq;
  SELECT * INTO author FROM memberships m WHERE m.room_id = p_room AND m.user_id = old.author_id;
  room_seq := head.last_room_seq;
  status := CASE
    WHEN member.room_id IS NULL OR old.room_id IS NULL OR head.state = 2 OR old.seq < member.visible_from_seq THEN 'NOT_FOUND'
    WHEN old.author_id <> p_actor AND (member.permission_bits & 16 = 0 OR coalesce(author.role, 0) >= member.role) THEN 'FORBIDDEN'
    WHEN old.text IS NULL THEN 'SAME'
    WHEN head.state = 1 THEN 'ARCHIVED'
    ELSE 'OK' END;
  IF status = 'OK' THEN
    v_at := greatest(clock_timestamp(), head.last_at);
    INSERT INTO message_revisions VALUES (p_room, p_room_seq, old.version, old.text, v_at, p_actor);
    UPDATE messages m SET text = NULL, version = m.version + 1, deleted_at = v_at
    WHERE m.room_id = p_room AND m.room_seq = p_room_seq;
    room_seq := append_room_event(p_room, 7::smallint, p_actor, p_room_seq, NULL);
  ELSIF status = 'SAME' THEN
    status := 'OK';
  END IF;
  RETURN NEXT;
END $$;

-- Rooms --------------------------------------------------------------------------------------

-- status: OK, REPLAYED, KEY_CONFLICT (the key made another room)
CREATE FUNCTION create_room(p_actor BIGINT, p_kind SMALLINT, p_name TEXT, p_description TEXT, p_key TEXT, p_fingerprint UUID)
RETURNS TABLE (status TEXT, room_id BIGINT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  known creation_keys;
BEGIN
  room_id := nextval(pg_get_serial_sequence('rooms', 'id'));
  -- Waits for whoever uses the same key at this instant.
  INSERT INTO creation_keys (author_id, operation, key, fingerprint, room_id)
  VALUES (p_actor, 'createRoom', p_key, p_fingerprint, room_id) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    SELECT * INTO known FROM creation_keys k WHERE k.author_id = p_actor AND k.operation = 'createRoom' AND k.key = p_key COLLATE "C";
    room_id := known.room_id;
    room_seq := 2; -- RoomCreated and the creator's MemberJoined
    status := CASE WHEN known.fingerprint = p_fingerprint THEN 'REPLAYED' ELSE 'KEY_CONFLICT' END;
    RETURN NEXT;
    RETURN;
  END IF;
  INSERT INTO rooms (id, kind, name, description, created_by) VALUES (room_id, p_kind, p_name, p_description, p_actor);
  INSERT INTO room_heads (room_id) VALUES (room_id);
  PERFORM append_room_event(room_id, 1::smallint, p_actor, NULL, NULL);
  room_seq := admit_members(room_id, p_actor, ARRAY[p_actor], 50::smallint, true, NULL);
  status := 'OK';
  RETURN NEXT;
END $$;

-- The direct room of exactly these people, p_actor among them. Members hear of it with its first message.
-- status: OK, NOT_FOUND (one of them does not exist any more)
CREATE FUNCTION open_direct_room(p_actor BIGINT, p_users BIGINT[])
RETURNS TABLE (status TEXT, room_id BIGINT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  v_users BIGINT[] := (SELECT array_agg(DISTINCT u ORDER BY u) FROM unnest(p_users || p_actor) AS u);
  v_key TEXT := array_to_string(v_users, ',');
  -- A variable of its own: `use_column` makes `h.room_id = room_id` compare a column with itself.
  v_room BIGINT;
BEGIN
  status := 'OK';
  IF (SELECT count(*) FROM users WHERE id = ANY (v_users) AND deleted_at IS NULL) < cardinality(v_users) THEN
    status := 'NOT_FOUND';
    RETURN NEXT;
    RETURN;
  END IF;
  INSERT INTO rooms (kind, created_by, direct_key) VALUES (3, p_actor, v_key)
  ON CONFLICT (direct_key) WHERE direct_key IS NOT NULL DO NOTHING RETURNING id INTO v_room;
  IF v_room IS NOT NULL THEN
    INSERT INTO room_heads (room_id, has_hidden) VALUES (v_room, cardinality(v_users) > 1);
    PERFORM append_room_event(v_room, 1::smallint, p_actor, NULL, NULL);
    room_seq := admit_members(v_room, p_actor, v_users, 20::smallint, true, p_actor);
  ELSE
    SELECT r.id INTO v_room FROM rooms r WHERE r.direct_key = v_key;
    PERFORM 1 FROM room_heads h WHERE h.room_id = v_room FOR NO KEY UPDATE;
    UPDATE memberships m SET is_hidden = false WHERE m.room_id = v_room AND m.user_id = p_actor AND m.is_hidden;
    IF FOUND THEN
      PERFORM append_account_events(ARRAY[p_actor], 1::smallint, v_room, ARRAY[1::bigint]);
    END IF;
    SELECT h.last_room_seq INTO room_seq FROM room_heads h WHERE h.room_id = v_room;
  END IF;
  room_id := v_room;
  RETURN NEXT;
END $$;

-- What a change of a room is judged by, read after the head was locked.
CREATE TYPE room_and_actor AS (kind SMALLINT, state SMALLINT, last_room_seq BIGINT, role SMALLINT, permission_bits INTEGER);

CREATE FUNCTION lock_room(p_room BIGINT, p_actor BIGINT) RETURNS room_and_actor LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  answer room_and_actor;
BEGIN
  PERFORM 1 FROM room_heads h WHERE h.room_id = p_room FOR NO KEY UPDATE;
  SELECT r.kind, h.state, h.last_room_seq, m.role, m.permission_bits INTO answer
  FROM rooms r JOIN room_heads h ON h.room_id = r.id
  LEFT JOIN memberships m ON m.room_id = r.id AND m.user_id = p_actor AND NOT m.is_hidden
  WHERE r.id = p_room AND h.state < 2 AND (r.kind = 1 OR m.role IS NOT NULL);
  RETURN answer;
END $$;

-- status: OK, NOT_FOUND, FORBIDDEN, ARCHIVED, DIRECT. NULL leaves a value as it is, '' clears the description.
CREATE FUNCTION update_room(p_room BIGINT, p_actor BIGINT, p_name TEXT, p_description TEXT)
RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  at room_and_actor := lock_room(p_room, p_actor);
BEGIN
  room_seq := at.last_room_seq;
  status := CASE WHEN at.kind IS NULL THEN 'NOT_FOUND' WHEN at.kind = 3 THEN 'DIRECT'
    WHEN coalesce(at.permission_bits, 0) & 8 = 0 THEN 'FORBIDDEN' WHEN at.state = 1 THEN 'ARCHIVED' ELSE 'OK' END;
  IF status = 'OK' THEN
    UPDATE rooms r SET name = coalesce(p_name, r.name), description = nullif(coalesce(p_description, r.description), '')
    WHERE r.id = p_room AND (r.name IS DISTINCT FROM coalesce(p_name, r.name)
      OR r.description IS DISTINCT FROM nullif(coalesce(p_description, r.description), ''));
    IF FOUND THEN
      room_seq := append_room_event(p_room, 2::smallint, p_actor, NULL, NULL);
    END IF;
  END IF;
  RETURN NEXT;
END $$;

-- status: OK, NOT_FOUND, FORBIDDEN
CREATE FUNCTION archive_room(p_room BIGINT, p_actor BIGINT)
RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  at room_and_actor := lock_room(p_room, p_actor);
BEGIN
  room_seq := at.last_room_seq;
  status := CASE WHEN at.kind IS NULL THEN 'NOT_FOUND' WHEN coalesce(at.permission_bits, 0) & 32 = 0 THEN 'FORBIDDEN' ELSE 'OK' END;
  IF status = 'OK' AND at.state = 0 THEN
    UPDATE rooms SET archived_at = clock_timestamp() WHERE id = p_room;
    UPDATE room_heads SET state = 1 WHERE room_id = p_room;
    room_seq := append_room_event(p_room, 3::smallint, p_actor, NULL, NULL);
  END IF;
  RETURN NEXT;
END $$;

-- The room stays as a tombstone, its members lose access. status: OK, NOT_FOUND, FORBIDDEN
CREATE FUNCTION delete_room(p_room BIGINT, p_actor BIGINT)
RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  at room_and_actor := lock_room(p_room, p_actor); v_users BIGINT[];
BEGIN
  room_seq := at.last_room_seq;
  status := CASE WHEN at.kind IS NULL THEN 'NOT_FOUND' WHEN coalesce(at.permission_bits, 0) & 64 = 0 THEN 'FORBIDDEN' ELSE 'OK' END;
  IF status = 'OK' THEN
    UPDATE rooms SET deleted_at = clock_timestamp(), member_count = 0 WHERE id = p_room;
    UPDATE room_heads SET state = 2 WHERE room_id = p_room;
    room_seq := append_room_event(p_room, 4::smallint, p_actor, NULL, NULL);
    SELECT array_agg(m.user_id ORDER BY m.user_id) INTO v_users FROM memberships m WHERE m.room_id = p_room;
    PERFORM append_account_events(v_users, 2::smallint, p_room, array_fill(room_seq, ARRAY[cardinality(v_users)]));
    DELETE FROM memberships m WHERE m.room_id = p_room;
  END IF;
  RETURN NEXT;
END $$;

-- Members ------------------------------------------------------------------------------------

-- status: OK, NOT_FOUND, ARCHIVED, FORBIDDEN (only public rooms can be joined)
CREATE FUNCTION join_room(p_room BIGINT, p_actor BIGINT)
RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  at room_and_actor := lock_room(p_room, p_actor);
BEGIN
  room_seq := at.last_room_seq;
  status := CASE WHEN at.kind IS NULL THEN 'NOT_FOUND' WHEN at.role IS NOT NULL THEN 'OK' WHEN at.state = 1 THEN 'ARCHIVED' ELSE 'OK' END;
  IF status = 'OK' AND at.role IS NULL THEN
    room_seq := admit_members(p_room, p_actor, ARRAY[p_actor], 20::smallint, false, NULL);
  END IF;
  RETURN NEXT;
END $$;

-- status: OK, NOT_FOUND, DIRECT, LAST_OWNER. Leaving again is OK; a room that one was never in is NOT_FOUND.
CREATE FUNCTION leave_room(p_room BIGINT, p_actor BIGINT)
RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  at room_and_actor := lock_room(p_room, p_actor);
BEGIN
  room_seq := at.last_room_seq;
  status := CASE WHEN at.kind IS NULL THEN 'NOT_FOUND' WHEN at.kind = 3 THEN 'DIRECT'
    WHEN at.role = 50 AND (SELECT count(*) FROM memberships WHERE room_id = p_room AND role = 50) = 1 THEN 'LAST_OWNER' ELSE 'OK' END;
  IF at.role IS NULL THEN
    -- Whoever left before is told the same again; to everybody else the room is none of theirs.
    SELECT e.room_seq INTO room_seq FROM account_events e
    WHERE e.user_id = p_actor AND e.room_id = p_room AND e.kind = 2 ORDER BY e.account_seq DESC LIMIT 1;
    status := CASE WHEN FOUND THEN 'OK' ELSE 'NOT_FOUND' END;
  ELSIF status = 'OK' THEN
    room_seq := dismiss_member(p_room, p_actor, p_actor, false);
  END IF;
  RETURN NEXT;
END $$;

-- status: OK, NOT_FOUND, DIRECT, ARCHIVED, FORBIDDEN, RANK (nobody gives a rank that is not below the own), NO_USER
CREATE FUNCTION add_members(p_room BIGINT, p_actor BIGINT, p_users BIGINT[], p_role SMALLINT)
RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  at room_and_actor := lock_room(p_room, p_actor);
BEGIN
  room_seq := at.last_room_seq;
  status := CASE WHEN at.kind IS NULL THEN 'NOT_FOUND' WHEN at.kind = 3 THEN 'DIRECT'
    WHEN coalesce(at.permission_bits, 0) & 2 = 0 THEN 'FORBIDDEN' WHEN at.state = 1 THEN 'ARCHIVED'
    WHEN p_role >= at.role AND at.role < 50 THEN 'RANK'
    WHEN EXISTS (SELECT FROM unnest(p_users) AS u WHERE NOT EXISTS (SELECT FROM users WHERE id = u AND deleted_at IS NULL)) THEN 'NO_USER'
    ELSE 'OK' END;
  IF status = 'OK' THEN
    room_seq := admit_members(p_room, p_actor, p_users, p_role, false, NULL);
  END IF;
  RETURN NEXT;
END $$;

-- status: OK, NOT_FOUND, DIRECT, FORBIDDEN, RANK. Removing who is not a member is OK.
CREATE FUNCTION remove_member(p_room BIGINT, p_actor BIGINT, p_user BIGINT)
RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  at room_and_actor := lock_room(p_room, p_actor);
  v_rank SMALLINT := (SELECT role FROM memberships WHERE room_id = p_room AND user_id = p_user);
BEGIN
  room_seq := at.last_room_seq;
  status := CASE WHEN at.kind IS NULL THEN 'NOT_FOUND' WHEN at.kind = 3 THEN 'DIRECT'
    WHEN coalesce(at.permission_bits, 0) & 4 = 0 THEN 'FORBIDDEN' WHEN v_rank >= at.role THEN 'RANK' ELSE 'OK' END;
  IF status = 'OK' AND v_rank IS NOT NULL THEN
    room_seq := dismiss_member(p_room, p_actor, p_user, true);
  END IF;
  RETURN NEXT;
END $$;

-- status: OK, NOT_FOUND, DIRECT, ARCHIVED, FORBIDDEN, RANK, NO_MEMBER, LAST_OWNER
-- An owner may make other owners; anybody may step down, but the last owner.
CREATE FUNCTION change_member_role(p_room BIGINT, p_actor BIGINT, p_user BIGINT, p_role SMALLINT)
RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  at room_and_actor := lock_room(p_room, p_actor); member memberships;
BEGIN
  SELECT * INTO member FROM memberships WHERE room_id = p_room AND user_id = p_user;
  room_seq := at.last_room_seq;
  status := CASE WHEN at.kind IS NULL THEN 'NOT_FOUND' WHEN at.kind = 3 THEN 'DIRECT' WHEN at.role IS NULL THEN 'FORBIDDEN'
    WHEN p_user = p_actor AND p_role < at.role AND at.role = 50
      AND (SELECT count(*) FROM memberships WHERE room_id = p_room AND role = 50) = 1 THEN 'LAST_OWNER'
    WHEN p_user = p_actor AND p_role <= at.role THEN 'OK'
    WHEN at.permission_bits & 4 = 0 THEN 'FORBIDDEN'
    WHEN member.user_id IS NULL THEN 'NO_MEMBER'
    WHEN member.role = p_role THEN 'OK'
    WHEN member.role >= at.role OR (p_role >= at.role AND at.role < 50) THEN 'RANK'
    ELSE 'OK' END;
  IF status = 'OK' AND at.state = 1 AND member.role <> p_role THEN
    status := 'ARCHIVED';
  END IF;
  IF status = 'OK' AND member.role <> p_role THEN
    UPDATE memberships SET role = p_role, permission_bits = role_permissions(p_role)
    WHERE room_id = p_room AND user_id = p_user RETURNING * INTO member;
    room_seq := append_room_event(p_room, 9::smallint, p_actor, p_user, member_facts(member));
  END IF;
  RETURN NEXT;
END $$;

-- A new display name is told to every room the person is in, in one transaction.
CREATE FUNCTION rename_user(p_user BIGINT, p_display_name TEXT)
RETURNS TABLE (room_id BIGINT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  member memberships;
BEGIN
  PERFORM 1 FROM room_heads h WHERE h.room_id IN (SELECT m.room_id FROM memberships m WHERE m.user_id = p_user)
    ORDER BY h.room_id FOR NO KEY UPDATE;
  UPDATE users SET display_name = p_display_name WHERE id = p_user AND display_name <> p_display_name;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  FOR member IN SELECT * FROM memberships m WHERE m.user_id = p_user ORDER BY m.room_id LOOP
    room_id := member.room_id;
    room_seq := append_room_event(member.room_id, 9::smallint, p_user, p_user, member_facts(member));
    RETURN NEXT;
  END LOOP;
END $$;

-- Reading positions --------------------------------------------------------------------------

-- The last event of each room that a database snapshot saw. Commits of a room follow its numbers, so what a snapshot
-- saw of a room is a prefix of its log, for ever. Steps back from the head by 1, 2, 4, ..., then halves.
-- prefix is NULL where the log no longer reaches back to the snapshot.
CREATE FUNCTION positions_at(p_rooms BIGINT[], p_xmin BIGINT, p_xmax BIGINT, p_xip BIGINT[])
RETURNS TABLE (room_id BIGINT, prefix BIGINT) LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
  head RECORD; lo BIGINT; hi BIGINT; mid BIGINT; step BIGINT; s BIGINT; oldest BIGINT; oldest_stamp BIGINT;
BEGIN
  FOR head IN SELECT h.room_id, h.last_room_seq, h.last_stamp FROM room_heads h WHERE h.room_id = ANY (p_rooms) LOOP
    room_id := head.room_id; lo := head.last_room_seq; hi := lo + 1; step := 1; oldest := NULL;
    IF NOT (head.last_stamp < p_xmin OR head.last_stamp < p_xmax AND head.last_stamp <> ALL (p_xip)) THEN
      LOOP -- invariant: the snapshot saw no event from hi on
        EXIT WHEN lo < 1;
        SELECT e.stamp INTO s FROM room_events e WHERE e.room_id = head.room_id AND e.room_seq = lo;
        IF NOT FOUND THEN -- trimmed: start again from the oldest that is left
          SELECT e.room_seq, e.stamp INTO oldest, oldest_stamp FROM room_events e WHERE e.room_id = head.room_id ORDER BY e.room_seq LIMIT 1;
          lo := CASE WHEN oldest_stamp < p_xmin OR oldest_stamp < p_xmax AND oldest_stamp <> ALL (p_xip) THEN oldest END;
          EXIT;
        END IF;
        EXIT WHEN s < p_xmin OR s < p_xmax AND s <> ALL (p_xip);
        hi := lo; lo := lo - step; step := step * 2;
      END LOOP;
      IF lo < 1 THEN
        lo := 0;
        -- nothing seen back to the start: true only if the start is still there
        IF NOT EXISTS (SELECT FROM room_events e WHERE e.room_id = head.room_id AND e.room_seq = 1) THEN
          SELECT e.room_seq, e.stamp INTO oldest, oldest_stamp FROM room_events e WHERE e.room_id = head.room_id ORDER BY e.room_seq LIMIT 1;
          lo := CASE WHEN oldest_stamp < p_xmin OR oldest_stamp < p_xmax AND oldest_stamp <> ALL (p_xip) THEN oldest END;
        END IF;
      END IF;
      WHILE lo IS NOT NULL AND hi - lo > 1 LOOP
        mid := (lo + hi) / 2;
        SELECT e.stamp INTO s FROM room_events e WHERE e.room_id = head.room_id AND e.room_seq = mid;
        IF NOT FOUND OR s < p_xmin OR s < p_xmax AND s <> ALL (p_xip) THEN lo := mid; ELSE hi := mid; END IF;
      END LOOP;
    END IF;
    prefix := lo;
    RETURN NEXT;
  END LOOP;
END $$;

-- Rooms and the membership of one person in each: what judging somebody's access takes. A plain query for the planner,
-- which puts it in the place of the call. A room without members from an edge on costs nobody else a look at their own.
CREATE FUNCTION rooms_seen_by(p_viewer BIGINT, p_rooms BIGINT[])
RETURNS TABLE (
  "id" BIGINT, "kind" SMALLINT, "name" TEXT, "description" TEXT, "memberCount" INTEGER, "isArchived" BOOLEAN, "isDeleted" BOOLEAN,
  "lastRoomSeq" BIGINT, "lastMessageSeq" BIGINT,
  "roomId" BIGINT, "userId" BIGINT, "role" SMALLINT, "permissions" INTEGER, "joinedAt" TIMESTAMPTZ, "readSeq" BIGINT,
  "deliveredSeq" BIGINT, "fromRoomSeq" BIGINT, "visibleFromRoomSeq" BIGINT, "visibleFromSeq" BIGINT, "isHidden" BOOLEAN,
  "hasEdge" BOOLEAN
) LANGUAGE sql STABLE AS $$
  SELECT r.id, r.kind, r.name, r.description, r.member_count, r.archived_at IS NOT NULL, r.deleted_at IS NOT NULL,
    h.last_room_seq, h.last_message_seq,
    m.room_id, m.user_id, m.role, m.permission_bits, m.joined_at, m.read_seq,
    m.delivered_seq, m.from_room_seq, m.visible_from_room_seq, m.visible_from_seq, m.is_hidden,
    EXISTS (SELECT FROM memberships e WHERE e.room_id = r.id AND e.visible_from_seq > 0)
  FROM rooms r JOIN room_heads h ON h.room_id = r.id
  LEFT JOIN memberships m ON m.room_id = r.id AND m.user_id = p_viewer
  WHERE r.id = ANY (p_rooms)
$$;

-- The number of the first message at or after a time. Times never run backwards in a room, so halving finds it.
CREATE FUNCTION message_seq_at(p_room BIGINT, p_at TIMESTAMPTZ) RETURNS BIGINT LANGUAGE plpgsql STABLE AS $$
DECLARE
  lo BIGINT := 1; hi BIGINT; mid BIGINT; v_at TIMESTAMPTZ;
BEGIN
  SELECT last_message_seq + 1 INTO hi FROM room_heads WHERE room_id = p_room;
  WHILE lo < hi LOOP
    mid := (lo + hi) / 2;
    SELECT created_at INTO v_at FROM messages WHERE room_id = p_room AND seq = mid;
    IF v_at < p_at THEN lo := mid + 1; ELSE hi := mid; END IF;
  END LOOP;
  RETURN lo;
END $$;

-- Retention ----------------------------------------------------------------------------------

-- Deletes what the logs of some rooms have from before a time, but the newest of it: that one proves where an old
-- snapshot stood. Times never run backwards in a room, so halving finds the place. Returns the rooms looked at and
-- the last of them, for the next call.
CREATE FUNCTION trim_room_logs(p_before TIMESTAMPTZ, p_after_room BIGINT, p_rooms INT)
RETURNS TABLE (last_room BIGINT, deleted BIGINT) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  head RECORD; lo BIGINT; hi BIGINT; mid BIGINT; v_at TIMESTAMPTZ; v_deleted BIGINT;
BEGIN
  deleted := 0;
  FOR head IN SELECT h.room_id, h.last_room_seq FROM room_heads h WHERE h.room_id > p_after_room ORDER BY h.room_id LIMIT p_rooms LOOP
    last_room := head.room_id;
    SELECT e.room_seq, e.created_at INTO lo, v_at FROM room_events e WHERE e.room_id = head.room_id ORDER BY e.room_seq LIMIT 1;
    CONTINUE WHEN lo IS NULL OR v_at >= p_before;
    hi := head.last_room_seq + 1;
    WHILE hi - lo > 1 LOOP -- invariant: lo is from before the time, hi is not
      mid := (lo + hi) / 2;
      SELECT e.created_at INTO v_at FROM room_events e WHERE e.room_id = head.room_id AND e.room_seq = mid;
      IF v_at < p_before THEN lo := mid; ELSE hi := mid; END IF;
    END LOOP;
    DELETE FROM room_events e WHERE e.room_id = head.room_id AND e.room_seq < lo;
    GET DIAGNOSTICS v_deleted = ROW_COUNT;
    deleted := deleted + v_deleted;
  END LOOP;
  RETURN NEXT;
END $$;
