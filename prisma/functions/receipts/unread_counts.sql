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
