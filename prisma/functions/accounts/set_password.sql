-- Sets another password. A change of the address that is not verified yet is forgotten, all links of mails become void, and all
-- sessions end except p_keep. Returns the ended sessions; null if the password hash is not p_from (null: any).
-- With p_sends_mail, the verified address gets a notice.
CREATE OR REPLACE FUNCTION set_password(p_user BIGINT, p_from TEXT, p_to TEXT, p_keep BIGINT, p_sends_mail BOOLEAN DEFAULT false)
RETURNS BIGINT[] LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_ended BIGINT[];
BEGIN
  UPDATE users u SET password_hash = p_to, new_email = NULL WHERE u.id = p_user AND u.password_hash IS NOT DISTINCT FROM coalesce(p_from, u.password_hash);
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  PERFORM void_tokens(p_user, NULL);
  IF p_sends_mail THEN
    PERFORM add_security_mail(p_user, 'password-changed');
  END IF;
  -- A separate statement: it must see sessions that began while the previous ones waited. Concurrent ones lock in one order.
  WITH ended AS (
    UPDATE sessions s SET revoked_at = clock_timestamp() WHERE s.id IN (
      SELECT x.id FROM sessions x WHERE x.user_id = p_user AND x.id IS DISTINCT FROM p_keep AND x.revoked_at IS NULL ORDER BY x.id FOR NO KEY UPDATE
    ) AND s.revoked_at IS NULL RETURNING s.id
  ) SELECT coalesce(array_agg(e.id), '{}') INTO v_ended FROM ended e;
  RETURN v_ended;
END $$;
