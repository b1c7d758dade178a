-- Starts a session of the user with this subject. At the first sight of a subject, the user is the one who has verified the address
-- p_email, if p_links and linkable_user finds one, or a new one, if p_creates. p_email is an address that the issuer has verified.
-- Later, a display name that the issuer has changed replaces that of the user. With p_sends_mail, a verified address that was found gets a notice.
-- status: OK, NO_USER (the subject is unknown, and the issuer creates no users), TAKEN (all p_usernames are taken), CLOSED (the user is
-- suspended or erased), LIMIT (the user with that address has many identities already)
CREATE OR REPLACE FUNCTION sign_in_identity(p_issuer TEXT, p_subject TEXT, p_usernames TEXT[], p_display_name TEXT, p_email TEXT,
  p_links BOOLEAN, p_creates BOOLEAN, p_sends_mail BOOLEAN, p_refresh_hash BYTEA, p_days INTEGER, p_device_name TEXT, p_user_agent TEXT)
RETURNS TABLE (status TEXT, user_id BIGINT, session_id BIGINT, created_at TIMESTAMPTZ, is_new BOOLEAN) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  identity identities := lock_identity(p_issuer, p_subject); v_user BIGINT := identity.user_id; v_session BIGINT;
BEGIN
  status := 'OK'; is_new := false;
  IF v_user IS NULL AND p_links THEN
    v_user := linkable_user(p_issuer, p_email);
    IF (SELECT count(*) FROM identities i WHERE i.user_id = v_user) > 9 THEN
      status := 'LIMIT';
    END IF;
  END IF;
  IF v_user IS NULL AND p_creates THEN
    v_user := create_external_user(p_usernames, p_display_name, p_email, true, p_sends_mail);
    is_new := true;
    IF v_user IS NULL THEN
      status := 'TAKEN';
    END IF;
  ELSIF v_user IS NULL THEN
    status := 'NO_USER';
  END IF;
  IF status = 'OK' THEN
    -- As in every sign-in, the lock waits for a concurrent suspension.
    PERFORM 1 FROM users u WHERE u.id = v_user AND u.suspended_at IS NULL AND u.deleted_at IS NULL FOR NO KEY UPDATE;
    IF NOT FOUND THEN
      status := 'CLOSED';
    ELSIF identity.id IS NOT NULL AND NOT EXISTS (SELECT FROM identities i WHERE i.id = identity.id) THEN
      -- The transaction that had the lock before has removed it.
      status := 'NO_USER';
    END IF;
  END IF;
  IF status = 'OK' THEN
    IF identity.id IS NULL THEN
      INSERT INTO identities (user_id, issuer, subject, display_name, email, last_used_at)
        VALUES (v_user, p_issuer, p_subject, p_display_name, p_email, now());
      IF p_sends_mail AND NOT is_new THEN
        PERFORM add_security_mail(v_user, 'identity-added');
      END IF;
    ELSE
      UPDATE identities i SET last_used_at = now(), display_name = coalesce(p_display_name, i.display_name), email = coalesce(p_email, i.email)
      WHERE i.id = identity.id;
      IF p_display_name IS NOT NULL AND p_display_name IS DISTINCT FROM identity.display_name THEN
        PERFORM change_display_name(v_user, p_display_name);
      END IF;
    END IF;
    INSERT INTO sessions (user_id, expires_at, device_name, user_agent)
      VALUES (v_user, now() + make_interval(days => p_days), p_device_name, p_user_agent)
      RETURNING id, sessions.created_at INTO v_session, created_at;
    INSERT INTO refresh_tokens (hash, session_id) VALUES (p_refresh_hash, v_session);
    user_id := v_user; session_id := v_session;
  END IF;
  RETURN NEXT;
END $$;
