-- Locks the heads of these users' own logs in one order, and creates missing ones.
CREATE OR REPLACE FUNCTION lock_accounts(p_users BIGINT[]) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  INSERT INTO account_heads (user_id) SELECT DISTINCT u FROM unnest(p_users) AS u ORDER BY u ON CONFLICT DO NOTHING;
  PERFORM 1 FROM account_heads WHERE user_id = ANY (p_users) ORDER BY user_id FOR NO KEY UPDATE;
END $$;
