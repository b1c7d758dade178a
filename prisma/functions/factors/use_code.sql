-- Uses a code of an account up: that of a time step of the app, or a recovery code. Returns false if the step, or a later one, or the
-- recovery code was used before. Of concurrent calls with one code, one gets true.
CREATE OR REPLACE FUNCTION use_code(p_user BIGINT, p_step BIGINT, p_recovery_hash BYTEA) RETURNS BOOLEAN LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  IF p_step IS NOT NULL THEN
    UPDATE totp_secrets t SET last_step = p_step WHERE t.user_id = p_user AND t.confirmed_at IS NOT NULL AND t.last_step < p_step;
  ELSE
    UPDATE recovery_codes c SET used_at = now() WHERE c.user_id = p_user AND c.hash = p_recovery_hash AND c.used_at IS NULL;
  END IF;
  RETURN FOUND;
END $$;
