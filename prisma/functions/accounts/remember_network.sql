-- Stores a network of an account, and keeps the twenty that were used last. A network stored within a day is not stored
-- again.
CREATE OR REPLACE FUNCTION remember_network(p_user BIGINT, p_hash BYTEA) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  IF EXISTS (
    SELECT FROM known_networks WHERE user_id = p_user AND hash = p_hash AND last_used_at > now() - interval '1 day'
  ) THEN
    RETURN;
  END IF;
  INSERT INTO known_networks (user_id, hash) VALUES (p_user, p_hash)
  ON CONFLICT (user_id, hash) DO UPDATE SET last_used_at = now();
  DELETE FROM known_networks WHERE (user_id, hash) IN (
    SELECT n.user_id, n.hash FROM known_networks n WHERE n.user_id = p_user
    ORDER BY n.last_used_at DESC, n.hash OFFSET 20 FOR UPDATE SKIP LOCKED
  );
END $$;
