-- Ends blocks of a deleted user, at most 100, each with the event in the log of the user who made it. A direct room that was closed by a
-- block stays closed. Returns these users.
CREATE OR REPLACE FUNCTION lift_blocks(p_user BIGINT) RETURNS BIGINT[] LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_users BIGINT[] := ARRAY(SELECT b.user_id FROM user_blocks b WHERE b.blocked_id = p_user ORDER BY b.user_id LIMIT 100);
BEGIN
  PERFORM lock_accounts(v_users);
  -- Some may have ended meanwhile.
  WITH ended AS (
    DELETE FROM user_blocks b WHERE b.blocked_id = p_user AND b.user_id = ANY (v_users) RETURNING b.user_id
  ) SELECT coalesce(array_agg(e.user_id), '{}') INTO v_users FROM ended e;
  PERFORM append_account_events(v_users, 13::smallint, NULL, array_fill(p_user, ARRAY[cardinality(v_users)]));
  RETURN v_users;
END $$;
