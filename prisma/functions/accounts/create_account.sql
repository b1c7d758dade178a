-- Creates an account, with a session if p_refresh_hash is given. All or nothing: what is taken does not use up a ticket.
-- status: OK, FORBIDDEN (the invitation p_ticket is not valid), SAME (the address belongs to an account)
-- With p_sends_mail the address is verified by a mail, so the answer does not depend on whether an account has it.
CREATE OR REPLACE FUNCTION create_account(p_username TEXT, p_display_name TEXT, p_email TEXT, p_password_hash TEXT, p_is_admin BOOLEAN,
  p_ticket BYTEA, p_purposes TEXT[], p_sends_mail BOOLEAN, p_refresh_hash BYTEA, p_days INTEGER, p_device_name TEXT, p_user_agent TEXT)
RETURNS TABLE (status TEXT, user_id BIGINT, session_id BIGINT, created_at TIMESTAMPTZ) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  v_purpose TEXT; v_user BIGINT; v_session BIGINT;
BEGIN
  status := 'OK';
  IF p_ticket IS NOT NULL THEN
    -- The token of the first administrator is void when there is one.
    SELECT t.purpose INTO v_purpose FROM one_time_tokens t
    WHERE t.hash = p_ticket AND t.purpose = ANY (p_purposes) AND t.used_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > now())
      AND (t.purpose <> 'first-admin' OR NOT EXISTS (SELECT FROM users WHERE is_admin)) FOR NO KEY UPDATE;
    status := CASE WHEN FOUND THEN 'OK' ELSE 'FORBIDDEN' END;
  END IF;
  IF status = 'OK' AND NOT p_sends_mail AND NOT is_email_free(p_email) THEN
    status := 'SAME';
  END IF;
  IF status = 'OK' THEN
    UPDATE one_time_tokens t SET used_at = now() WHERE t.hash = p_ticket;
    INSERT INTO users (username, display_name, email, password_hash, is_admin)
      VALUES (p_username, p_display_name, p_email, p_password_hash, p_is_admin OR coalesce(v_purpose = 'first-admin', false))
      RETURNING id, users.created_at INTO v_user, created_at;
    INSERT INTO account_heads (user_id) VALUES (v_user);
    IF p_refresh_hash IS NOT NULL THEN
      INSERT INTO sessions (user_id, expires_at, device_name, user_agent)
        VALUES (v_user, now() + make_interval(days => p_days), p_device_name, p_user_agent) RETURNING id INTO v_session;
      INSERT INTO refresh_tokens (hash, session_id) VALUES (p_refresh_hash, v_session);
    END IF;
    IF p_sends_mail THEN
      PERFORM add_mail('verification-mail', json_build_object('userId', v_user), v_user::text);
    END IF;
    user_id := v_user; session_id := v_session;
  END IF;
  RETURN NEXT;
END $$;
