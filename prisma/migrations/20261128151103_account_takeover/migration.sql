-- A function may call one that is created after it.
SET LOCAL check_function_bodies = off;

DROP FUNCTION change_external_email(bigint,text,boolean);

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

-- Whether the account belongs to somebody who signs in: it has a password, an app that shows codes, or the role of an administrator, or
-- an issuer has signed its user in.
CREATE OR REPLACE FUNCTION is_account_in_use(p_user BIGINT) RETURNS BOOLEAN LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM users u WHERE u.id = p_user AND (u.password_hash IS NOT NULL OR u.is_admin))
    OR EXISTS (SELECT FROM totp_secrets t WHERE t.user_id = p_user AND t.confirmed_at IS NOT NULL)
    OR EXISTS (SELECT FROM identities i WHERE i.user_id = p_user AND i.last_used_at IS NOT NULL)
$$;

-- The user who has verified the address here, locked; null if this issuer may not sign that user in by the address:
-- the user has an identity of the issuer, so the address belongs to another subject meanwhile; or an app that shows codes; or no
-- password but another issuer, so nobody but that issuer has verified the address.
CREATE OR REPLACE FUNCTION linkable_user(p_issuer TEXT, p_email TEXT) RETURNS BIGINT LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  account users;
BEGIN
  SELECT * INTO account FROM users u WHERE u.email_verified_at IS NOT NULL AND lower(u.email COLLATE "C") = lower(p_email COLLATE "C")
    AND u.deleted_at IS NULL FOR NO KEY UPDATE;
  -- A separate statement: it must see what a concurrent sign-in has linked.
  IF EXISTS (SELECT FROM identities i WHERE i.user_id = account.id
      AND (i.issuer = p_issuer OR i.issuer <> '' AND account.password_hash IS NULL))
    OR EXISTS (SELECT FROM totp_secrets t WHERE t.user_id = account.id AND t.confirmed_at IS NOT NULL) THEN
    RETURN NULL;
  END IF;
  RETURN account.id;
END $$;

-- Starts a session of the user with this subject. At the first sight of a subject, the user is the one who has verified the address
-- p_email, if p_links and linkable_user finds one, or a new one, if p_creates. p_email is an address that the issuer has verified.
-- Later, a display name that the issuer has changed replaces that of the user.
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
    END IF;
  END IF;
  IF status = 'OK' THEN
    IF identity.id IS NULL THEN
      INSERT INTO identities (user_id, issuer, subject, display_name, email, last_used_at)
        VALUES (v_user, p_issuer, p_subject, p_display_name, p_email, now());
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

-- Suspends a user, which ends all sessions of the user, or ends the suspension. Returns the ended sessions.
CREATE OR REPLACE FUNCTION suspend_user(p_user BIGINT, p_is_suspended BOOLEAN) RETURNS BIGINT[] LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_ended BIGINT[];
BEGIN
  UPDATE users u SET suspended_at = CASE WHEN p_is_suspended THEN now() END WHERE u.id = p_user;
  -- A separate statement: it must see sessions that began while this one waited. Concurrent ones lock in one order.
  WITH ended AS (
    UPDATE sessions s SET revoked_at = clock_timestamp() WHERE s.id IN (
      SELECT x.id FROM sessions x WHERE p_is_suspended AND x.user_id = p_user AND x.revoked_at IS NULL ORDER BY x.id FOR NO KEY UPDATE
    ) AND s.revoked_at IS NULL RETURNING s.id
  ) SELECT coalesce(array_agg(e.id), '{}') INTO v_ended FROM ended e;
  RETURN v_ended;
END $$;

-- Creates and updates users by the ids that another system has given them: one result for each entry of the arrays. A null entry
-- leaves the value as it is. With p_links, an id that is unknown here gets the user with the username.
-- p_actor is null for the command line. Returns no rows if p_actor is no administrator.
-- status: CREATED, OK (updated), SAME, TAKEN (another user has the username), ADDRESS (another user has the address), RANK (an
-- administrator cannot be suspended), CLOSED (the user is erased), LIMIT (the user has many ids already), FORBIDDEN (only the command line
-- gives an account in use an id of an issuer, or another address: either is a way to sign in to it)
CREATE OR REPLACE FUNCTION upsert_users(p_actor BIGINT, p_issuer TEXT, p_subjects TEXT[], p_usernames TEXT[], p_display_names TEXT[],
  p_emails TEXT[], p_are_verified BOOLEAN[], p_are_suspended BOOLEAN[], p_links BOOLEAN, p_sends_mail BOOLEAN)
RETURNS TABLE (ord INTEGER, status TEXT, user_id BIGINT, session_ids BIGINT[]) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  account users; entry RECORD; v_user BIGINT; v_is_linked BOOLEAN;
BEGIN
  IF p_actor IS NOT NULL AND NOT is_administrator(p_actor) THEN
    RETURN;
  END IF;
  -- All locks first, each kind in one order: batches wait for each other, and never in a circle.
  FOR entry IN SELECT s.subject FROM unnest(p_subjects) AS s(subject) ORDER BY s.subject LOOP
    PERFORM lock_identity(p_issuer, entry.subject);
  END LOOP;
  PERFORM 1 FROM users u WHERE u.id IN (
    SELECT i.user_id FROM identities i WHERE i.issuer = p_issuer AND i.subject = ANY (p_subjects)
    UNION SELECT n.id FROM users n WHERE p_links
      AND lower(n.username COLLATE "C") = ANY (SELECT lower(x.name COLLATE "C") FROM unnest(p_usernames) AS x(name))
  ) ORDER BY u.id FOR NO KEY UPDATE;
  FOR entry IN SELECT DISTINCT lower(e.email COLLATE "C") AS email FROM unnest(p_emails) AS e(email) WHERE e.email IS NOT NULL ORDER BY 1 LOOP
    PERFORM is_address_available(entry.email, 0, p_sends_mail);
  END LOOP;
  FOR entry IN SELECT * FROM unnest(p_subjects, p_usernames, p_display_names, p_emails, p_are_verified, p_are_suspended)
    WITH ORDINALITY AS x(subject, username, display_name, email, is_verified, is_suspended, n) ORDER BY lower(x.username COLLATE "C"), x.n
  LOOP
    ord := entry.n; status := 'SAME'; session_ids := '{}'; v_is_linked := false;
    SELECT i.user_id INTO v_user FROM identities i WHERE i.issuer = p_issuer AND i.subject = entry.subject;
    IF v_user IS NULL AND p_links THEN
      SELECT u.id INTO v_user FROM users u WHERE lower(u.username COLLATE "C") = lower(entry.username COLLATE "C")
        AND u.deleted_at IS NULL AND u.guest_room_id IS NULL
        AND NOT EXISTS (SELECT FROM identities i WHERE i.user_id = u.id AND i.issuer = p_issuer);
      v_is_linked := v_user IS NOT NULL;
    END IF;
    SELECT * INTO account FROM users u WHERE u.id = v_user;
    IF v_is_linked AND (SELECT count(*) FROM identities i WHERE i.user_id = v_user) > 9 THEN
      status := 'LIMIT';
    ELSIF account.deleted_at IS NOT NULL THEN
      status := 'CLOSED';
    ELSIF p_actor IS NOT NULL AND is_account_in_use(v_user) AND (v_is_linked AND p_issuer <> ''
      OR lower(entry.email COLLATE "C") <> coalesce(lower(account.email COLLATE "C"), '')
      OR entry.email IS NOT NULL AND entry.is_verified AND account.email_verified_at IS NULL) THEN
      status := 'FORBIDDEN';
    ELSIF entry.email IS NOT NULL AND lower(entry.email COLLATE "C") IS DISTINCT FROM lower(account.email COLLATE "C")
      AND NOT is_address_available(entry.email, coalesce(v_user, 0), p_sends_mail) THEN
      status := 'ADDRESS';
    ELSIF entry.is_verified AND account.email_verified_at IS NULL AND is_email_verified(entry.email, coalesce(v_user, 0)) THEN
      status := 'ADDRESS';
    ELSIF entry.is_suspended AND account.is_admin THEN
      status := 'RANK';
    ELSIF v_user IS NULL THEN
      v_user := create_external_user(ARRAY[entry.username], entry.display_name, entry.email, entry.is_verified, p_sends_mail);
      status := CASE WHEN v_user IS NULL THEN 'TAKEN' ELSE 'CREATED' END;
      IF v_user IS NOT NULL THEN
        INSERT INTO identities (user_id, issuer, subject, display_name, email)
          VALUES (v_user, p_issuer, entry.subject, entry.display_name, CASE WHEN entry.is_verified THEN entry.email END);
        UPDATE users u SET suspended_at = now() WHERE u.id = v_user AND entry.is_suspended;
      END IF;
    ELSE
      IF v_is_linked THEN
        INSERT INTO identities (user_id, issuer, subject) VALUES (v_user, p_issuer, entry.subject);
        status := 'OK';
      END IF;
      IF entry.display_name IS NOT NULL THEN
        UPDATE identities i SET display_name = entry.display_name WHERE i.issuer = p_issuer AND i.subject = entry.subject;
        IF change_display_name(v_user, entry.display_name) THEN
          status := 'OK';
        END IF;
      END IF;
      IF entry.email IS NOT NULL AND change_external_email(v_user, entry.email, entry.is_verified, p_sends_mail) THEN
        status := 'OK';
      END IF;
      IF entry.is_suspended IS NOT NULL AND entry.is_suspended = (account.suspended_at IS NULL) THEN
        session_ids := suspend_user(v_user, entry.is_suspended);
        status := 'OK';
      END IF;
    END IF;
    user_id := CASE WHEN status IN ('CREATED', 'OK', 'SAME') THEN v_user END;
    RETURN NEXT;
  END LOOP;
END $$;
