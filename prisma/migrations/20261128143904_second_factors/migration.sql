-- AlterTable
ALTER TABLE "one_time_tokens" ADD COLUMN     "attempts" SMALLINT NOT NULL DEFAULT 0;

-- CreateTable
CREATE TABLE "totp_secrets" (
    "user_id" BIGINT NOT NULL,
    "secret" BYTEA NOT NULL,
    "last_step" BIGINT NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "confirmed_at" TIMESTAMPTZ(3),

    CONSTRAINT "totp_secrets_pkey" PRIMARY KEY ("user_id")
);

-- CreateTable
CREATE TABLE "recovery_codes" (
    "user_id" BIGINT NOT NULL,
    "hash" BYTEA NOT NULL,
    "used_at" TIMESTAMPTZ(3),

    CONSTRAINT "recovery_codes_pkey" PRIMARY KEY ("user_id","hash")
);

-- AddForeignKey
ALTER TABLE "totp_secrets" ADD CONSTRAINT "totp_secrets_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "recovery_codes" ADD CONSTRAINT "recovery_codes_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- A function may call one that is created after it.
SET LOCAL check_function_bodies = off;

-- Starts the session of a sign-in that waits for a code, and uses both up. Returns no row if the challenge or the code is not valid
-- any more; then neither is used up.
CREATE OR REPLACE FUNCTION complete_login(p_challenge BYTEA, p_step BIGINT, p_recovery_hash BYTEA, p_refresh_hash BYTEA, p_days INTEGER,
  p_device_name TEXT, p_user_agent TEXT)
RETURNS TABLE (user_id BIGINT, session_id BIGINT, created_at TIMESTAMPTZ) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  v_user BIGINT;
BEGIN
  -- The account before its tokens, as in set_password.
  SELECT u.id INTO v_user FROM users u WHERE u.id = (SELECT t.user_id FROM one_time_tokens t WHERE t.hash = p_challenge)
    AND u.suspended_at IS NULL AND u.deleted_at IS NULL FOR SHARE;
  PERFORM 1 FROM one_time_tokens t WHERE t.hash = p_challenge AND t.user_id = v_user AND t.purpose = 'second-factor' AND t.used_at IS NULL
    AND t.expires_at > now() FOR NO KEY UPDATE;
  IF NOT FOUND OR NOT use_code(v_user, p_step, p_recovery_hash) THEN
    RETURN;
  END IF;
  UPDATE one_time_tokens t SET used_at = now() WHERE t.hash = p_challenge;
  SELECT s.session_id, s.created_at INTO session_id, created_at
    FROM open_session(v_user, p_refresh_hash, p_days, p_device_name, p_user_agent) s;
  user_id := v_user;
  RETURN NEXT;
END $$;

-- Makes the secret of an app a second factor of its account, with recovery codes. p_step is the time step of the code that the app
-- has shown. Returns false if the account has another secret meanwhile, or this one is older than p_minutes.
CREATE OR REPLACE FUNCTION confirm_totp(p_user BIGINT, p_secret BYTEA, p_step BIGINT, p_hashes BYTEA[], p_minutes INTEGER)
RETURNS BOOLEAN LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  UPDATE totp_secrets t SET confirmed_at = now(), last_step = p_step
  WHERE t.user_id = p_user AND t.secret = p_secret AND t.confirmed_at IS NULL AND t.created_at > now() - make_interval(mins => p_minutes);
  RETURN FOUND AND replace_recovery_codes(p_user, p_hashes);
END $$;

-- Starts a session of an active account. Returns no row for any other. The lock on the account waits for a concurrent change of the
-- password or a suspension, which end the sessions that began before.
CREATE OR REPLACE FUNCTION open_session(p_user BIGINT, p_refresh_hash BYTEA, p_days INTEGER, p_device_name TEXT, p_user_agent TEXT)
RETURNS TABLE (session_id BIGINT, created_at TIMESTAMPTZ) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
BEGIN
  PERFORM 1 FROM users u WHERE u.id = p_user AND u.suspended_at IS NULL AND u.deleted_at IS NULL FOR SHARE;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  INSERT INTO sessions (user_id, expires_at, device_name, user_agent)
    VALUES (p_user, now() + make_interval(days => p_days), p_device_name, p_user_agent)
    RETURNING id, sessions.created_at INTO session_id, created_at;
  INSERT INTO refresh_tokens (hash, session_id) VALUES (p_refresh_hash, session_id);
  RETURN NEXT;
END $$;

-- Removes the app and the recovery codes of an account. Returns whether it had them.
CREATE OR REPLACE FUNCTION remove_totp(p_user BIGINT) RETURNS BOOLEAN LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_was_active BOOLEAN;
BEGIN
  DELETE FROM totp_secrets t WHERE t.user_id = p_user RETURNING t.confirmed_at IS NOT NULL INTO v_was_active;
  DELETE FROM recovery_codes c WHERE c.user_id = p_user;
  RETURN coalesce(v_was_active, false);
END $$;

-- Replaces the recovery codes of an account. Returns false, without a change, if it has no app with codes.
CREATE OR REPLACE FUNCTION replace_recovery_codes(p_user BIGINT, p_hashes BYTEA[]) RETURNS BOOLEAN LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  -- The lock orders concurrent calls: each leaves the codes of one.
  PERFORM 1 FROM totp_secrets t WHERE t.user_id = p_user AND t.confirmed_at IS NOT NULL FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  DELETE FROM recovery_codes c WHERE c.user_id = p_user;
  INSERT INTO recovery_codes (user_id, hash) SELECT p_user, x.hash FROM unnest(p_hashes) AS x(hash);
  RETURN true;
END $$;

-- Uses a code of an account up: that of a time step of the app, or a recovery code. Returns false if the step, or a later one, or the
-- recovery code was used before. Of concurrent calls with one code, one gets true.
CREATE OR REPLACE FUNCTION use_code(p_user BIGINT, p_step BIGINT, p_recovery_hash BYTEA) RETURNS BOOLEAN LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  IF p_step IS NOT NULL THEN
    UPDATE totp_secrets t SET last_step = p_step WHERE t.user_id = p_user AND t.confirmed_at IS NOT NULL AND t.last_step < p_step;
  ELSE
    UPDATE recovery_codes c SET used_at = now() WHERE c.user_id = p_user AND c.hash = p_recovery_hash AND c.used_at IS NULL;
  END IF;
  RETURN FOUND;
END $$;
