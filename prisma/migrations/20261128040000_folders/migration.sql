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
