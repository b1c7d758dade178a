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
