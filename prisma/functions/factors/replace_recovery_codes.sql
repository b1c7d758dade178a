-- Replaces the recovery codes of an account. Returns false, without a change, if it has no app with codes. With
-- p_sends_mail, the verified address gets a notice.
CREATE OR REPLACE FUNCTION replace_recovery_codes(p_user BIGINT, p_hashes BYTEA[], p_sends_mail BOOLEAN DEFAULT false) RETURNS BOOLEAN
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  -- The lock orders concurrent calls: each leaves the codes of one.
  PERFORM 1 FROM totp_secrets t WHERE t.user_id = p_user AND t.confirmed_at IS NOT NULL FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  DELETE FROM recovery_codes c WHERE c.user_id = p_user;
  INSERT INTO recovery_codes (user_id, hash) SELECT p_user, x.hash FROM unnest(p_hashes) AS x(hash);
  IF p_sends_mail THEN
    PERFORM add_security_mail(p_user, 'recovery-codes-replaced');
  END IF;
  RETURN true;
END $$;
