-- Counts the rooms of a user, up to p_max. It returns a set, so that PostgreSQL can inline it.
CREATE OR REPLACE FUNCTION rooms_of(p_user BIGINT, p_max INTEGER) RETURNS TABLE (rooms BIGINT) LANGUAGE sql STABLE ROWS 1 AS $$
  SELECT count(*) FROM (SELECT FROM memberships m WHERE m.user_id = p_user LIMIT p_max) AS counted
$$;
