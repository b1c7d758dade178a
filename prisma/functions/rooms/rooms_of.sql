-- How many rooms a user is in; counts to p_max at most.
CREATE OR REPLACE FUNCTION rooms_of(p_user BIGINT, p_max INTEGER) RETURNS BIGINT LANGUAGE sql STABLE AS $$
  SELECT count(*) FROM (SELECT FROM memberships m WHERE m.user_id = p_user LIMIT p_max) AS counted
$$;
