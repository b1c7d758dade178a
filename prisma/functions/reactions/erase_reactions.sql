-- Removes reactions of erased users, at most p_limit, each with its event. Returns how many it removed.
CREATE OR REPLACE FUNCTION erase_reactions(p_limit INT) RETURNS BIGINT LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  RETURN remove_reactions(ARRAY(SELECT r FROM users u JOIN reactions r ON r.user_id = u.id WHERE u.deleted_at IS NOT NULL LIMIT p_limit));
END $$;
