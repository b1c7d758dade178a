-- Notes a use of a passkey. Returns false if its counter is not above the last one: then the key may have been copied. A counter that
-- stays 0 says nothing.
CREATE OR REPLACE FUNCTION use_passkey(p_passkey BIGINT, p_counter BIGINT) RETURNS BOOLEAN LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  UPDATE passkeys k SET counter = p_counter, last_used_at = now()
  WHERE k.id = p_passkey AND (k.counter < p_counter OR k.counter + p_counter = 0);
  RETURN FOUND;
END $$;
