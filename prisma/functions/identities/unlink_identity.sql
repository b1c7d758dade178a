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
