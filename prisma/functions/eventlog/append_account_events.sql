-- Appends one event to each user's own log. Kinds: 1 access granted, 2 access lost. The last loss of each room is also
-- kept outside the log, which is trimmed.
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
