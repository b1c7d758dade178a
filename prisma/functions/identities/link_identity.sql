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
