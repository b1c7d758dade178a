-- Whether a user can have this e-mail address: no other account has verified it or, on a server without mail, no other one has it.
-- Until the transaction ends, no other one gets it.
CREATE OR REPLACE FUNCTION is_address_available(p_email TEXT, p_user BIGINT, p_sends_mail BOOLEAN) RETURNS BOOLEAN
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  IF p_email IS NULL THEN
    RETURN false;
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('email ' || lower(p_email COLLATE "C"), 0));
  RETURN NOT EXISTS (SELECT FROM users u WHERE u.email IS NOT NULL AND lower(u.email COLLATE "C") = lower(p_email COLLATE "C")
    AND u.id <> p_user AND (u.email_verified_at IS NOT NULL OR NOT p_sends_mail));
END $$;
