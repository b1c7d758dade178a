-- Deletes all passkeys of an account, also if they are its only way to sign in. Returns whether there were any.
CREATE OR REPLACE FUNCTION delete_passkeys(p_user BIGINT, p_sends_mail BOOLEAN) RETURNS BOOLEAN LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM 1 FROM users u WHERE u.id = p_user FOR NO KEY UPDATE;
  DELETE FROM passkeys k WHERE k.user_id = p_user;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  IF p_sends_mail THEN
    PERFORM add_security_mail(p_user, 'passkey-removed');
  END IF;
  RETURN true;
END $$;
