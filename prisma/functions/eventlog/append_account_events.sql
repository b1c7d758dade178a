-- Appends one event to each person's own log. Kinds: 1 access granted, 2 access lost.
CREATE OR REPLACE FUNCTION append_account_events(p_users BIGINT[], p_kind SMALLINT, p_room BIGINT, p_room_seqs BIGINT[])
RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM lock_accounts(p_users);
  WITH numbered AS (
    UPDATE account_heads h SET last_account_seq = h.last_account_seq + 1
    FROM unnest(p_users, p_room_seqs) AS x(user_id, room_seq) WHERE h.user_id = x.user_id
    RETURNING h.user_id, h.last_account_seq, x.room_seq
  )
  INSERT INTO account_events (user_id, account_seq, kind, room_id, room_seq, created_at)
  SELECT user_id, last_account_seq, p_kind, p_room, room_seq, clock_timestamp() FROM numbered;
END $$;
