-- Suspends a user, which ends all sessions of the user, or ends the suspension. Returns the ended sessions.
CREATE OR REPLACE FUNCTION suspend_user(p_user BIGINT, p_is_suspended BOOLEAN) RETURNS BIGINT[] LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_ended BIGINT[];
BEGIN
  UPDATE users u SET suspended_at = CASE WHEN p_is_suspended THEN now() END WHERE u.id = p_user;
  -- A separate statement: it must see sessions that began while this one waited. Concurrent ones lock in one order.
  WITH ended AS (
    UPDATE sessions s SET revoked_at = clock_timestamp() WHERE s.id IN (
      SELECT x.id FROM sessions x WHERE p_is_suspended AND x.user_id = p_user AND x.revoked_at IS NULL ORDER BY x.id FOR NO KEY UPDATE
    ) AND s.revoked_at IS NULL RETURNING s.id
  ) SELECT coalesce(array_agg(e.id), '{}') INTO v_ended FROM ended e;
  RETURN v_ended;
END $$;
