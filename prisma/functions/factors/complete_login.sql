-- Starts the session of a sign-in that waits for a code, and uses both up. Returns no row if the challenge or the code is not valid
-- any more; then neither is used up.
CREATE OR REPLACE FUNCTION complete_login(p_challenge BYTEA, p_step BIGINT, p_recovery_hash BYTEA, p_refresh_hash BYTEA, p_days INTEGER,
  p_device_name TEXT, p_user_agent TEXT)
RETURNS TABLE (user_id BIGINT, session_id BIGINT, created_at TIMESTAMPTZ) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  v_user BIGINT;
BEGIN
  -- The account before its tokens, as in set_password.
  SELECT u.id INTO v_user FROM users u WHERE u.id = (SELECT t.user_id FROM one_time_tokens t WHERE t.hash = p_challenge)
    AND u.suspended_at IS NULL AND u.deleted_at IS NULL FOR SHARE;
  PERFORM 1 FROM one_time_tokens t WHERE t.hash = p_challenge AND t.user_id = v_user AND t.purpose = 'second-factor' AND t.used_at IS NULL
    AND t.expires_at > now() FOR NO KEY UPDATE;
  IF NOT FOUND OR NOT use_code(v_user, p_step, p_recovery_hash) THEN
    RETURN;
  END IF;
  UPDATE one_time_tokens t SET used_at = now() WHERE t.hash = p_challenge;
  SELECT s.session_id, s.created_at INTO session_id, created_at
    FROM open_session(v_user, p_refresh_hash, p_days, p_device_name, p_user_agent) s;
  user_id := v_user;
  RETURN NEXT;
END $$;
