-- A function may call one that is created after it.
SET LOCAL check_function_bodies = off;

DROP FUNCTION add_passkey(bigint,bytea,bytea,bigint,text,text[],boolean,text,integer);

DROP FUNCTION confirm_totp(bigint,bytea,bigint,bytea[],integer);

DROP FUNCTION delete_passkey(bigint,bigint,text[],text);

DROP FUNCTION link_identity(bigint,text,text,text,text);

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

-- Removes everything but the password with which an account signs in: passkeys, identities (external ids without an issuer stay: they sign
-- nobody in), links to identities that have begun, the app and the recovery codes. The caller has locked the account. Returns whether
-- there was anything that worked.
CREATE OR REPLACE FUNCTION remove_ways_in(p_user BIGINT) RETURNS BOOLEAN LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_had_any BOOLEAN := remove_totp(p_user);
BEGIN
  DELETE FROM passkeys k WHERE k.user_id = p_user;
  v_had_any := v_had_any OR FOUND;
  DELETE FROM identities i WHERE i.user_id = p_user AND i.issuer <> '';
  v_had_any := v_had_any OR FOUND;
  DELETE FROM oidc_requests o WHERE o.user_id = p_user;
  RETURN v_had_any;
END $$;

-- Gives a user another identity, to sign in with. With p_sends_mail, the verified address gets a notice.
-- status: OK, SAME (the user has it already), TAKEN (another user has it), LIMIT, CLOSED (the user is suspended or erased)
CREATE OR REPLACE FUNCTION link_identity(p_user BIGINT, p_issuer TEXT, p_subject TEXT, p_display_name TEXT, p_email TEXT,
  p_sends_mail BOOLEAN DEFAULT false) RETURNS TEXT LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  identity identities := lock_identity(p_issuer, p_subject);
BEGIN
  IF identity.user_id = p_user THEN
    RETURN 'SAME';
  ELSIF identity.id IS NOT NULL THEN
    RETURN 'TAKEN';
  END IF;
  PERFORM 1 FROM users u WHERE u.id = p_user AND u.suspended_at IS NULL AND u.deleted_at IS NULL AND u.guest_room_id IS NULL FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RETURN 'CLOSED';
  ELSIF (SELECT count(*) FROM identities i WHERE i.user_id = p_user) > 9 THEN
    RETURN 'LIMIT';
  END IF;
  INSERT INTO identities (user_id, issuer, subject, display_name, email) VALUES (p_user, p_issuer, p_subject, p_display_name, p_email);
  IF p_sends_mail THEN
    PERFORM add_security_mail(p_user, 'identity-added');
  END IF;
  RETURN 'OK';
END $$;

-- Starts a session of the user with this subject. At the first sight of a subject, the user is the one who has verified the address
-- p_email, if p_links and linkable_user finds one, or a new one, if p_creates. p_email is an address that the issuer has verified.
-- Later, a display name that the issuer has changed replaces that of the user. With p_sends_mail, a verified address that was found gets a notice.
-- status: OK, NO_USER (the subject is unknown, and the issuer creates no users), TAKEN (all p_usernames are taken), CLOSED (the user is
-- suspended or erased), LIMIT (the user with that address has many identities already)
CREATE OR REPLACE FUNCTION sign_in_identity(p_issuer TEXT, p_subject TEXT, p_usernames TEXT[], p_display_name TEXT, p_email TEXT,
  p_links BOOLEAN, p_creates BOOLEAN, p_sends_mail BOOLEAN, p_refresh_hash BYTEA, p_days INTEGER, p_device_name TEXT, p_user_agent TEXT)
RETURNS TABLE (status TEXT, user_id BIGINT, session_id BIGINT, created_at TIMESTAMPTZ, is_new BOOLEAN) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  identity identities := lock_identity(p_issuer, p_subject); v_user BIGINT := identity.user_id; v_session BIGINT;
BEGIN
  status := 'OK'; is_new := false;
  IF v_user IS NULL AND p_links THEN
    v_user := linkable_user(p_issuer, p_email);
    IF (SELECT count(*) FROM identities i WHERE i.user_id = v_user) > 9 THEN
      status := 'LIMIT';
    END IF;
  END IF;
  IF v_user IS NULL AND p_creates THEN
    v_user := create_external_user(p_usernames, p_display_name, p_email, true, p_sends_mail);
    is_new := true;
    IF v_user IS NULL THEN
      status := 'TAKEN';
    END IF;
  ELSIF v_user IS NULL THEN
    status := 'NO_USER';
  END IF;
  IF status = 'OK' THEN
    -- As in every sign-in, the lock waits for a concurrent suspension.
    PERFORM 1 FROM users u WHERE u.id = v_user AND u.suspended_at IS NULL AND u.deleted_at IS NULL FOR NO KEY UPDATE;
    IF NOT FOUND THEN
      status := 'CLOSED';
    ELSIF identity.id IS NOT NULL AND NOT EXISTS (SELECT FROM identities i WHERE i.id = identity.id) THEN
      -- The transaction that had the lock before has removed it.
      status := 'NO_USER';
    END IF;
  END IF;
  IF status = 'OK' THEN
    IF identity.id IS NULL THEN
      INSERT INTO identities (user_id, issuer, subject, display_name, email, last_used_at)
        VALUES (v_user, p_issuer, p_subject, p_display_name, p_email, now());
      IF p_sends_mail AND NOT is_new THEN
        PERFORM add_security_mail(v_user, 'identity-added');
      END IF;
    ELSE
      UPDATE identities i SET last_used_at = now(), display_name = coalesce(p_display_name, i.display_name), email = coalesce(p_email, i.email)
      WHERE i.id = identity.id;
      IF p_display_name IS NOT NULL AND p_display_name IS DISTINCT FROM identity.display_name THEN
        PERFORM change_display_name(v_user, p_display_name);
      END IF;
    END IF;
    INSERT INTO sessions (user_id, expires_at, device_name, user_agent)
      VALUES (v_user, now() + make_interval(days => p_days), p_device_name, p_user_agent)
      RETURNING id, sessions.created_at INTO v_session, created_at;
    INSERT INTO refresh_tokens (hash, session_id) VALUES (p_refresh_hash, v_session);
    user_id := v_user; session_id := v_session;
  END IF;
  RETURN NEXT;
END $$;
