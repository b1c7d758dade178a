-- Removes the app and the recovery codes of an account. Returns whether it had them.
CREATE OR REPLACE FUNCTION remove_totp(p_user BIGINT) RETURNS BOOLEAN LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_was_active BOOLEAN;
BEGIN
  DELETE FROM totp_secrets t WHERE t.user_id = p_user RETURNING t.confirmed_at IS NOT NULL INTO v_was_active;
  DELETE FROM recovery_codes c WHERE c.user_id = p_user;
  RETURN coalesce(v_was_active, false);
END $$;
