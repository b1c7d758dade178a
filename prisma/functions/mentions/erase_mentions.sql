-- Removes mentions of erased users, at most p_limit. Returns how many it removed. The names of accounts are also in texts:
-- erase_mentions_of removes both.
CREATE OR REPLACE FUNCTION erase_mentions(p_limit INT) RETURNS BIGINT LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_gone TID[] := ARRAY(SELECT s.ctid FROM users u JOIN message_mentions s ON s.user_id = u.id
    WHERE u.deleted_at IS NOT NULL AND NOT EXISTS (SELECT FROM erasures e WHERE e.user_id = u.id) LIMIT p_limit);
BEGIN
  DELETE FROM message_mentions s WHERE s.ctid = ANY (v_gone);
  RETURN cardinality(v_gone);
END $$;
