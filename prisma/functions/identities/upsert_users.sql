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
