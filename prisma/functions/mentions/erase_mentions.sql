-- Removes mentions of erased users, at most p_limit. Returns how many there were.
CREATE OR REPLACE FUNCTION erase_mentions(p_limit INT) RETURNS BIGINT LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  gone message_mentions[] := ARRAY(SELECT s FROM users u JOIN message_mentions s ON s.user_id = u.id WHERE u.deleted_at IS NOT NULL LIMIT p_limit);
BEGIN
  DELETE FROM message_mentions s USING unnest(gone) AS g WHERE s.room_id = g.room_id AND s.room_seq = g.room_seq AND s.user_id = g.user_id;
  RETURN cardinality(gone);
END $$;
