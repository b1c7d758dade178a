-- A function may call one that is created after it.
SET LOCAL check_function_bodies = off;

-- Notes the address that an account will have when it is verified, and adds the mails: one to the old address if that is verified,
-- and one to the new one. Returns false if the account has another password hash meanwhile.
CREATE OR REPLACE FUNCTION change_email(p_user BIGINT, p_password_hash TEXT, p_email TEXT) RETURNS BOOLEAN LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  account users;
BEGIN
  UPDATE users u SET new_email = p_email WHERE u.id = p_user AND u.password_hash = p_password_hash RETURNING * INTO account;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  -- First, and with the address in its key: a later change must not replace the notice to this address.
  IF account.email_verified_at IS NOT NULL THEN
    PERFORM add_mail('notice-mail', json_build_object('userId', p_user, 'email', account.email), p_user || ' ' || account.email);
  END IF;
  PERFORM add_mail('verification-mail', json_build_object('userId', p_user), p_user::text);
  RETURN true;
END $$;

-- Stores the token of a mail to an address, which replaces older ones of the same purpose. Returns false, without a token, if
-- the address or the account got p_most mails of this purpose in the last hour. p_most is null for a mail that is tried again.
CREATE OR REPLACE FUNCTION issue_token(p_user BIGINT, p_purpose TEXT, p_email TEXT, p_hash BYTEA, p_minutes INTEGER, p_most INTEGER)
RETURNS BOOLEAN LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_since TIMESTAMPTZ := now() - interval '1 hour';
BEGIN
  IF (SELECT count(*) FROM one_time_tokens t WHERE t.user_id = p_user AND t.purpose = p_purpose AND t.created_at > v_since) >= p_most
    OR (SELECT count(*) FROM one_time_tokens t
      WHERE lower(t.email COLLATE "C") = lower(p_email COLLATE "C") AND t.purpose = p_purpose AND t.created_at > v_since) >= p_most THEN
    RETURN false;
  END IF;
  PERFORM void_tokens(p_user, p_purpose);
  INSERT INTO one_time_tokens (hash, purpose, user_id, email, expires_at)
    VALUES (p_hash, p_purpose, p_user, p_email, now() + make_interval(mins => p_minutes));
  RETURN true;
END $$;

-- Sets the password of the account of a token, as set_password does. The address that got the link counts as verified. Returns no
-- row if the token is not valid, or the account has another address since.
CREATE OR REPLACE FUNCTION reset_password(p_hash BYTEA, p_password_hash TEXT)
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
  session_ids := set_password(account.id, NULL, p_password_hash, NULL);
  -- A link of the command line has no address: no mailbox got it, so it proves nothing.
  IF token.email IS NOT NULL THEN
    PERFORM pg_advisory_xact_lock(hashtextextended('email ' || lower(token.email COLLATE "C"), 0));
    UPDATE users u SET email_verified_at = now()
    WHERE u.id = account.id AND u.email_verified_at IS NULL AND NOT is_email_verified(token.email, account.id);
  END IF;
  RETURN NEXT;
END $$;

-- Sets another password. A change of the address that is not verified yet is forgotten, all links of mails become void, and all
-- sessions end except p_keep. Returns the ended sessions; null if the password hash is not p_from (null: any).
CREATE OR REPLACE FUNCTION set_password(p_user BIGINT, p_from TEXT, p_to TEXT, p_keep BIGINT) RETURNS BIGINT[] LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_ended BIGINT[];
BEGIN
  UPDATE users u SET password_hash = p_to, new_email = NULL WHERE u.id = p_user AND u.password_hash IS NOT DISTINCT FROM coalesce(p_from, u.password_hash);
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  PERFORM void_tokens(p_user, NULL);
  -- A separate statement: it must see sessions that began while the previous ones waited. Concurrent ones lock in one order.
  WITH ended AS (
    UPDATE sessions s SET revoked_at = clock_timestamp() WHERE s.id IN (
      SELECT x.id FROM sessions x WHERE x.user_id = p_user AND x.id IS DISTINCT FROM p_keep AND x.revoked_at IS NULL ORDER BY x.id FOR NO KEY UPDATE
    ) AND s.revoked_at IS NULL RETURNING s.id
  ) SELECT coalesce(array_agg(e.id), '{}') INTO v_ended FROM ended e;
  RETURN v_ended;
END $$;

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

-- Makes the unused tokens of an account void: those of one purpose, or all if p_purpose is null. A transaction that began before
-- finds them expired, too.
CREATE OR REPLACE FUNCTION void_tokens(p_user BIGINT, p_purpose TEXT) RETURNS VOID LANGUAGE sql VOLATILE AS $$
  UPDATE one_time_tokens t SET expires_at = t.created_at
  WHERE t.user_id = p_user AND t.purpose = coalesce(p_purpose, t.purpose) AND t.used_at IS NULL AND t.expires_at > t.created_at
$$;
