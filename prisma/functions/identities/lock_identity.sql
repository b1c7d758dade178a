-- The identity with this subject. If there is none, no other transaction makes it before this one ends.
CREATE OR REPLACE FUNCTION lock_identity(p_issuer TEXT, p_subject TEXT) RETURNS identities LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  identity identities;
BEGIN
  SELECT * INTO identity FROM identities i WHERE i.issuer = p_issuer AND i.subject = p_subject;
  IF NOT FOUND THEN
    PERFORM pg_advisory_xact_lock(hashtextextended('identity ' || p_issuer || ' ' || p_subject, 0));
    SELECT * INTO identity FROM identities i WHERE i.issuer = p_issuer AND i.subject = p_subject;
  END IF;
  RETURN identity;
END $$;
