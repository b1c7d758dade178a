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
