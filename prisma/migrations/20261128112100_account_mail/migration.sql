-- AlterTable
ALTER TABLE "one_time_tokens" ADD COLUMN     "email" TEXT,
ADD COLUMN     "user_id" BIGINT;

-- AlterTable
ALTER TABLE "users" ADD COLUMN     "email_verified_at" TIMESTAMPTZ(3),
ADD COLUMN     "new_email" TEXT;

-- CreateIndex
CREATE INDEX "one_time_tokens_user_id_idx" ON "one_time_tokens"("user_id");

-- An address is unique among those that were verified.
DROP INDEX users_email_key;
CREATE UNIQUE INDEX users_email_key ON users (lower(email COLLATE "C")) WHERE email_verified_at IS NOT NULL;
CREATE INDEX users_email_idx ON users (lower(email COLLATE "C")) WHERE email IS NOT NULL;
CREATE INDEX one_time_tokens_email_idx ON one_time_tokens (lower(email COLLATE "C"));

-- AddForeignKey
ALTER TABLE "one_time_tokens" ADD CONSTRAINT "one_time_tokens_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- A function may call one that is created after it.
SET LOCAL check_function_bodies = off;

DROP FUNCTION upgrade_guest(bigint,text,text,text,text,bytea,text[]);

-- Adds the job of a mail: all nodes together send one mail at a time. A later job with the same key replaces one that waits.
CREATE OR REPLACE FUNCTION add_mail(p_task TEXT, p_payload JSON, p_key TEXT) RETURNS VOID LANGUAGE sql VOLATILE AS $$
  SELECT jobs.add_job(p_task, p_payload, queue_name => 'mail', max_attempts => 10, job_key => p_task || ' ' || p_key)
$$;

-- Notes the address that an account will have when it is verified, and adds the mails: one to the new address, and one to the
-- old one if it is verified. Returns false if the account has another password hash meanwhile.
CREATE OR REPLACE FUNCTION change_email(p_user BIGINT, p_password_hash TEXT, p_email TEXT) RETURNS BOOLEAN LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  account users;
BEGIN
  UPDATE users u SET new_email = p_email WHERE u.id = p_user AND u.password_hash = p_password_hash RETURNING * INTO account;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  PERFORM add_mail('verification-mail', json_build_object('userId', p_user), p_user::text);
  IF account.email_verified_at IS NOT NULL THEN
    PERFORM add_mail('notice-mail', json_build_object('userId', p_user, 'email', account.email), p_user::text);
  END IF;
  RETURN true;
END $$;

-- Creates an account, with a session if p_refresh_hash is given. All or nothing: what is taken does not use up a ticket.
-- status: OK, FORBIDDEN (the invitation p_ticket is not valid), SAME (the address belongs to an account)
-- With p_sends_mail the address is verified by a mail, so the answer does not depend on whether an account has it.
CREATE OR REPLACE FUNCTION create_account(p_username TEXT, p_display_name TEXT, p_email TEXT, p_password_hash TEXT, p_is_admin BOOLEAN,
  p_ticket BYTEA, p_purposes TEXT[], p_sends_mail BOOLEAN, p_refresh_hash BYTEA, p_days INTEGER, p_device_name TEXT, p_user_agent TEXT)
RETURNS TABLE (status TEXT, user_id BIGINT, session_id BIGINT, created_at TIMESTAMPTZ) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  v_purpose TEXT; v_user BIGINT; v_session BIGINT;
BEGIN
  status := 'OK';
  IF p_ticket IS NOT NULL THEN
    -- The token of the first administrator is void when there is one.
    SELECT t.purpose INTO v_purpose FROM one_time_tokens t
    WHERE t.hash = p_ticket AND t.purpose = ANY (p_purposes) AND t.used_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > now())
      AND (t.purpose <> 'first-admin' OR NOT EXISTS (SELECT FROM users WHERE is_admin)) FOR NO KEY UPDATE;
    status := CASE WHEN FOUND THEN 'OK' ELSE 'FORBIDDEN' END;
  END IF;
  IF status = 'OK' AND NOT p_sends_mail AND NOT is_email_free(p_email) THEN
    status := 'SAME';
  END IF;
  IF status = 'OK' THEN
    UPDATE one_time_tokens t SET used_at = now() WHERE t.hash = p_ticket;
    INSERT INTO users (username, display_name, email, password_hash, is_admin)
      VALUES (p_username, p_display_name, p_email, p_password_hash, p_is_admin OR coalesce(v_purpose = 'first-admin', false))
      RETURNING id, users.created_at INTO v_user, created_at;
    INSERT INTO account_heads (user_id) VALUES (v_user);
    IF p_refresh_hash IS NOT NULL THEN
      INSERT INTO sessions (user_id, expires_at, device_name, user_agent)
        VALUES (v_user, now() + make_interval(days => p_days), p_device_name, p_user_agent) RETURNING id INTO v_session;
      INSERT INTO refresh_tokens (hash, session_id) VALUES (p_refresh_hash, v_session);
    END IF;
    IF p_sends_mail THEN
      PERFORM add_mail('verification-mail', json_build_object('userId', v_user), v_user::text);
    END IF;
    user_id := v_user; session_id := v_session;
  END IF;
  RETURN NEXT;
END $$;

-- Whether no account has this e-mail address. Until the transaction ends, no other one gets it by a function that asks here.
CREATE OR REPLACE FUNCTION is_email_free(p_email TEXT) RETURNS BOOLEAN LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('email ' || lower(p_email COLLATE "C"), 0));
  RETURN NOT EXISTS (SELECT FROM users u WHERE u.email IS NOT NULL AND lower(u.email COLLATE "C") = lower(p_email COLLATE "C"));
END $$;

-- Whether another account than this one has proved that the e-mail address is its own.
CREATE OR REPLACE FUNCTION is_email_verified(p_email TEXT, p_besides BIGINT) RETURNS BOOLEAN LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM users u WHERE lower(u.email COLLATE "C") = lower(p_email COLLATE "C") AND u.email_verified_at IS NOT NULL
    AND u.id <> p_besides)
$$;

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
  UPDATE one_time_tokens t SET expires_at = now()
  WHERE t.user_id = p_user AND t.purpose = p_purpose AND t.used_at IS NULL AND t.expires_at > now();
  INSERT INTO one_time_tokens (hash, purpose, user_id, email, expires_at)
    VALUES (p_hash, p_purpose, p_user, p_email, now() + make_interval(mins => p_minutes));
  RETURN true;
END $$;

-- Sets the password of the account of a token. All its sessions end, its older tokens become void, a change of the address that
-- is not verified yet is forgotten, and the address of the mail counts as verified. Returns no row if the token is not valid.
CREATE OR REPLACE FUNCTION reset_password(p_hash BYTEA, p_password_hash TEXT)
RETURNS TABLE (user_id BIGINT, session_ids BIGINT[]) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  token one_time_tokens;
BEGIN
  UPDATE one_time_tokens t SET used_at = now()
  WHERE t.hash = p_hash AND t.purpose = 'password-reset' AND t.used_at IS NULL AND t.expires_at > now() RETURNING * INTO token;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('email ' || lower(token.email COLLATE "C"), 0));
  UPDATE users u SET password_hash = p_password_hash, new_email = NULL,
    email_verified_at = CASE WHEN u.email = token.email AND NOT is_email_verified(u.email, u.id) THEN coalesce(u.email_verified_at, now())
      ELSE u.email_verified_at END
  WHERE u.id = token.user_id AND u.deleted_at IS NULL AND u.suspended_at IS NULL;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  UPDATE one_time_tokens t SET expires_at = now() WHERE t.user_id = token.user_id AND t.used_at IS NULL AND t.expires_at > now();
  user_id := token.user_id;
  -- A separate statement: it must see sessions that began while the previous ones waited.
  WITH ended AS (
    UPDATE sessions s SET revoked_at = clock_timestamp() WHERE s.id IN (
      SELECT x.id FROM sessions x WHERE x.user_id = token.user_id AND x.revoked_at IS NULL ORDER BY x.id FOR NO KEY UPDATE
    ) AND s.revoked_at IS NULL RETURNING s.id
  ) SELECT coalesce(array_agg(id), '{}') INTO session_ids FROM ended;
  RETURN NEXT;
END $$;

-- Makes the account of a guest permanent. Its room, if the guest is still a member, gets a MemberUpdated.
-- status: OK, NO_USER (no guest), FORBIDDEN (the invitation p_ticket is not valid), SAME (the address belongs to an account)
-- With p_sends_mail the address is verified by a mail, as in create_account.
CREATE OR REPLACE FUNCTION upgrade_guest(p_user BIGINT, p_username TEXT, p_email TEXT, p_display_name TEXT, p_password_hash TEXT,
  p_ticket BYTEA, p_purposes TEXT[], p_sends_mail BOOLEAN DEFAULT false)
RETURNS TABLE (status TEXT, room_id BIGINT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  v_room BIGINT := (SELECT u.guest_room_id FROM users u WHERE u.id = p_user); member memberships;
BEGIN
  -- The head first, as everywhere.
  PERFORM 1 FROM room_heads h WHERE h.room_id = v_room FOR NO KEY UPDATE;
  PERFORM 1 FROM users u WHERE u.id = p_user AND u.guest_room_id IS NOT NULL AND u.suspended_at IS NULL AND u.deleted_at IS NULL FOR NO KEY UPDATE;
  status := CASE WHEN FOUND THEN 'OK' ELSE 'NO_USER' END;
  IF status = 'OK' AND NOT p_sends_mail AND NOT is_email_free(p_email) THEN
    status := 'SAME';
  END IF;
  IF status = 'OK' AND p_ticket IS NOT NULL THEN
    UPDATE one_time_tokens t SET used_at = now()
    WHERE t.hash = p_ticket AND t.purpose = ANY (p_purposes) AND t.used_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > now());
    status := CASE WHEN FOUND THEN 'OK' ELSE 'FORBIDDEN' END;
  END IF;
  IF status = 'OK' THEN
    UPDATE users u SET username = p_username, email = p_email, display_name = coalesce(p_display_name, u.display_name),
      password_hash = p_password_hash, guest_room_id = NULL WHERE u.id = p_user;
    IF p_sends_mail THEN
      PERFORM add_mail('verification-mail', json_build_object('userId', p_user), p_user::text);
    END IF;
    SELECT * INTO member FROM memberships m WHERE m.room_id = v_room AND m.user_id = p_user;
    IF FOUND THEN
      room_id := v_room;
      room_seq := append_room_event(v_room, 9::smallint, p_user, p_user, member_facts(member));
    END IF;
  END IF;
  RETURN NEXT;
END $$;

-- Makes the address of a token the verified address of its account. Returns the address; null if the token is not valid, the
-- account has chosen another address since, or another account has verified this one.
CREATE OR REPLACE FUNCTION verify_email(p_hash BYTEA) RETURNS TEXT LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  token one_time_tokens;
BEGIN
  UPDATE one_time_tokens t SET used_at = now()
  WHERE t.hash = p_hash AND t.purpose = 'email-verification' AND t.used_at IS NULL AND t.expires_at > now() RETURNING * INTO token;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('email ' || lower(token.email COLLATE "C"), 0));
  UPDATE users u SET email = token.email, email_verified_at = now(), new_email = nullif(u.new_email, token.email)
  WHERE u.id = token.user_id AND u.deleted_at IS NULL AND u.suspended_at IS NULL AND token.email IN (u.email, u.new_email)
    AND NOT is_email_verified(token.email, u.id);
  RETURN CASE WHEN FOUND THEN token.email END;
END $$;
