-- Names and addresses are compared alike in every locale of a database, and as nodes compare them: only A to Z have
-- another case, because no name and no address has other letters. lower() made an i of the Turkish capital I.
DROP INDEX users_username_key;
CREATE UNIQUE INDEX users_username_key ON users (lower(username COLLATE "C"));
DROP INDEX users_email_key;
CREATE UNIQUE INDEX users_email_key ON users (lower(email COLLATE "C")) WHERE email IS NOT NULL;

-- Where somebody has signed in or refreshed a session: from there, the owner of an account is let in while others guess
-- its password. Only keyed hashes are stored.
CREATE TABLE known_networks (
  user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  hash BYTEA NOT NULL,
  last_used_at TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY (user_id, hash)
);
CREATE INDEX known_networks_last_used_at_idx ON known_networks (last_used_at);

-- Keeps the twenty networks of an account that were used last. A network that was noted within a day is not noted again.
CREATE FUNCTION remember_network(p_user BIGINT, p_hash BYTEA) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
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
