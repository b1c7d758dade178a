-- Whether no account has this e-mail address. Until the transaction ends, no other one gets it by a function that asks here.
CREATE OR REPLACE FUNCTION is_email_free(p_email TEXT) RETURNS BOOLEAN LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('email ' || lower(p_email COLLATE "C"), 0));
  RETURN NOT EXISTS (SELECT FROM users u WHERE u.email IS NOT NULL AND lower(u.email COLLATE "C") = lower(p_email COLLATE "C"));
END $$;
