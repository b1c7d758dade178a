-- Starts a session with a passkey whose signature was verified. Returns no row if its counter went back, or the account may not sign
-- in.
CREATE OR REPLACE FUNCTION login_with_passkey(p_passkey BIGINT, p_counter BIGINT, p_refresh_hash BYTEA, p_days INTEGER, p_device_name TEXT,
  p_user_agent TEXT)
RETURNS TABLE (user_id BIGINT, session_id BIGINT, created_at TIMESTAMPTZ) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
BEGIN
  -- The account before its passkeys, as in add_passkey.
  SELECT u.id INTO user_id FROM users u WHERE u.id = (SELECT k.user_id FROM passkeys k WHERE k.id = p_passkey) FOR SHARE;
  IF user_id IS NULL OR NOT use_passkey(p_passkey, p_counter) THEN
    RETURN;
  END IF;
  SELECT s.session_id, s.created_at INTO session_id, created_at
    FROM open_session(user_id, p_refresh_hash, p_days, p_device_name, p_user_agent) s;
  IF session_id IS NOT NULL THEN
    RETURN NEXT;
  END IF;
END $$;
