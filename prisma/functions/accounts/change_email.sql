-- Notes the address that an account will have when it is verified, and adds the mails: one to the old address if that is verified,
-- and one to the new one. Returns false if the account has another password hash meanwhile.
CREATE OR REPLACE FUNCTION change_email(p_user BIGINT, p_password_hash TEXT, p_email TEXT) RETURNS BOOLEAN LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  account users;
BEGIN
  UPDATE users u SET new_email = p_email WHERE u.id = p_user AND u.password_hash = p_password_hash RETURNING * INTO account;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  -- First, and with the address in its key: a later change must not replace the notice to this address.
  IF account.email_verified_at IS NOT NULL THEN
    PERFORM add_mail('notice-mail', json_build_object('userId', p_user, 'email', account.email), p_user || ' ' || account.email);
  END IF;
  PERFORM add_mail('verification-mail', json_build_object('userId', p_user), p_user::text);
  RETURN true;
END $$;
