-- Starts a session of an active account. Returns no row for any other. The lock on the account waits for a concurrent change of the
-- password or a suspension, which end the sessions that began before.
CREATE OR REPLACE FUNCTION open_session(p_user BIGINT, p_refresh_hash BYTEA, p_days INTEGER, p_device_name TEXT, p_user_agent TEXT)
RETURNS TABLE (session_id BIGINT, created_at TIMESTAMPTZ) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
BEGIN
  PERFORM 1 FROM users u WHERE u.id = p_user AND u.suspended_at IS NULL AND u.deleted_at IS NULL FOR SHARE;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  INSERT INTO sessions (user_id, expires_at, device_name, user_agent)
    VALUES (p_user, now() + make_interval(days => p_days), p_device_name, p_user_agent)
    RETURNING id, sessions.created_at INTO session_id, created_at;
  INSERT INTO refresh_tokens (hash, session_id) VALUES (p_refresh_hash, session_id);
  RETURN NEXT;
END $$;
