-- Adds the mail that tells the verified address of an account, if it has one, that something changed with which it signs in. p_change is
-- a name of securityChanges in src/accounts/mails.ts. The mail goes to the address of now, also if that changes before.
CREATE OR REPLACE FUNCTION add_security_mail(p_user BIGINT, p_change TEXT) RETURNS VOID LANGUAGE sql VOLATILE AS $$
  SELECT add_mail('security-mail', json_build_object('userId', u.id, 'email', u.email, 'change', p_change), concat_ws(' ', u.id, p_change, u.email))
  FROM users u WHERE u.id = p_user AND u.email_verified_at IS NOT NULL AND u.deleted_at IS NULL
$$;
