-- Gives a user an address that is available. Returns false if the user has it already. Links for a new password that went to another
-- address, and a change that waits for its mail, become void. A verified address gets a notice that it is replaced.
CREATE OR REPLACE FUNCTION change_external_email(p_user BIGINT, p_email TEXT, p_is_verified BOOLEAN, p_sends_mail BOOLEAN) RETURNS BOOLEAN
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  account users;
BEGIN
  SELECT * INTO account FROM users u WHERE u.id = p_user;
  IF account.email = p_email AND (account.email_verified_at IS NOT NULL OR NOT p_is_verified) THEN
    RETURN false;
  END IF;
  UPDATE users u SET email = p_email, new_email = NULL,
    email_verified_at = CASE WHEN p_is_verified THEN now() WHEN lower(u.email COLLATE "C") = lower(p_email COLLATE "C") THEN u.email_verified_at END
  WHERE u.id = p_user;
  IF lower(account.email COLLATE "C") IS DISTINCT FROM lower(p_email COLLATE "C") THEN
    PERFORM void_tokens(p_user, 'password-reset');
    PERFORM void_tokens(p_user, 'email-verification');
    IF p_sends_mail AND account.email_verified_at IS NOT NULL THEN
      PERFORM add_mail('notice-mail', json_build_object('userId', p_user, 'email', account.email), p_user || ' ' || account.email);
    END IF;
  END IF;
  RETURN true;
END $$;
