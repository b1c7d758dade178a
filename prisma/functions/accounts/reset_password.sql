-- Sets the password of the account of a token, as set_password does. The address that got the link counts as verified. If it was not
-- before, anybody may have registered it and added other ways to sign in: those are removed. Returns no row if the token is not valid, or
-- the account has another address since.
CREATE OR REPLACE FUNCTION reset_password(p_hash BYTEA, p_password_hash TEXT, p_sends_mail BOOLEAN DEFAULT false)
RETURNS TABLE (user_id BIGINT, session_ids BIGINT[]) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  account users; token one_time_tokens;
BEGIN
  -- The account before its tokens, as in set_password.
  SELECT u.* INTO account FROM users u WHERE u.id = (SELECT t.user_id FROM one_time_tokens t WHERE t.hash = p_hash)
    AND u.deleted_at IS NULL AND u.suspended_at IS NULL FOR NO KEY UPDATE;
  UPDATE one_time_tokens t SET used_at = now()
  WHERE t.hash = p_hash AND t.user_id = account.id AND t.purpose = 'password-reset' AND t.used_at IS NULL AND t.expires_at > now()
    AND (t.email IS NULL OR t.email = account.email) RETURNING * INTO token;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  user_id := account.id;
  session_ids := set_password(account.id, NULL, p_password_hash, NULL, p_sends_mail);
  -- A link of the command line has no address: no mailbox got it, so it proves nothing.
  IF token.email IS NOT NULL THEN
    PERFORM pg_advisory_xact_lock(hashtextextended('email ' || lower(token.email COLLATE "C"), 0));
    UPDATE users u SET email_verified_at = now()
    WHERE u.id = account.id AND u.email_verified_at IS NULL AND NOT is_email_verified(token.email, account.id);
    IF account.email_verified_at IS NULL AND remove_ways_in(account.id) AND p_sends_mail THEN
      PERFORM add_security_mail(account.id, 'ways-in-removed');
    END IF;
  END IF;
  RETURN NEXT;
END $$;
