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
