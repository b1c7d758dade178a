-- Takes an identity from a user, who needs another way to sign in: a password, or an identity of one of p_issuers.
-- status: OK, NOT_FOUND, LAST_WAY
CREATE OR REPLACE FUNCTION unlink_identity(p_user BIGINT, p_issuer TEXT, p_subject TEXT, p_issuers TEXT[]) RETURNS TEXT
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  account users; v_id BIGINT;
BEGIN
  SELECT * INTO account FROM users u WHERE u.id = p_user FOR NO KEY UPDATE;
  SELECT i.id INTO v_id FROM identities i WHERE i.user_id = p_user AND i.issuer = p_issuer AND i.subject = p_subject;
  IF v_id IS NULL THEN
    RETURN 'NOT_FOUND';
  ELSIF account.password_hash IS NULL
    AND NOT EXISTS (SELECT FROM identities i WHERE i.user_id = p_user AND i.id <> v_id AND i.issuer = ANY (p_issuers)) THEN
    RETURN 'LAST_WAY';
  END IF;
  DELETE FROM identities i WHERE i.id = v_id;
  RETURN 'OK';
END $$;
