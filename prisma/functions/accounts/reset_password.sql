-- Sets the password of the account of a token. All its sessions end, its older tokens become void, a change of the address that
-- is not verified yet is forgotten, and the address of the mail counts as verified. Returns no row if the token is not valid.
CREATE OR REPLACE FUNCTION reset_password(p_hash BYTEA, p_password_hash TEXT)
RETURNS TABLE (user_id BIGINT, session_ids BIGINT[]) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  token one_time_tokens;
BEGIN
  UPDATE one_time_tokens t SET used_at = now()
  WHERE t.hash = p_hash AND t.purpose = 'password-reset' AND t.used_at IS NULL AND t.expires_at > now() RETURNING * INTO token;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('email ' || lower(token.email COLLATE "C"), 0));
  UPDATE users u SET password_hash = p_password_hash, new_email = NULL,
    email_verified_at = CASE WHEN u.email = token.email AND NOT is_email_verified(u.email, u.id) THEN coalesce(u.email_verified_at, now())
      ELSE u.email_verified_at END
  WHERE u.id = token.user_id AND u.deleted_at IS NULL AND u.suspended_at IS NULL;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  UPDATE one_time_tokens t SET expires_at = now() WHERE t.user_id = token.user_id AND t.used_at IS NULL AND t.expires_at > now();
  user_id := token.user_id;
  -- A separate statement: it must see sessions that began while the previous ones waited.
  WITH ended AS (
    UPDATE sessions s SET revoked_at = clock_timestamp() WHERE s.id IN (
      SELECT x.id FROM sessions x WHERE x.user_id = token.user_id AND x.revoked_at IS NULL ORDER BY x.id FOR NO KEY UPDATE
    ) AND s.revoked_at IS NULL RETURNING s.id
  ) SELECT coalesce(array_agg(id), '{}') INTO session_ids FROM ended;
  RETURN NEXT;
END $$;
