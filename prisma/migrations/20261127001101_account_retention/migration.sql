-- CreateTable
CREATE TABLE "access_losses" (
    "user_id" BIGINT NOT NULL,
    "room_id" BIGINT NOT NULL,
    "room_seq" BIGINT NOT NULL,

    CONSTRAINT "access_losses_pkey" PRIMARY KEY ("user_id","room_id")
);

-- Of every room that somebody lost so far.
INSERT INTO "access_losses" ("user_id", "room_id", "room_seq")
SELECT user_id, room_id, max(room_seq) FROM account_events WHERE kind = 2 GROUP BY user_id, room_id;

-- A function may call one that is created after it.
SET LOCAL check_function_bodies = off;

-- Appends one event to each person's own log. Kinds: 1 access granted, 2 access lost. The last loss of each room is kept
-- beside the log, which is trimmed.
CREATE OR REPLACE FUNCTION append_account_events(p_users BIGINT[], p_kind SMALLINT, p_room BIGINT, p_room_seqs BIGINT[])
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
  IF p_kind = 2 THEN
    INSERT INTO access_losses (user_id, room_id, room_seq)
    SELECT x.user_id, p_room, x.room_seq FROM unnest(p_users, p_room_seqs) AS x(user_id, room_seq)
    ON CONFLICT (user_id, room_id) DO UPDATE SET room_seq = EXCLUDED.room_seq;
  END IF;
END $$;

-- Deletes what the own logs of some users have from before a time, but the newest of it. The losses of access that are
-- asked for later are in access_losses. Returns the last user looked at, for the next call.
CREATE OR REPLACE FUNCTION trim_account_logs(p_before TIMESTAMPTZ, p_after_user BIGINT, p_users INT)
RETURNS TABLE (last_user BIGINT, deleted BIGINT) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  head RECORD; lo BIGINT; hi BIGINT; mid BIGINT; v_at TIMESTAMPTZ; v_deleted BIGINT;
BEGIN
  deleted := 0;
  FOR head IN SELECT h.user_id, h.last_account_seq FROM account_heads h WHERE h.user_id > p_after_user ORDER BY h.user_id LIMIT p_users LOOP
    last_user := head.user_id;
    SELECT e.account_seq, e.created_at INTO lo, v_at FROM account_events e WHERE e.user_id = head.user_id ORDER BY e.account_seq LIMIT 1;
    CONTINUE WHEN lo IS NULL OR v_at >= p_before;
    hi := head.last_account_seq + 1;
    WHILE hi - lo > 1 LOOP -- invariant: lo is from before the time, hi is not
      mid := (lo + hi) / 2;
      SELECT e.created_at INTO v_at FROM account_events e WHERE e.user_id = head.user_id AND e.account_seq = mid;
      IF v_at < p_before THEN lo := mid; ELSE hi := mid; END IF;
    END LOOP;
    DELETE FROM account_events e WHERE e.user_id = head.user_id AND e.account_seq < lo;
    GET DIAGNOSTICS v_deleted = ROW_COUNT;
    deleted := deleted + v_deleted;
  END LOOP;
  RETURN NEXT;
END $$;

-- status: OK, NOT_FOUND, DIRECT, LAST_OWNER. Leaving again is OK; a room that one was never in is NOT_FOUND.
CREATE OR REPLACE FUNCTION leave_room(p_room BIGINT, p_actor BIGINT)
RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  at room_and_actor := lock_room(p_room, p_actor);
BEGIN
  room_seq := at.last_room_seq;
  status := CASE WHEN at.kind IS NULL THEN 'NOT_FOUND' WHEN at.kind = 3 THEN 'DIRECT'
    WHEN at.role = 50 AND (SELECT count(*) FROM memberships WHERE room_id = p_room AND role = 50) = 1 THEN 'LAST_OWNER' ELSE 'OK' END;
  IF at.role IS NULL THEN
    -- Whoever left before is told the same again; to everybody else the room is none of theirs.
    SELECT l.room_seq INTO room_seq FROM access_losses l WHERE l.user_id = p_actor AND l.room_id = p_room;
    status := CASE WHEN FOUND THEN 'OK' ELSE 'NOT_FOUND' END;
  ELSIF status = 'OK' THEN
    room_seq := dismiss_member(p_room, p_actor, p_actor, false);
  END IF;
  RETURN NEXT;
END $$;
