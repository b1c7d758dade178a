-- Removes everything but the password with which an account signs in: passkeys, identities (external ids without an issuer stay: they sign
-- nobody in), links to identities that have begun, the app and the recovery codes. The caller has locked the account. Returns whether
-- there was anything that worked.
CREATE OR REPLACE FUNCTION remove_ways_in(p_user BIGINT) RETURNS BOOLEAN LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_had_any BOOLEAN := remove_totp(p_user);
BEGIN
  DELETE FROM passkeys k WHERE k.user_id = p_user;
  v_had_any := v_had_any OR FOUND;
  DELETE FROM identities i WHERE i.user_id = p_user AND i.issuer <> '';
  v_had_any := v_had_any OR FOUND;
  DELETE FROM oidc_requests o WHERE o.user_id = p_user;
  RETURN v_had_any;
END $$;
