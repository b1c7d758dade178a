-- A function may call one that is created after it.
SET LOCAL check_function_bodies = off;

-- Stores the token of a mail to an address, which replaces older ones of the same purpose. Returns false, without a token, if
-- the address or the account got p_most mails of this purpose in the last hour. p_most is null for a mail that is tried again.
-- The tokens of one mail are issued by one statement, so they have the same created_at.
CREATE OR REPLACE FUNCTION issue_token(p_user BIGINT, p_purpose TEXT, p_email TEXT, p_hash BYTEA, p_minutes INTEGER, p_most INTEGER)
RETURNS BOOLEAN LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_since TIMESTAMPTZ := now() - interval '1 hour';
BEGIN
  IF (SELECT count(*) FROM one_time_tokens t WHERE t.user_id = p_user AND t.purpose = p_purpose AND t.created_at > v_since) >= p_most
    OR (SELECT count(DISTINCT t.created_at) FROM one_time_tokens t
      WHERE lower(t.email COLLATE "C") = lower(p_email COLLATE "C") AND t.purpose = p_purpose AND t.created_at > v_since
        AND t.created_at <> now()::timestamptz(3)) >= p_most THEN
    RETURN false;
  END IF;
  PERFORM void_tokens(p_user, p_purpose);
  INSERT INTO one_time_tokens (hash, purpose, user_id, email, expires_at)
    VALUES (p_hash, p_purpose, p_user, p_email, now() + make_interval(mins => p_minutes));
  RETURN true;
END $$;
