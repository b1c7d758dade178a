-- Makes the address of a token the verified address of its account. Links for a new password that went to another address become
-- void. Returns the address; null if the token is not valid, the account has chosen another address since, or another account has
-- verified this one.
CREATE OR REPLACE FUNCTION verify_email(p_hash BYTEA) RETURNS TEXT LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  account users; token one_time_tokens;
BEGIN
  -- The account before its tokens, as in set_password.
  SELECT u.* INTO account FROM users u WHERE u.id = (SELECT t.user_id FROM one_time_tokens t WHERE t.hash = p_hash)
    AND u.deleted_at IS NULL AND u.suspended_at IS NULL FOR NO KEY UPDATE;
  UPDATE one_time_tokens t SET used_at = now()
  WHERE t.hash = p_hash AND t.user_id = account.id AND t.purpose = 'email-verification' AND t.used_at IS NULL AND t.expires_at > now()
    RETURNING * INTO token;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('email ' || lower(token.email COLLATE "C"), 0));
  UPDATE users u SET email = token.email, email_verified_at = now(), new_email = nullif(u.new_email, token.email)
  WHERE u.id = account.id AND token.email IN (u.email, u.new_email) AND NOT is_email_verified(token.email, u.id);
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  IF account.email IS DISTINCT FROM token.email THEN
    PERFORM void_tokens(account.id, 'password-reset');
  END IF;
  RETURN token.email;
END $$;
