-- How many rooms a user is in; counts to p_max at most. Returns a set, so that PostgreSQL plans it as a part of its caller.
CREATE OR REPLACE FUNCTION rooms_of(p_user BIGINT, p_max INTEGER) RETURNS TABLE (rooms BIGINT) LANGUAGE sql STABLE ROWS 1 AS $$
  SELECT count(*) FROM (SELECT FROM memberships m WHERE m.user_id = p_user LIMIT p_max) AS counted
$$;
