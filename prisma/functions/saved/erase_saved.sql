-- Removes what erased users had saved, at most p_limit rows. Returns how many it removed.
CREATE OR REPLACE FUNCTION erase_saved(p_limit INT) RETURNS BIGINT LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_gone TID[] := ARRAY(SELECT s.ctid FROM users u JOIN saved_messages s ON s.user_id = u.id WHERE u.deleted_at IS NOT NULL LIMIT p_limit);
BEGIN
  DELETE FROM saved_messages s WHERE s.ctid = ANY (v_gone);
  RETURN cardinality(v_gone);
END $$;
