-- The user who has verified the address here, locked; null if this issuer may not sign that user in by the address:
-- the user has an identity of the issuer, so the address belongs to another subject meanwhile; or an app that shows codes; or no
-- password but another issuer or a passkey, so perhaps nobody but another issuer has verified the address.
CREATE OR REPLACE FUNCTION linkable_user(p_issuer TEXT, p_email TEXT) RETURNS BIGINT LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  account users;
BEGIN
  SELECT * INTO account FROM users u WHERE u.email_verified_at IS NOT NULL AND lower(u.email COLLATE "C") = lower(p_email COLLATE "C")
    AND u.deleted_at IS NULL FOR NO KEY UPDATE;
  -- A separate statement: it must see what a concurrent sign-in has linked.
  IF EXISTS (SELECT FROM identities i WHERE i.user_id = account.id
      AND (i.issuer = p_issuer OR i.issuer <> '' AND account.password_hash IS NULL))
    OR account.password_hash IS NULL AND EXISTS (SELECT FROM passkeys k WHERE k.user_id = account.id)
    OR EXISTS (SELECT FROM totp_secrets t WHERE t.user_id = account.id AND t.confirmed_at IS NOT NULL) THEN
    RETURN NULL;
  END IF;
  RETURN account.id;
END $$;
