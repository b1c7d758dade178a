-- Removes the app and the recovery codes of an account. Returns whether it had them. With p_sends_mail, the
-- verified address gets a notice.
CREATE OR REPLACE FUNCTION remove_totp(p_user BIGINT, p_sends_mail BOOLEAN DEFAULT false) RETURNS BOOLEAN LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_was_active BOOLEAN;
BEGIN
  DELETE FROM totp_secrets t WHERE t.user_id = p_user RETURNING t.confirmed_at IS NOT NULL INTO v_was_active;
  DELETE FROM recovery_codes c WHERE c.user_id = p_user;
  IF v_was_active AND p_sends_mail THEN
    PERFORM add_security_mail(p_user, 'app-removed');
  END IF;
  RETURN coalesce(v_was_active, false);
END $$;
