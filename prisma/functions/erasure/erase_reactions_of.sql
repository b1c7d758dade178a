-- Removes reactions of a deleted user, at most p_limit, each with its event. Returns how many it removed.
CREATE OR REPLACE FUNCTION erase_reactions_of(p_user BIGINT, p_limit INT) RETURNS BIGINT LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  RETURN remove_reactions(ARRAY(SELECT r FROM reactions r WHERE r.user_id = p_user LIMIT p_limit));
END $$;
