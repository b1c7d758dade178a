-- Makes a user an administrator of the server, or ends that. p_actor is null for the command line.
-- status: OK, SAME, FORBIDDEN (p_actor is no administrator), NO_USER (also for guests), LAST_ADMIN
CREATE OR REPLACE FUNCTION set_server_role(p_actor BIGINT, p_user BIGINT, p_is_admin BOOLEAN) RETURNS TEXT LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_is_admin BOOLEAN;
BEGIN
  -- One at a time, so that two administrators cannot remove each other.
  PERFORM pg_advisory_xact_lock(hashtextextended('server roles', 0));
  IF p_actor IS NOT NULL AND NOT is_administrator(p_actor) THEN
    RETURN 'FORBIDDEN';
  END IF;
  SELECT u.is_admin INTO v_is_admin FROM users u
  WHERE u.id = p_user AND u.deleted_at IS NULL AND u.guest_room_id IS NULL FOR NO KEY UPDATE;
  IF v_is_admin IS NULL THEN
    RETURN 'NO_USER';
  ELSIF v_is_admin = p_is_admin THEN
    RETURN 'SAME';
  ELSIF NOT p_is_admin AND NOT EXISTS (SELECT FROM users u WHERE u.is_admin AND u.id <> p_user AND is_administrator(u.id)) THEN
    RETURN 'LAST_ADMIN';
  END IF;
  UPDATE users u SET is_admin = p_is_admin WHERE u.id = p_user;
  RETURN 'OK';
END $$;
