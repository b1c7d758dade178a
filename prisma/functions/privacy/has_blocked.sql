-- Whether a user has blocked another one.
-- A plan that was made while there were no blocks would read all of them: enable_seqscan.
CREATE OR REPLACE FUNCTION has_blocked(p_user BIGINT, p_other BIGINT) RETURNS BOOLEAN LANGUAGE plpgsql STABLE SET enable_seqscan = off AS $$
BEGIN
  RETURN EXISTS (SELECT FROM user_blocks b WHERE b.user_id = p_user AND b.blocked_id = p_other);
END $$;
