-- Whether the account belongs to somebody who signs in: it has a password, an app that shows codes, a passkey, or the role of an
-- administrator, or an issuer has signed its user in.
CREATE OR REPLACE FUNCTION is_account_in_use(p_user BIGINT) RETURNS BOOLEAN LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM users u WHERE u.id = p_user AND (u.password_hash IS NOT NULL OR u.is_admin))
    OR EXISTS (SELECT FROM totp_secrets t WHERE t.user_id = p_user AND t.confirmed_at IS NOT NULL)
    OR EXISTS (SELECT FROM passkeys k WHERE k.user_id = p_user)
    OR EXISTS (SELECT FROM identities i WHERE i.user_id = p_user AND i.last_used_at IS NOT NULL)
$$;
