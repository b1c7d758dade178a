-- CreateTable
CREATE TABLE "passkeys" (
    "id" BIGSERIAL NOT NULL,
    "user_id" BIGINT NOT NULL,
    "credential_id" BYTEA NOT NULL,
    "public_key" BYTEA NOT NULL,
    "counter" BIGINT NOT NULL,
    "name" TEXT NOT NULL,
    "transports" TEXT[],
    "is_synced" BOOLEAN NOT NULL,
    "domain" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_used_at" TIMESTAMPTZ(3),

    CONSTRAINT "passkeys_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "passkeys_credential_id_key" ON "passkeys"("credential_id");

-- CreateIndex
CREATE INDEX "passkeys_user_id_id_idx" ON "passkeys"("user_id", "id");

-- AddForeignKey
ALTER TABLE "passkeys" ADD CONSTRAINT "passkeys_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- A function may call one that is created after it.
SET LOCAL check_function_bodies = off;

DROP FUNCTION unlink_identity(bigint,text,text,text[]);

-- Whether an account can sign in: by its password, by an identity of one of p_issuers, or by a passkey of p_domain (null: the server
-- offers none). One identity and one passkey can be left out, to ask what remains without them. Lock the account before: then
-- concurrent removals follow each other.
CREATE OR REPLACE FUNCTION has_way_in(p_user BIGINT, p_issuers TEXT[], p_domain TEXT, p_without_identity BIGINT DEFAULT NULL,
  p_without_passkey BIGINT DEFAULT NULL) RETURNS BOOLEAN LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM users u WHERE u.id = p_user AND u.password_hash IS NOT NULL)
    OR EXISTS (SELECT FROM identities i WHERE i.user_id = p_user AND i.issuer = ANY (p_issuers) AND i.id IS DISTINCT FROM p_without_identity)
    OR EXISTS (SELECT FROM passkeys k WHERE k.user_id = p_user AND k.domain = p_domain AND k.id IS DISTINCT FROM p_without_passkey)
$$;

-- Erases what a user has beside rooms and messages. Mails about the user that wait are not sent; p_names are names by which they call
-- the user. Sessions stay without what the client said of itself: nodes read in them that they have ended.
CREATE OR REPLACE FUNCTION erase_account_rows(p_user BIGINT, p_names TEXT[]) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  DELETE FROM refresh_tokens t USING sessions s WHERE s.user_id = p_user AND t.session_id = s.id;
  UPDATE sessions s SET device_name = NULL, user_agent = NULL WHERE s.user_id = p_user;
  DELETE FROM one_time_tokens t WHERE t.user_id = p_user;
  DELETE FROM known_networks n WHERE n.user_id = p_user;
  DELETE FROM identities i WHERE i.user_id = p_user;
  DELETE FROM oidc_requests o WHERE o.user_id = p_user;
  DELETE FROM totp_secrets f WHERE f.user_id = p_user;
  DELETE FROM recovery_codes c WHERE c.user_id = p_user;
  DELETE FROM passkeys k WHERE k.user_id = p_user;
  DELETE FROM renames r WHERE r.user_id = p_user;
  DELETE FROM creation_keys k WHERE k.author_id = p_user;
  DELETE FROM bans b WHERE b.user_id = p_user;
  -- The entries stay. Users can be banned from rooms that they have never been in.
  PERFORM set_config('parley.erases_reasons', 'on', true);
  UPDATE audit_log a SET reason = NULL WHERE a.target = p_user AND a.reason IS NOT NULL;
  PERFORM set_config('parley.erases_reasons', 'off', true);
  UPDATE custom_emojis e SET created_by = NULL WHERE e.created_by = p_user;
  DELETE FROM jobs._private_jobs j USING jobs._private_tasks t WHERE t.id = j.task_id AND t.identifier LIKE '%-mail'
    AND (j.payload ->> 'userId' = p_user::text OR lower(j.payload ->> 'usernameOrEmail') = ANY (p_names));
  -- set_thread_state and save_draft hold the lock of the own log.
  PERFORM lock_accounts(ARRAY[p_user]);
  DELETE FROM thread_members m WHERE m.user_id = p_user;
  DELETE FROM user_blocks b WHERE b.user_id = p_user;
  DELETE FROM drafts d WHERE d.user_id = p_user;
  DELETE FROM saved_messages s WHERE s.user_id = p_user;
END $$;

-- Stores a passkey of an account.
-- status: OK, SAME (the authenticator's key is stored already, perhaps for another account), LIMIT (p_most passkeys), NO_USER
CREATE OR REPLACE FUNCTION add_passkey(p_user BIGINT, p_credential_id BYTEA, p_public_key BYTEA, p_counter BIGINT, p_name TEXT,
  p_transports TEXT[], p_is_synced BOOLEAN, p_domain TEXT, p_most INTEGER)
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
  RETURN NEXT;
END $$;

-- Deletes a passkey of an account, which needs another way to sign in, as has_way_in counts them.
-- status: OK, NOT_FOUND, LAST_WAY
CREATE OR REPLACE FUNCTION delete_passkey(p_user BIGINT, p_passkey BIGINT, p_issuers TEXT[], p_domain TEXT) RETURNS TEXT
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM 1 FROM users u WHERE u.id = p_user FOR NO KEY UPDATE;
  IF NOT EXISTS (SELECT FROM passkeys k WHERE k.id = p_passkey AND k.user_id = p_user) THEN
    RETURN 'NOT_FOUND';
  ELSIF NOT has_way_in(p_user, p_issuers, p_domain, p_without_passkey => p_passkey) THEN
    RETURN 'LAST_WAY';
  END IF;
  DELETE FROM passkeys k WHERE k.id = p_passkey;
  RETURN 'OK';
END $$;

-- Starts a session with a passkey whose signature was verified. Returns no row if its counter went back, or the account may not sign
-- in.
CREATE OR REPLACE FUNCTION login_with_passkey(p_passkey BIGINT, p_counter BIGINT, p_refresh_hash BYTEA, p_days INTEGER, p_device_name TEXT,
  p_user_agent TEXT)
RETURNS TABLE (user_id BIGINT, session_id BIGINT, created_at TIMESTAMPTZ) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
BEGIN
  -- The account before its passkeys, as in add_passkey.
  SELECT u.id INTO user_id FROM users u WHERE u.id = (SELECT k.user_id FROM passkeys k WHERE k.id = p_passkey) FOR SHARE;
  IF user_id IS NULL OR NOT use_passkey(p_passkey, p_counter) THEN
    RETURN;
  END IF;
  SELECT s.session_id, s.created_at INTO session_id, created_at
    FROM open_session(user_id, p_refresh_hash, p_days, p_device_name, p_user_agent) s;
  IF session_id IS NOT NULL THEN
    RETURN NEXT;
  END IF;
END $$;

-- Notes a use of a passkey. Returns false if its counter is not above the last one: then the key may have been copied. A counter that
-- stays 0 says nothing.
CREATE OR REPLACE FUNCTION use_passkey(p_passkey BIGINT, p_counter BIGINT) RETURNS BOOLEAN LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  UPDATE passkeys k SET counter = p_counter, last_used_at = now()
  WHERE k.id = p_passkey AND (k.counter < p_counter OR k.counter + p_counter = 0);
  RETURN FOUND;
END $$;

-- Whether the account belongs to somebody who signs in: it has a password, an app that shows codes, a passkey, or the role of an
-- administrator, or an issuer has signed its user in.
CREATE OR REPLACE FUNCTION is_account_in_use(p_user BIGINT) RETURNS BOOLEAN LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM users u WHERE u.id = p_user AND (u.password_hash IS NOT NULL OR u.is_admin))
    OR EXISTS (SELECT FROM totp_secrets t WHERE t.user_id = p_user AND t.confirmed_at IS NOT NULL)
    OR EXISTS (SELECT FROM passkeys k WHERE k.user_id = p_user)
    OR EXISTS (SELECT FROM identities i WHERE i.user_id = p_user AND i.last_used_at IS NOT NULL)
$$;

-- The user who has verified the address here, locked; null if this issuer may not sign that user in by the address:
-- the user has an identity of the issuer, so the address belongs to another subject meanwhile; or an app that shows codes; or no
-- password but another issuer or a passkey, so perhaps nobody but another issuer has verified the address.
CREATE OR REPLACE FUNCTION linkable_user(p_issuer TEXT, p_email TEXT) RETURNS BIGINT LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  account users;
BEGIN
  SELECT * INTO account FROM users u WHERE u.email_verified_at IS NOT NULL AND lower(u.email COLLATE "C") = lower(p_email COLLATE "C")
    AND u.deleted_at IS NULL FOR NO KEY UPDATE;
  -- A separate statement: it must see what a concurrent sign-in has linked.
  IF EXISTS (SELECT FROM identities i WHERE i.user_id = account.id
      AND (i.issuer = p_issuer OR i.issuer <> '' AND account.password_hash IS NULL))
    OR account.password_hash IS NULL AND EXISTS (SELECT FROM passkeys k WHERE k.user_id = account.id)
    OR EXISTS (SELECT FROM totp_secrets t WHERE t.user_id = account.id AND t.confirmed_at IS NOT NULL) THEN
    RETURN NULL;
  END IF;
  RETURN account.id;
END $$;

-- Takes an identity from a user, who needs another way to sign in, as has_way_in counts them. With p_sends_mail, the verified address
-- gets a notice.
-- status: OK, NOT_FOUND, LAST_WAY
CREATE OR REPLACE FUNCTION unlink_identity(p_user BIGINT, p_issuer TEXT, p_subject TEXT, p_issuers TEXT[], p_domain TEXT DEFAULT NULL,
  p_sends_mail BOOLEAN DEFAULT false) RETURNS TEXT LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_id BIGINT;
BEGIN
  PERFORM 1 FROM users u WHERE u.id = p_user FOR NO KEY UPDATE;
  SELECT i.id INTO v_id FROM identities i WHERE i.user_id = p_user AND i.issuer = p_issuer AND i.subject = p_subject;
  IF v_id IS NULL THEN
    RETURN 'NOT_FOUND';
  ELSIF NOT has_way_in(p_user, p_issuers, p_domain, p_without_identity => v_id) THEN
    RETURN 'LAST_WAY';
  END IF;
  DELETE FROM identities i WHERE i.id = v_id;
  IF p_sends_mail THEN
    PERFORM add_security_mail(p_user, 'identity-removed');
  END IF;
  RETURN 'OK';
END $$;
