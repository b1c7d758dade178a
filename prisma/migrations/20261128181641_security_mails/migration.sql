-- A function may call one that is created after it.
SET LOCAL check_function_bodies = off;

DROP FUNCTION add_passkey(bigint,bytea,bytea,bigint,text,text[],boolean,text,integer);

DROP FUNCTION confirm_totp(bigint,bytea,bigint,bytea[],integer);

DROP FUNCTION delete_passkey(bigint,bigint,text[],text);

DROP FUNCTION remove_totp(bigint);

DROP FUNCTION replace_recovery_codes(bigint,bytea[]);

DROP FUNCTION reset_password(bytea,text);

DROP FUNCTION set_password(bigint,text,text,bigint);

-- Adds the mail that tells the verified address of an account, if it has one, that something changed with which it signs in. p_change is
-- a name of securityChanges in src/accounts/mails.ts. The mail goes to the address of now, also if that changes before.
CREATE OR REPLACE FUNCTION add_security_mail(p_user BIGINT, p_change TEXT) RETURNS VOID LANGUAGE sql VOLATILE AS $$
  SELECT add_mail('security-mail', json_build_object('userId', u.id, 'email', u.email, 'change', p_change), concat_ws(' ', u.id, p_change, u.email))
  FROM users u WHERE u.id = p_user AND u.email_verified_at IS NOT NULL AND u.deleted_at IS NULL
$$;

-- Sets the password of the account of a token, as set_password does. The address that got the link counts as verified. Returns no
-- row if the token is not valid, or the account has another address since.
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
  END IF;
  RETURN NEXT;
END $$;

-- Sets another password. A change of the address that is not verified yet is forgotten, all links of mails become void, and all
-- sessions end except p_keep. Returns the ended sessions; null if the password hash is not p_from (null: any).
-- With p_sends_mail, the verified address gets a notice.
CREATE OR REPLACE FUNCTION set_password(p_user BIGINT, p_from TEXT, p_to TEXT, p_keep BIGINT, p_sends_mail BOOLEAN DEFAULT false)
RETURNS BIGINT[] LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_ended BIGINT[];
BEGIN
  UPDATE users u SET password_hash = p_to, new_email = NULL WHERE u.id = p_user AND u.password_hash IS NOT DISTINCT FROM coalesce(p_from, u.password_hash);
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  PERFORM void_tokens(p_user, NULL);
  IF p_sends_mail THEN
    PERFORM add_security_mail(p_user, 'password-changed');
  END IF;
  -- A separate statement: it must see sessions that began while the previous ones waited. Concurrent ones lock in one order.
  WITH ended AS (
    UPDATE sessions s SET revoked_at = clock_timestamp() WHERE s.id IN (
      SELECT x.id FROM sessions x WHERE x.user_id = p_user AND x.id IS DISTINCT FROM p_keep AND x.revoked_at IS NULL ORDER BY x.id FOR NO KEY UPDATE
    ) AND s.revoked_at IS NULL RETURNING s.id
  ) SELECT coalesce(array_agg(e.id), '{}') INTO v_ended FROM ended e;
  RETURN v_ended;
END $$;

-- Stores a passkey of an account. With p_sends_mail, its verified address gets a notice.
-- status: OK, SAME (the authenticator's key is stored already, perhaps for another account), LIMIT (p_most passkeys), NO_USER
CREATE OR REPLACE FUNCTION add_passkey(p_user BIGINT, p_credential_id BYTEA, p_public_key BYTEA, p_counter BIGINT, p_name TEXT,
  p_transports TEXT[], p_is_synced BOOLEAN, p_domain TEXT, p_most INTEGER,
  p_sends_mail BOOLEAN)
RETURNS TABLE (status TEXT, passkey_id BIGINT) LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  -- The lock orders concurrent calls, so that none finds a place that another one takes.
  PERFORM 1 FROM users u WHERE u.id = p_user AND u.guest_room_id IS NULL AND u.suspended_at IS NULL AND u.deleted_at IS NULL FOR NO KEY UPDATE;
  status := CASE WHEN NOT FOUND THEN 'NO_USER' WHEN (SELECT count(*) FROM passkeys k WHERE k.user_id = p_user) >= p_most THEN 'LIMIT'
    ELSE 'OK' END;
  IF status = 'OK' THEN
    INSERT INTO passkeys (user_id, credential_id, public_key, counter, name, transports, is_synced, domain)
      VALUES (p_user, p_credential_id, p_public_key, p_counter, p_name, p_transports, p_is_synced, p_domain)
      ON CONFLICT (credential_id) DO NOTHING RETURNING id INTO passkey_id;
    status := CASE WHEN passkey_id IS NULL THEN 'SAME' ELSE 'OK' END;
  END IF;
  IF status = 'OK' AND p_sends_mail THEN
    PERFORM add_security_mail(p_user, 'passkey-added');
  END IF;
  RETURN NEXT;
END $$;

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

-- Deletes a passkey of an account, which needs another way to sign in, as has_way_in counts them. With p_sends_mail, the
-- verified address gets a notice.
-- status: OK, NOT_FOUND, LAST_WAY
CREATE OR REPLACE FUNCTION delete_passkey(p_user BIGINT, p_passkey BIGINT, p_issuers TEXT[], p_domain TEXT, p_sends_mail BOOLEAN)
RETURNS TEXT LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM 1 FROM users u WHERE u.id = p_user FOR NO KEY UPDATE;
  IF NOT EXISTS (SELECT FROM passkeys k WHERE k.id = p_passkey AND k.user_id = p_user) THEN
    RETURN 'NOT_FOUND';
  ELSIF NOT has_way_in(p_user, p_issuers, p_domain, p_without_passkey => p_passkey) THEN
    RETURN 'LAST_WAY';
  END IF;
  DELETE FROM passkeys k WHERE k.id = p_passkey;
  IF p_sends_mail THEN
    PERFORM add_security_mail(p_user, 'passkey-removed');
  END IF;
  RETURN 'OK';
END $$;

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
