-- Makes the secret of an app a second factor of its account, with recovery codes. p_step is the time step of the code that the app
-- has shown. Returns false if the account has another secret meanwhile, or this one is older than p_minutes.
-- With p_sends_mail, the verified address gets a notice.
CREATE OR REPLACE FUNCTION confirm_totp(p_user BIGINT, p_secret BYTEA, p_step BIGINT, p_hashes BYTEA[], p_minutes INTEGER,
  p_sends_mail BOOLEAN DEFAULT false) RETURNS BOOLEAN LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  UPDATE totp_secrets t SET confirmed_at = now(), last_step = p_step
  WHERE t.user_id = p_user AND t.secret = p_secret AND t.confirmed_at IS NULL AND t.created_at > now() - make_interval(mins => p_minutes);
  IF NOT FOUND OR NOT replace_recovery_codes(p_user, p_hashes) THEN
    RETURN false;
  END IF;
  IF p_sends_mail THEN
    PERFORM add_security_mail(p_user, 'app-added');
  END IF;
  RETURN true;
END $$;
