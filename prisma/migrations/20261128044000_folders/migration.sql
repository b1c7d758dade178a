-- AlterTable
ALTER TABLE "memberships" ADD COLUMN     "folder" TEXT;

-- A function may call one that is created after it.
SET LOCAL check_function_bodies = off;

DROP FUNCTION set_room_preferences(bigint,bigint,boolean,boolean,timestamp with time zone,boolean);

DROP FUNCTION unread_counts(bigint,bigint[]);

-- What a member has set for a room. NULL leaves a value as it is; p_muted_until in the past ends a mute, an empty p_folder means none.
-- status: OK, SAME, NOT_FOUND
CREATE OR REPLACE FUNCTION set_room_preferences(p_room BIGINT, p_user BIGINT, p_pinned BOOLEAN, p_hidden BOOLEAN, p_muted_until TIMESTAMPTZ,
  p_shares_receipts BOOLEAN, p_folder TEXT)
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
  IF p_folder IS NOT NULL THEN
    new.folder := nullif(p_folder, '');
  END IF;
  IF new IS NOT DISTINCT FROM old THEN
    status := 'SAME';
  ELSE
    UPDATE memberships m SET pinned_at = new.pinned_at, hidden_at_seq = new.hidden_at_seq, muted_until = new.muted_until,
      shares_receipts = new.shares_receipts, folder = new.folder
    WHERE m.room_id = p_room AND m.user_id = p_user;
    PERFORM append_account_events(ARRAY[p_user], 4::smallint, p_room, ARRAY[head.last_room_seq]);
    status := 'OK';
  END IF;
  SELECT a.last_account_seq INTO account_seq FROM account_heads a WHERE a.user_id = p_user;
  RETURN NEXT;
END $$;

-- What a member has not read in these rooms: living messages of others above the mark and inside the visible history. The head
-- and accountSeq are of the same snapshot: the numbers hold up to them.
CREATE OR REPLACE FUNCTION unread_counts(p_user BIGINT, p_rooms BIGINT[])
RETURNS TABLE ("roomId" BIGINT, "head" BIGINT, "accountSeq" BIGINT, "readSeq" BIGINT, "floor" BIGINT, "messages" BIGINT, "mentions" BIGINT, "mutedUntil" BIGINT,
  "isPinned" BOOLEAN, "isHidden" BOOLEAN, "sharesReceipts" BOOLEAN, "folder" TEXT)
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
    (m.hidden_at_seq >= h.last_message_seq) IS TRUE, m.shares_receipts, m.folder
  FROM unnest(p_rooms) AS x(room_id) JOIN memberships m ON m.room_id = x.room_id AND m.user_id = p_user
  JOIN room_heads h ON h.room_id = x.room_id CROSS JOIN LATERAL (SELECT greatest(m.read_seq, m.visible_from_seq - 1) AS seq) f
  WHERE NOT m.is_hidden AND h.state < 2
$$;

-- Adds users to a room whose head the caller has locked. Members stay unchanged. Each new member causes a MemberJoined
-- in the room and, unless hidden, an access granted in the own log. Returns the last number.
CREATE OR REPLACE FUNCTION admit_members(p_room BIGINT, p_actor BIGINT, p_users BIGINT[], p_role SMALLINT, p_from_start BOOLEAN, p_hidden_from BIGINT)
RETURNS BIGINT LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  head room_heads; member memberships; v_user BIGINT; v_seq BIGINT;
  v_granted BIGINT[] := '{}'; v_seqs BIGINT[] := '{}'; v_added INTEGER := 0;
  -- In a direct room, everybody pins.
  v_permissions BIGINT := role_permissions(p_role) | CASE WHEN EXISTS (SELECT FROM rooms r WHERE r.id = p_room AND r.kind = 3) THEN 256 ELSE 0 END;
BEGIN
  SELECT * INTO head FROM room_heads WHERE room_id = p_room;
  -- Waits for a renaming that has begun, or the room would keep the old name: rename_user changes this row before it
  -- looks for memberships. FOR KEY SHARE would not wait for it.
  PERFORM 1 FROM users u WHERE u.id = ANY (p_users)
    AND NOT EXISTS (SELECT FROM memberships m WHERE m.room_id = p_room AND m.user_id = u.id) ORDER BY u.id FOR SHARE;
  v_seq := head.last_room_seq;
  FOR v_user IN SELECT DISTINCT u FROM unnest(p_users) AS u ORDER BY u LOOP
    CONTINUE WHEN EXISTS (SELECT FROM memberships WHERE room_id = p_room AND user_id = v_user);
    -- mentioned_seq: a message from an earlier membership may have mentioned the user.
    INSERT INTO memberships (room_id, user_id, role, permission_bits, from_room_seq, read_seq, delivered_seq, mentioned_seq, is_hidden, joined_at)
    VALUES (p_room, v_user, p_role, v_permissions, CASE WHEN p_from_start THEN 1 ELSE v_seq + 1 END,
      head.last_message_seq, head.last_message_seq, head.last_message_seq, p_hidden_from IS NOT NULL AND v_user <> p_hidden_from,
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

-- Makes users members of public rooms. The caller holds the locks of the rooms, of the users' places and of their own logs;
-- rooms in p_busy are locked by somebody else.
-- status: OK, SAME (a member already), BUSY, NO_PLACE (the user is in max_rooms rooms), NOT_FOUND, ARCHIVED, FULL,
--         AGAIN (the same join is earlier in this batch: send it again)
-- Every lookup is a LATERAL with a limit: left to choose, the planner scans what was empty when it planned.
CREATE OR REPLACE FUNCTION apply_joins(p_joins room_join[], p_busy BIGINT[]) RETURNS change_outcome[] LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  v_now TIMESTAMPTZ(3) := clock_timestamp(); v_stamp BIGINT := pg_current_xact_id()::text::bigint; outcomes change_outcome[];
BEGIN
  -- Waits for a renaming that has begun, or the room would keep the old name: rename_user changes this row before it
  -- looks for memberships. FOR KEY SHARE would not wait for it.
  PERFORM 1 FROM users w WHERE w.id IN (SELECT u.user_id FROM unnest(p_joins) AS u
    WHERE NOT EXISTS (SELECT FROM memberships m WHERE m.room_id = u.room_id AND m.user_id = u.user_id)) ORDER BY w.id FOR SHARE;
  WITH judged AS (
    SELECT u.*, h.last_room_seq, h.last_message_seq, greatest(v_now, h.last_at) AS at, w.username, w.display_name, c.rooms, a.last_account_seq,
      CASE WHEN u.room_id = ANY (p_busy) THEN 'BUSY'
        WHEN m.user_id IS NULL AND c.rooms >= u.max_rooms THEN 'NO_PLACE'
        WHEN r.id IS NULL OR h.state = 2 OR (r.kind <> 1 AND (m.role IS NULL OR m.is_hidden)) THEN 'NOT_FOUND'
        WHEN m.user_id IS NOT NULL THEN 'SAME'
        WHEN h.state = 1 THEN 'ARCHIVED'
        WHEN h.last_room_seq > max_seq() - cardinality(p_joins) THEN 'FULL'
        WHEN row_number() OVER (PARTITION BY u.room_id, u.user_id ORDER BY u.ord) > 1 THEN 'AGAIN'
        ELSE 'OK' END AS status
    FROM unnest(p_joins) WITH ORDINALITY AS u(room_id, user_id, max_rooms, ord)
    LEFT JOIN LATERAL (SELECT * FROM rooms r WHERE r.id = u.room_id LIMIT 1) r ON true
    LEFT JOIN LATERAL (SELECT * FROM room_heads h WHERE h.room_id = u.room_id LIMIT 1) h ON true
    LEFT JOIN LATERAL (SELECT * FROM memberships m WHERE m.room_id = u.room_id AND m.user_id = u.user_id LIMIT 1) m ON true
    LEFT JOIN LATERAL (SELECT * FROM users w WHERE w.id = u.user_id LIMIT 1) w ON true
    LEFT JOIN LATERAL (SELECT * FROM account_heads a WHERE a.user_id = u.user_id LIMIT 1) a ON true
    CROSS JOIN LATERAL rooms_of(u.user_id, u.max_rooms) AS c
  ), placed AS (
    SELECT j.*, row_number() OVER (PARTITION BY j.user_id, j.status ORDER BY j.ord) AS nth_of_user FROM judged j
  ), told AS (
    SELECT p.*, CASE WHEN p.status = 'OK' AND p.rooms + p.nth_of_user > p.max_rooms THEN 'NO_PLACE' ELSE p.status END AS verdict FROM placed p
  ), numbered AS (
    SELECT t.*, t.last_room_seq + count(*) FILTER (WHERE t.verdict = 'OK') OVER (PARTITION BY t.room_id ORDER BY t.ord) AS new_room_seq FROM told t
  ), described AS MATERIALIZED (
    SELECT n.*, CASE WHEN n.verdict = 'OK' THEN membership_facts(20::smallint, role_permissions(20::smallint), NULL, n.last_message_seq,
      n.last_message_seq, n.at) END AS facts FROM numbered n
  ), made AS MATERIALIZED (
    SELECT * FROM described d WHERE d.verdict = 'OK'
  ), member AS (
    INSERT INTO memberships (room_id, user_id, role, permission_bits, from_room_seq, read_seq, delivered_seq, mentioned_seq, is_hidden, joined_at)
    -- mentioned_seq: a message from an earlier membership may have mentioned the user.
    SELECT n.room_id, n.user_id, 20, role_permissions(20::smallint), n.new_room_seq, n.last_message_seq, n.last_message_seq, n.last_message_seq, false,
      n.at
    FROM made n
  ), event AS (
    INSERT INTO room_events (room_id, room_seq, kind, actor_id, subject, message_seq, stamp, created_at, facts)
    SELECT n.room_id, n.new_room_seq, 8, n.user_id, n.user_id, n.last_message_seq, v_stamp, n.at, n.facts FROM made n
  ), head AS (
    UPDATE room_heads h SET last_room_seq = x.room_seq, last_at = x.at, last_stamp = v_stamp, top_stamp = greatest(v_stamp, h.top_stamp)
    FROM (SELECT n.room_id, max(n.new_room_seq) AS room_seq, max(n.at) AS at FROM made n GROUP BY n.room_id) x WHERE h.room_id = x.room_id
  ), room AS (
    UPDATE rooms r SET member_count = r.member_count + x.added
    FROM (SELECT n.room_id, count(*) AS added FROM made n GROUP BY n.room_id) x WHERE r.id = x.room_id
  ), account AS (
    UPDATE account_heads h SET last_account_seq = h.last_account_seq + x.granted
    FROM (SELECT n.user_id, count(*) AS granted FROM made n GROUP BY n.user_id) x WHERE h.user_id = x.user_id
  ), account_event AS (
    INSERT INTO account_events (user_id, account_seq, kind, room_id, room_seq, created_at)
    SELECT n.user_id, n.last_account_seq + n.nth_of_user, 1, n.room_id, n.new_room_seq, v_now FROM made n
  )
  SELECT array_agg(ROW('join', d.ord, d.verdict, d.new_room_seq, d.last_message_seq, d.at, d.username, d.display_name, d.facts)::change_outcome)
  INTO outcomes FROM described d;
  RETURN outcomes;
END $$;

-- Members who joined again before this migration may have been mentioned before they left.
UPDATE memberships m SET mentioned_seq = h.last_message_seq FROM room_heads h WHERE h.room_id = m.room_id;
